"""Undo: what an operation did is taken back, field by field, only where nobody has changed it since."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.config import readiness
from rapport.parties.models import Party
from rapport.platform.identity.models import User
from rapport.records import registry, revert, rows, search_read, write
from rapport.records.errors import Forbidden, NotFound
from rapport.sales.models import Deal
from tests.imports.screens import work


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
    assert readiness.deep() == []


def make(**values: Any) -> Party:
    return write.create(registry.get("party"), {"name": "Acme"} | values)


def change(party: Party, **values: Any) -> str:
    """Change in an operation of its own; its id."""
    with write.operation() as done:
        write.change(registry.get("party"), party.id, values)
    return done.id


def now(party: Party) -> Party:
    return Party.objects.get(id=party.id)


def test_an_edit_is_taken_back_in_every_field() -> None:
    party = make(employees=5, roles=["customer"], annual_revenue="10", currency="USD")
    before = rows.values_of(now(party))
    done = change(party, name="Other", employees=None, roles=["supplier"], annual_revenue="20.50", industry="Retail")
    outcome = revert.revert(done)
    assert (party.id in outcome.reverted, outcome.kept_changed, outcome.failed) == (True, [], [])
    assert rows.values_of(now(party)) == before
    assert [hit.id for hit in search_read.search("acme")] == [party.id]


def test_what_was_changed_since_stays_and_the_rest_goes_back() -> None:
    party = make()
    done = change(party, industry="Retail", employees=7)
    change(party, employees=9)
    outcome = revert.revert(done)
    assert (outcome.reverted, outcome.kept_changed) == ([], [party.id])
    assert (now(party).industry, now(party).employees) == (None, 9)


def test_twice_is_once() -> None:
    party = make()
    done = change(party, industry="Retail")
    revert.revert(done)
    version = now(party).version
    assert revert.revert(done).reverted == []
    assert now(party).version == version


def test_a_creation_is_binned_unless_somebody_worked_on_it() -> None:
    with write.operation() as done:
        untouched, worked_on = make(), make(name="Other")
    change(worked_on, employees=3)
    outcome = revert.revert(done.id)
    assert (outcome.reverted, outcome.kept_changed) == ([untouched.id], [worked_on.id])
    assert now(untouched).binned_at is not None
    assert now(worked_on).binned_at is None
    assert revert.revert(done.id).reverted == []


def test_one_operation_that_made_and_changed_a_record_is_taken_back_whole() -> None:
    with write.operation() as done:
        party = make()
        write.change(registry.get("party"), party.id, {"employees": 3})
    outcome = revert.revert(done.id)
    assert outcome.kept_changed == []
    assert now(party).binned_at is not None


def test_an_undo_can_be_undone() -> None:
    party = make()
    done = change(party, industry="Retail")
    undone = revert.revert(done)
    assert now(party).industry is None
    revert.revert(undone.operation)
    assert now(party).industry == "Retail"


def test_binning_is_taken_back() -> None:
    party = make()
    with write.operation() as done:
        write.put_in_bin(registry.get("party"), party.id)
    assert search_read.search("acme") == []
    assert revert.revert(done.id).reverted == [party.id]
    assert [hit.id for hit in search_read.search("acme")] == [party.id]


def test_many_records_over_several_slices_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revert, "SLICE", 3)
    parties = [make(name=f"P{n}") for n in range(8)]
    with write.operation() as done:
        for party in parties:
            write.change(registry.get("party"), party.id, {"industry": "Retail"})
            write.change(registry.get("party"), party.id, {"employees": 1})
    revert.revert(done.id)
    assert {(now(p).industry, now(p).employees) for p in parties} == {(None, None)}


def test_nobody_takes_back_what_he_may_not_change(
    seller: User, other_seller: User, reader: User, acting: Callable[..., Any]
) -> None:
    with acting(seller):
        party = make()
        done = change(party, industry="Retail")
    for user in (other_seller, reader):
        with acting(user):
            with pytest.raises(Forbidden):
                revert.may_revert(done, user.id, False)
            outcome = revert.revert(done)
            assert (outcome.reverted, len(outcome.failed)) == ([], 1)
    assert now(party).industry == "Retail"
    revert.may_revert(done, seller.id, False)


def test_what_never_was_cannot_be_taken_back() -> None:
    for act in (lambda: revert.revert("0" * 32), lambda: revert.may_revert("0" * 32, None, True)):
        with pytest.raises(NotFound):
            act()


def test_somebody_s_records_go_back_with_him_to_his_team(seller: User) -> None:
    deal = write.create(registry.get("deal"), {"name": "Mill", "owner": seller.id})
    was = deal.team_id
    with write.operation() as done:
        write.change(registry.get("user"), seller.id, {"team": "South"})
    work()
    assert Deal.objects.get(id=deal.id).team_id != was
    assert revert.revert(done.id).reverted == [seller.id]
    work()
    assert Deal.objects.get(id=deal.id).team_id == was
