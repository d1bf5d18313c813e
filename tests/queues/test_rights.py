"""Who sees what waits in a queue, who takes it, who puts something there, and what a queue is no place for."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.platform.actor import as_system, current
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import Role, User
from rapport.records import granting, registry, revert, sharing, totals, write
from rapport.records.errors import NotFound, Refused
from rapport.records.operation import operation
from rapport.records.queues import keeping, taking
from tests.people import Api

Clients = Callable[..., Api]
ACT = "deals/{}/actions/{}"


def level(role: str, place: tuple[str, str], level: str) -> None:
    """A role goes so far from now on."""
    with as_system("tests"):
        granting.grant(str(Role.objects.get(key=role).id), {place: level})


def test_what_waits_is_seen_by_its_members_and_those_who_see_all(
    queue: SimpleNamespace, admin: User, manager: User, seller: User, other_seller: User, reader: User, api: Clients
) -> None:
    for user, sees in ((seller, True), (other_seller, True), (admin, True), (reader, True), (manager, False)):
        client = api(user)
        for sort in ("created_at", "name", "owner"):
            assert (queue.deal in [item["id"] for item in client.items("deals", sort=sort)]) is sees
        assert client.get(f"deals/{queue.deal}").status_code == (200 if sees else 404)
        assert (queue.deal in [hit["id"] for hit in client.get("search", q="zebra").json()["items"]]) is sees
        assert client.get("deals", count="exact").json()["count"] == (1 if sees else 0)
        there = client.items("deals", filter={"field": "team", "op": "eq", "value": queue.id})
        assert [(item["owner"], item["team"]) for item in there] == [(None, queue.id)] * sees


def test_boards_count_what_waits_for_its_members(
    queue: SimpleNamespace, manager: User, seller: User, acting: Callable[..., Any]
) -> None:
    for user, count in ((seller, 1), (manager, 0)):
        with acting(user):
            assert sum(each.count for each in totals.kept(registry.get("deal"), current())) == count


def test_a_member_takes_and_the_others_see_it_no_more(
    queue: SimpleNamespace, seller: User, other_seller: User, api: Clients
) -> None:
    taken = api(seller).post(ACT.format(queue.deal, "take"))
    assert taken.status_code == 200, taken.content
    assert (taken.json()["owner"], taken.json()["team"]) == (seller.id, seller.team_id)
    other = api(other_seller)
    assert other.get(f"deals/{queue.deal}").status_code == 404
    assert other.get("search", q="zebra").json()["items"] == []
    late = other.post(ACT.format(queue.deal, "take"))
    assert late.status_code == 422
    assert late.json()["detail"].startswith(f"{seller.name} took it ")
    assert late.json()["detail"].endswith("ago.")
    assert api(seller).post(ACT.format(queue.deal, "take")).status_code == 200  # twice is once
    changes = api(seller).items(f"deals/{queue.deal}/changes")
    assert [change["verb"] for change in changes] == ["take", "created"]


def test_nothing_is_told_of_what_never_waited_for_one(
    queue: SimpleNamespace, manager: User, seller: User, api: Clients
) -> None:
    api(seller).post(ACT.format(queue.deal, "take"))
    assert api(manager).post(ACT.format(queue.deal, "take")).status_code == 422  # his team has it by now
    own = api(seller).make("deals", {"name": "Mine"})["id"]
    assert api(seller).post(ACT.format(own, "queue"), {"queue": "Second line"}).status_code == 200
    assert api(seller).get(f"deals/{own}").status_code == 404  # he is no member there
    assert api(seller).post(ACT.format(own, "take")).status_code == 404


def test_whose_role_knows_no_such_objects_or_only_looks_takes_nothing(
    queue: SimpleNamespace, seller: User, api: Clients
) -> None:
    level("sales", ("deal", "change"), "none")
    assert api(seller).get(f"deals/{queue.deal}").status_code == 200
    assert api(seller).post(ACT.format(queue.deal, "take")).status_code == 403
    assert api(seller).patch(f"deals/{queue.deal}", {"name": "Other"}).status_code == 403
    level("sales", ("deal", "view"), "none")
    assert api(seller).get(f"deals/{queue.deal}").status_code == 403
    assert api(seller).post(ACT.format(queue.deal, "take")).status_code == 403


def test_a_member_edits_what_waits_and_it_stays_there(queue: SimpleNamespace, seller: User, api: Clients) -> None:
    answer = api(seller).patch(f"deals/{queue.deal}", {"name": "Better named", "owner": None})
    assert answer.status_code == 200
    assert answer.json()["team"] == queue.id


def test_an_owner_ends_the_waiting(queue: SimpleNamespace, seller: User, other_seller: User, api: Clients) -> None:
    given = api(seller).patch(f"deals/{queue.deal}", {"owner": other_seller.id}).json()
    assert (given["owner"], given["team"]) == (other_seller.id, other_seller.team_id)
    late = api(seller).post(ACT.format(queue.deal, "take"))
    assert late.status_code == 422
    assert f"{other_seller.name} got it" in late.json()["detail"]


def test_who_has_a_record_by_his_role_puts_it_into_a_queue_and_a_share_does_not_suffice(
    queue: SimpleNamespace, seller: User, other_seller: User, manager: User, api: Clients, acting: Callable[..., Any]
) -> None:
    own = api(seller).make("deals", {"name": "Shared"})["id"]
    with acting(seller):
        sharing.share(registry.get("deal"), own, {"user": other_seller.id, "level": "change"})
    refused = api(other_seller).post(ACT.format(own, "queue"), {"queue": queue.id})
    assert refused.status_code == 403
    assert api(manager).post(ACT.format(own, "queue"), {"queue": "Inbound leads"}).status_code == 200
    assert api(seller).get(f"deals/{own}").json()["owner"] is None
    for wrong in ("No such", seller.team_id, None):
        answer = api(seller).post(ACT.format(own, "queue"), {"queue": wrong} if wrong else {})
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["field"] == "queue"


def test_an_owner_can_be_written_as_a_queue(queue: SimpleNamespace, seller: User, api: Clients) -> None:
    client = api(seller)
    made = client.make("parties", {"name": "Born waiting", "owner": f"queue:{queue.id}"})
    assert (made["owner"], made["team"]) == (None, queue.id)
    own = client.make("parties", {"name": "Handed in"})["id"]
    assert client.patch(f"parties/{own}", {"owner": "queue:Inbound leads"}).json()["team"] == queue.id
    wrong = client.patch(f"parties/{own}", {"owner": "queue:Nowhere"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "owner"
    tag = client.post("tags", {"name": "odd", "owner": f"queue:{queue.id}"})
    assert tag.status_code in (403, 422)


def test_a_task_waits_as_its_departments_do(
    queue: SimpleNamespace, seller: User, other_seller: User, api: Clients
) -> None:
    task = api(seller).make("tasks", {"title": "Check the order", "assignee": seller.id})
    put = api(seller).post(f"tasks/{task['id']}/actions/queue", {"queue": queue.id}).json()
    assert (put["assignee"], put["owner"], put["department"], put["team"]) == (None, None, queue.id, queue.id)
    taken = api(other_seller).post(f"tasks/{task['id']}/actions/take")
    assert taken.status_code == 200, taken.content
    assert taken.json()["assignee"] == taken.json()["owner"] == other_seller.id
    late = api(seller).post(f"tasks/{task['id']}/actions/take")
    assert late.status_code == 422
    assert "took it" in late.json()["detail"]


def test_undo_of_taking_puts_it_back_and_undo_of_putting_gives_it_back(
    queue: SimpleNamespace, seller: User, other_seller: User, api: Clients, acting: Callable[..., Any]
) -> None:
    entity = registry.get("deal")
    with acting(seller):
        with operation() as done:
            taking.take(entity, queue.deal, {})
        assert revert.revert(done.id).reverted == [queue.deal]
    assert api(other_seller).get(f"deals/{queue.deal}").json()["team"] == queue.id
    assert api(other_seller).get("search", q="zebra").json()["items"] != []
    with acting(seller):
        own = write.create(entity, {"name": "Back and forth"}).id
        with operation() as done:
            taking.put(entity, own, {"queue": queue.id})
        assert revert.revert(done.id).reverted == [own]
    assert api(seller).get(f"deals/{own}").json()["owner"] == seller.id


def test_its_timeline_and_history_say_it(queue: SimpleNamespace, seller: User, api: Clients) -> None:
    client = api(seller)
    client.post(ACT.format(queue.deal, "take"))
    told = [(entry["verb"], entry["queue"]) for entry in client.items(f"deals/{queue.deal}/timeline")]
    assert told[0] == ("taken", "Inbound leads")
    assert ("queued", "Inbound leads") in told
    [first, *_rest] = client.items(f"deals/{queue.deal}/changes")
    assert first["before"]["team"] == queue.id
    assert first["after"]["owner"] == seller.id


def test_queues_stand_outside_the_tree_of_teams(
    queue: SimpleNamespace, admin: User, seller: User, api: Clients
) -> None:
    client = api(admin)
    teams = client.items("teams", filter={"field": "kind", "op": "eq", "value": "team"})
    assert queue.id not in [team["id"] for team in teams]
    north = teams[0]["id"]
    for path, data, field in (
        (f"users/{seller.id}", {"team": queue.id}, "team"),
        (f"teams/{north}", {"parent": queue.id}, "parent"),
        (f"teams/{queue.id}", {"parent": north}, "parent"),
        (f"teams/{queue.id}", {"leader": seller.id}, "leader"),
        (f"teams/{queue.id}", {"kind": "team"}, "kind"),
        (f"teams/{seller.team_id}", {"kind": "queue"}, "kind"),
    ):
        answer = client.patch(path, data)
        assert answer.status_code == 422, (path, data)
        assert answer.json()["errors"][0]["field"] == field
    assert client.patch(f"teams/{queue.id}", {"is_closed": True}).status_code == 403
    made = client.make("parties", {"name": "To share"})["id"]
    refused = client.post(f"parties/{made}/actions/share", {"team": queue.id})
    assert refused.status_code == 422


def test_members_come_and_go_and_it_counts_at_once(
    queue: SimpleNamespace, admin: User, seller: User, api: Clients, acting: Callable[..., Any]
) -> None:
    client = api(seller)
    with acting(admin):
        with operation() as done:
            keeping.leave(queue.id, seller.id)
        assert client.get(f"deals/{queue.deal}").status_code == 404
        revert.revert(done.id)
        assert client.get(f"deals/{queue.deal}").status_code == 200
        assert keeping.join(queue.id, seller.id) is None
        write.change(registry.get("user"), seller.id, {"is_active": False})
        with pytest.raises(Refused):
            keeping.join(queue.empty, seller.id)
    assert seller.id not in snapshot.current().members
    assert access.actor_of(seller).queues == ()


def test_a_queue_is_closed_when_nothing_waits_in_it(
    queue: SimpleNamespace, admin: User, seller: User, api: Clients, acting: Callable[..., Any]
) -> None:
    with acting(admin):
        with pytest.raises(Refused, match="Deals"):
            keeping.close(queue.id)
        keeping.close(queue.empty)
        with pytest.raises(NotFound):
            keeping.close(str(seller.team_id))
    own = api(seller).make("deals", {"name": "Late"})["id"]
    answer = api(seller).post(ACT.format(own, "queue"), {"queue": queue.empty})
    assert answer.status_code == 422
    assert "closed" in answer.json()["detail"]
    with acting(admin):
        keeping.reopen(queue.empty)
    assert api(seller).post(ACT.format(own, "queue"), {"queue": queue.empty}).status_code == 200
