"""How long something has waited, and taking back that it was put where one does not see it."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.platform.actor import current
from rapport.platform.identity.models import User
from rapport.records import registry, revert, write
from rapport.records.models import Change
from rapport.records.operation import operation
from rapport.records.queues import taking, waiting
from tests.people import Api

Clients = Callable[..., Api]


def ago(days: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=days)


def put(user: User, acting: Callable[..., Any], deal: str, queue: str) -> str:
    with acting(user), operation() as done:
        taking.put(registry.get("deal"), deal, {"queue": queue})
    return str(done.id)


def test_age_is_the_time_in_the_queue_and_the_longest_waiting_comes_first(
    queue: SimpleNamespace, seller: User, other_seller: User, acting: Callable[..., Any], api: Clients
) -> None:
    deals = registry.get("deal")
    # Made long ago, put there lately; made later, but there all the time.
    late = api(seller).make("deals", {"name": "Long ours"})["id"]
    deals.model.objects.filter(id=late).update(created_at=ago(90))
    deals.model.objects.filter(id=queue.deal).update(created_at=ago(10))
    Change.objects.filter(operation=put(seller, acting, late, queue.id)).update(at=ago(2))
    with acting(seller):
        waits = [each for each in waiting.oldest(current(), 5)[queue.id] if each.sort.entity.key == "deal"]
        assert [each.id for each in waits] == [queue.deal, late]
        assert [each.since[:10] for each in waits] == [f"{ago(10):%Y-%m-%d}", f"{ago(2):%Y-%m-%d}"]
        write.change(deals, late, {"name": "Longer ours"})
    # Who takes it and gives it back by undo has not begun its waiting anew; who puts it there again has.
    with acting(other_seller), operation() as done:
        taking.take(deals, late, {})
    with acting(other_seller):
        revert.revert(done.id)
        assert {each.id: each.since[:10] for each in waiting.oldest(current(), 5)[queue.id]}[late] == (
            f"{ago(2):%Y-%m-%d}"
        )
        taking.take(deals, late, {})
    put(other_seller, acting, late, queue.id)
    with acting(seller):
        assert {each.id: each.since[:10] for each in waiting.oldest(current(), 5)[queue.id]}[late] == (
            f"{ago(0):%Y-%m-%d}"
        )


def test_every_sort_that_waits_is_told_however_much_of_another_waits_longer(
    queue: SimpleNamespace, seller: User, admin: User, acting: Callable[..., Any], api: Clients
) -> None:
    for n in range(7):
        api(admin).make("parties", {"name": f"Lead {n}", "owner": f"queue:{queue.id}"})
    api(admin).make("tasks", {"title": "Ring back", "owner": f"queue:{queue.id}"})
    with acting(seller):
        waits = waiting.oldest(current(), 3)[queue.id]
    sorts = [each.sort.entity.key for each in waits]
    assert sorted(sorts) == ["deal", "party", "party", "party", "task"]
    assert sorted(each.since for each in waits) == [each.since for each in waits]


def test_who_puts_his_own_into_a_queue_of_others_takes_it_back(
    queue: SimpleNamespace, seller: User, acting: Callable[..., Any], api: Clients
) -> None:
    own = api(seller).make("deals", {"name": "Mine", "amount": "5"})["id"]
    done = put(seller, acting, own, queue.empty)
    assert api(seller).get(f"deals/{own}").status_code == 404
    with acting(seller):
        assert revert.revert(done).reverted == [own]
    found = api(seller).get(f"deals/{own}").json()
    assert (found["owner"], found["team"]) == (seller.id, seller.team_id)


def test_many_put_there_at_once_come_back_at_once(
    queue: SimpleNamespace, seller: User, acting: Callable[..., Any], api: Clients
) -> None:
    keys = [api(seller).make("deals", {"name": f"Mine {n}"})["id"] for n in range(3)]
    with acting(seller), operation() as done:
        for key in keys:
            taking.put(registry.get("deal"), key, {"queue": queue.empty})
    with acting(seller):
        assert sorted(revert.revert(done.id).reverted) == sorted(keys)


@pytest.mark.parametrize("what", ["taken", "changed", "moved on", "binned"])
def test_what_became_of_it_in_the_queue_is_not_taken_back(
    queue: SimpleNamespace, seller: User, admin: User, acting: Callable[..., Any], api: Clients, what: str
) -> None:
    own = api(seller).make("deals", {"name": "Mine"})["id"]
    done = put(seller, acting, own, queue.empty)
    deals = registry.get("deal")
    with acting(admin):
        if what == "taken":
            taking.take(deals, own, {})
        elif what == "moved on":
            taking.put(deals, own, {"queue": queue.id})
            write.change(deals, own, {"owner": admin.id})
        elif what == "binned":
            write.put_in_bin(deals, own)
        else:
            write.change(deals, own, {"name": "Theirs"})
    with acting(seller):
        found = revert.revert(done)
    assert found.reverted == []
    assert found.failed == [(own, "Not undone: somebody has taken or changed it in the queue.")]
    assert api(admin).get(f"deals/{own}", binned="true").json()["owner"] != seller.id


def test_only_who_put_it_there_takes_it_back(
    queue: SimpleNamespace, seller: User, other_seller: User, admin: User, acting: Callable[..., Any], api: Clients
) -> None:
    own = api(seller).make("deals", {"name": "His"})["id"]
    done = put(admin, acting, own, queue.empty)
    for user in (seller, other_seller):
        with acting(user):
            assert revert.revert(done).reverted == []
    assert api(admin).get(f"deals/{own}").json()["team"] == queue.empty
