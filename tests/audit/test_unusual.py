"""Who takes out far more than he usually does, and than colleagues do, is pointed out with the figures."""

import datetime as dt

import pytest

from rapport.platform.clock import now, today
from rapport.platform.identity.models import User
from rapport.platform.keys import key_at
from rapport.records.audit import unusual
from rapport.records.models import ExportRun, ReadTally
from tests.audit.conftest import Screen


def exported(user: User, rows: int, weeks_ago: int) -> None:
    at = now() - dt.timedelta(days=7 * weeks_ago, hours=1)
    key = key_at(int(at.timestamp() * 1000), rows)
    ExportRun.objects.create(
        id=key, at=at, actor=user.id, source="ui", entity="party", format="csv", rows=rows, status="done"
    )


def test_far_above_ones_own_weeks_and_those_of_colleagues(
    screen: Screen, seller: User, manager: User, other_seller: User
) -> None:
    for week in range(1, 12):
        exported(seller, 200 + week, week)
    exported(seller, 8000, 0)
    exported(manager, 500, 0)
    exported(other_seller, 300, 0)
    [found] = unusual.found()
    assert (found.user, found.name, found.rows, found.people) == (seller.id, "Sam Seller", 8000, 2)
    assert 200 <= found.own <= 212
    assert found.others == 400
    page = screen.client.get("/audit").content.decode()
    assert "Sam Seller took out 8,000 records in the last 7 days." in page
    assert "Median of the 2 colleagues who took anything out: 400." in page
    assert "took out" not in screen.client.get("/audit?kind=created").content.decode(), "on its first page alone"


def test_who_always_takes_much_out_is_not_pointed_out(organisation: None, seller: User) -> None:
    for week in range(13):
        exported(seller, 9000 + 100 * week, week)
    assert not unusual.found()


def test_little_is_nobodys_worry(organisation: None, seller: User) -> None:
    exported(seller, unusual.LEAST, 0)
    assert not unusual.found()


def test_what_programs_read_counts_as_well(organisation: None, seller: User) -> None:
    ReadTally.objects.create(day=today(), user=seller.id, source="api", entity="party", requests=90, rows=90_000)
    ReadTally.objects.create(
        day=today() - dt.timedelta(days=8), user=seller.id, source="api", entity="party", requests=1, rows=50
    )
    [found] = unusual.found()
    assert (found.rows, found.own, found.people) == (90_000, 0, 0)


@pytest.mark.parametrize(("counts", "most"), [([], 0), ([10] * 5, 30), ([10, 20, 30, 1000], 25 + 6 * 1.4826 * 10)])
def test_one_outlier_does_not_move_what_is_usual(counts: list[int], most: float) -> None:
    assert unusual.bound(counts) == pytest.approx(most, rel=0.01)
