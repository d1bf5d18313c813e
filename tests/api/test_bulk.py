"""Many writes at once: in order, one deed, all or nothing unless each is to stand for itself."""

from collections.abc import Callable
from typing import Any

import pytest

from rapport.platform.identity.models import User
from rapport.records import batch, notices, revert
from rapport.records.errors import Refused
from rapport.records.models import Change, Notification
from rapport.records.operation import Operation, operation, part
from tests.people import Api

Client = Callable[..., Api]
Steps = list[dict[str, Any]]


def parties(count: int) -> Steps:
    return [{"op": "create", "data": {"name": f"Party {n}", "external_id": f"P-{n}"}} for n in range(count)]


def send(client: Api, plural: str, steps: Any, **given: Any) -> Any:
    return client.post(f"{plural}/bulk", {"operations": steps}, **given)


def count(client: Api, plural: str = "parties") -> int:
    return int(client.get(plural, count="exact").json()["count"])


def test_every_kind_of_write_is_answered_in_order_as_it_would_be_alone(admin: User, api: Client) -> None:
    client = api(admin)
    deal = client.make("deals", {"name": "Old", "external_id": "D-0"})
    gone = client.make("deals", {"name": "Gone"})["id"]
    client.delete(f"deals/{gone}")
    steps = [
        {"op": "create", "data": {"name": "New"}},
        {"op": "change", "id": deal["id"], "data": {"amount": "10"}, "version": 1},
        {"op": "upsert", "match": "external_id", "data": {"name": "Renamed", "external_id": "D-0"}},
        {"op": "upsert", "match": "external_id", "data": {"name": "Other", "external_id": "D-1"}},
        {"op": "action", "id": deal["id"], "verb": "move_to", "args": {"stage": "Won"}},
        {"op": "action", "id": deal["id"], "verb": "share", "args": {"team": "South"}},
        {"op": "restore", "id": gone},
        {"op": "delete", "id": deal["id"], "version": 5},
    ]
    answer = send(client, "deals", steps)
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [each["status"] for each in results] == [201, 200, 200, 201, 200, 200, 200, 204]
    assert [each["version"] for each in results] == [1, 2, 3, 1, 4, 5, 3, 6]
    assert {item["name"] for item in client.items("deals")} == {"New", "Other", "Gone"}
    operations = {row.operation for row in Change.objects.filter(entity="deal").order_by("-id")[:8]}
    assert operations == {answer.json()["operation"]}


def test_the_first_problem_undoes_all_and_says_where_it_was(admin: User, api: Client) -> None:
    client = api(admin)
    steps = [*parties(2), {"op": "create", "data": {"name": "Bad", "employees": "many"}}, *parties(1)]
    answer = send(client, "parties", steps)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["at"] == 2
    assert answer.json()["errors"][0]["field"] == "operations[2].employees"
    assert count(client) == 0
    assert not Change.objects.filter(entity="party").exists()


def test_each_for_itself_keeps_the_good_ones_and_nothing_of_the_bad(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("parties", {"name": "There", "external_id": "T"})
    steps = [
        *parties(1),
        {"op": "create", "data": {"name": "Taken", "external_id": "T"}},
        {"op": "create", "data": {"name": "Bad", "employees": "many"}},
        {"op": "change", "id": "0" * 32, "data": {}},
        {"op": "create", "data": {"name": "Last"}},
    ]
    answer = send(client, "parties", steps, atomic="false")
    assert answer.status_code == 207
    results = answer.json()["results"]
    assert [each["status"] for each in results] == [201, 409, 422, 404, 201]
    assert results[2]["problem"]["errors"][0]["field"] == "employees"
    assert {item["name"] for item in client.items("parties")} == {"There", "Party 0", "Last"}
    assert client.items("search", q="taken") == []
    operation = {row.operation for row in Change.objects.filter(entity="party", verb="created").order_by("-id")[:2]}
    assert operation == {answer.json()["operation"]}


def test_what_a_failed_write_has_gathered_goes_with_it(admin: User, seller: User, acting: Any) -> None:
    def tell(done: Operation, title: str) -> None:
        notices.notify(done, seller.id, "import_done", title)

    def fail(done: Operation) -> None:
        with part(done):
            tell(done, "never told")
            raise Refused("no")

    with acting(admin), operation() as done:
        tell(done, "told")
        with pytest.raises(Refused):
            fail(done)
    assert [each.summary for each in Notification.objects.filter(user=seller.id)] == ['{"title":"told"}']


def test_one_undo_takes_all_of_it_back(admin: User, api: Client, acting: Any) -> None:
    client = api(admin)
    operation = send(client, "parties", parties(30)).json()["operation"]
    assert count(client) == 30
    with acting(admin):
        assert len(revert.revert(operation).reverted) == 30
    assert count(client) == 0


def test_slices_of_what_stands_for_itself_are_one_deed(
    admin: User, api: Client, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SLICE_SECONDS", 0.001)
    client = api(admin)
    answer = send(client, "parties", parties(20), atomic="false")
    assert answer.status_code == 200
    with acting(admin):
        assert len(revert.revert(answer.json()["operation"]).reverted) == 20


def test_later_writes_may_name_what_earlier_ones_made(admin: User, api: Client) -> None:
    steps = [
        {"op": "create", "data": {"name": "Acme", "external_id": "A"}},
        {"op": "create", "data": {"kind": "person", "name": "Ada", "company": {"external_id": "A"}}},
    ]
    made, person = send(api(admin), "parties", steps).json()["results"]
    assert api(admin).get(f"parties/{person['id']}").json()["company"] == made["id"]


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "operations"),
        ("x", "operations"),
        ([7], "operations[0].op"),
        ([{"op": "burn"}], "operations[0].op"),
        ([{"op": ["create"]}], "operations[0].op"),
        ([{"op": "create"}], "operations[0].data"),
        ([{"op": "create", "data": []}], "operations[0].data"),
        ([{"op": "create", "data": {"name": "a"}, "id": "x"}], "operations[0].id"),
        ([{"op": "delete"}], "operations[0].id"),
        ([{"op": "change", "id": "0" * 32, "data": {}, "version": "1"}], "operations[0].version"),
        ([{"op": "upsert", "match": 3, "data": {}}], "operations[0].match"),
        ([{"op": "action", "id": "0" * 32, "verb": "share", "args": 7}], "operations[0].args"),
        ([{"op": "create", "data": {"name": "a"}}] * 1001, "operations"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(admin: User, api: Client, steps: Any, field: str) -> None:
    answer = send(api(admin), "parties", steps)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["field"] == field


def test_other_refusals(admin: User, reader: User, api: Client) -> None:
    client = api(admin)
    assert send(client, "parties", [{"op": "delete", "id": "x"}]).status_code == 404
    assert send(client, "parties", parties(1), atomic="maybe").status_code == 400
    assert send(api(reader), "parties", parties(1)).status_code == 403
    assert send(client, "users", [{"op": "delete", "id": admin.id}]).status_code == 403
    assert client.post("parties/bulk", {"operations": parties(1), "more": 1}).status_code == 422
    unknown = {"op": "action", "id": client.make("parties", {"name": "A"})["id"], "verb": "fly"}
    assert send(client, "parties", [unknown]).status_code == 404


def test_the_same_key_carries_it_out_once(admin: User, api: Client) -> None:
    client = api(admin)
    for atomic in ("true", "false"):
        steps = [{"op": "create", "data": {"name": atomic}}]
        first = send(client, "parties", steps, atomic=atomic, headers={"Idempotency-Key": atomic})
        again = send(client, "parties", steps, atomic=atomic, headers={"Idempotency-Key": atomic})
        assert (again.status_code, again.content) == (200, first.content)
    assert count(client) == 2
