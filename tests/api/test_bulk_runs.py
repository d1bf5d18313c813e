"""A deed on everything that a filter finds, by a program: counted first, guarded, stopped, gone on with, taken back."""

from collections.abc import Callable
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import granting, pace, registry, write
from rapport.records.actions import actions_of
from rapport.records.bulk import asking
from tests.imports.screens import Impatient, work
from tests.people import Api

Client = Callable[..., Api]
RETAIL = {"field": "industry", "op": "eq", "value": "retail"}
EDIT = {"deed": "edit", "values": {"industry": "wholesale"}, "filter": RETAIL}


@pytest.fixture
def firms(organisation: None, seller: User, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(pace.Pace, "__init__", lambda each: setattr(each, "size", 4))
    monkeypatch.setattr(pace.Pace, "learn", lambda each, seconds: None)
    given = {"kind": "organisation", "owner": seller.id}
    industries = ["retail"] * 12 + ["farming"] * 8
    with as_system("tests"):
        return [
            write.create(registry.get("party"), {**given, "name": f"Firm {n:02}", "industry": each}).id
            for n, each in enumerate(industries)
        ]


def industries() -> dict[str, int]:
    return dict(db.rows("SELECT industry, count(*) FROM party WHERE binned_at IS NULL GROUP BY 1 ORDER BY 1"))


def begun(client: Api, body: Any, **given: Any) -> dict[str, Any]:
    answer = client.post("parties/bulk-runs", body, **given)
    assert answer.status_code == 202, answer.content
    told = dict(answer.json())
    assert answer["Location"] == f"/api/v1/parties/bulk-runs/{told['id']}"
    return told


def standing(client: Api, run: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"parties/bulk-runs/{run['id']}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_it_is_counted_begun_looked_at_and_taken_back(firms: list[str], admin: User, api: Client) -> None:
    client = api(admin)
    found = client.post("parties/bulk-runs", {**EDIT, "dry_run": True})
    assert (found.status_code, found.json()["count"], len(found.json()["some"])) == (200, 12, 5)
    assert found.json()["some"][0] == {"id": firms[0], "title": "Firm 00"}
    run = begun(client, {**EDIT, "expect": 12})
    assert (run["status"], run["deed"], run["values"], run["filter"]) == (
        "running", "edit", {"industry": "wholesale"}, RETAIL,
    )  # fmt: skip
    assert industries() == {"farming": 8, "retail": 12}, "nothing is done before the job"
    work()
    done = standing(client, run)
    assert (done["status"], done["total"], done["changed"], done["same"], done["left"]) == ("done", 12, 12, 0, 0)
    assert industries() == {"farming": 8, "wholesale": 12}
    assert [each["id"] for each in client.items("parties/bulk-runs")] == [run["id"]]
    client.patch(f"parties/{firms[3]}", {"industry": "banking"})
    assert client.post(f"parties/bulk-runs/{run['id']}/undo").json()["status"] == "undoing"
    work()
    back = standing(client, run)
    assert (back["status"], back["reverted"], back["kept_changed"]) == ("undone", 11, 1)
    assert industries() == {"banking": 1, "farming": 8, "retail": 11}


def test_nothing_is_done_to_another_number_than_is_expected(firms: list[str], admin: User, api: Client) -> None:
    client = api(admin)
    unsaid = client.post("parties/bulk-runs", {"deed": "bin", "filter": {}})
    assert (unsaid.status_code, unsaid.json()["count"]) == (422, 20)
    assert [each["field"] for each in unsaid.json()["errors"]] == ["expect"]
    for expect in (500, 19, {"at_most": 19}, {"at_least": 21, "at_most": 500}):
        refused = client.post("parties/bulk-runs", {"deed": "bin", "filter": {}, "expect": expect})
        assert (refused.status_code, refused.json()["count"]) == (409, 20), expect
        assert "finds 20" in refused.json()["detail"]
    for wrong in ("12", -1, True, {"at_least": 3}, {"at_least": 5, "at_most": 4}, {"at_most": 5, "about": 2}):
        assert client.post("parties/bulk-runs", {**EDIT, "expect": wrong}).status_code == 422, wrong
    assert client.items("parties/bulk-runs") == []
    work()
    assert industries() == {"farming": 8, "retail": 12}
    begun(client, {**EDIT, "expect": {"at_most": 12}})


def test_what_comes_in_between_does_not_widen_it(firms: list[str], admin: User, api: Client) -> None:
    client = api(admin)
    run = begun(client, {**EDIT, "expect": 12})
    client.patch(f"parties/{firms[-1]}", {"industry": "retail"})
    work()
    failed = standing(client, run)
    assert (failed["status"], failed["changed"]) == ("failed", 0)
    assert failed["problem"] == "There are 13 by now, and 12 at most are expected."
    client.patch(f"parties/{firms[-1]}", {"industry": "farming"})
    assert client.post(f"parties/bulk-runs/{run['id']}/go-on").status_code == 200
    work(Impatient())
    assert standing(client, run)["changed"] == 4
    client.patch(f"parties/{firms[-1]}", {"industry": "retail"})
    client.post(f"parties/bulk-runs/{run['id']}/go-on")
    work()
    assert standing(client, run)["status"] == "failed", "also when it comes while it is at work"
    assert industries() == {"farming": 7, "retail": 1, "wholesale": 12}


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 422, "Say what to do"),
        ({"deed": "fly", "filter": {}}, 422, "no “fly” here"),
        ({"deed": "bin"}, 422, "{} are all"),
        ({"deed": "bin", "filter": None}, 422, "{} are all"),
        ({"deed": "bin", "filter": [RETAIL]}, 422, "object"),
        ({"deed": "bin", "fitler": RETAIL, "filter": {}}, 422, "takes: deed"),
        ({"deed": "bin", "filter": {"field": "indutry", "value": "x"}}, 400, "Did you mean"),
        ({"deed": "bin", "values": {"name": "x"}, "filter": {}}, 422, "no values"),
        ({"deed": "edit", "filter": {}}, 422, "Choose what to change"),
        ({"deed": "edit", "values": {"colour": "red"}, "filter": {}}, 422, "no field “colour”"),
        ({"deed": "edit", "values": {"created_at": "x"}, "filter": {}}, 403, "kept by Rapport"),
        ({"deed": "edit", "values": {"industry": "x"}, "filter": {}, "dry_run": "yes"}, 422, "true or false"),
        ({"deed": "assign", "values": {"industry": "x"}, "filter": {}}, 422, "takes: owner"),
        ({"deed": "assign", "values": {"owner": "Nobody"}, "filter": {}}, 422, "no user “Nobody”"),
        ({"deed": "tag", "values": {"tags": "VIP"}, "filter": {}}, 422, "one list"),
        ({"deed": "tag", "values": {"roles": ["customer"]}, "filter": {}}, 422, "takes: tags"),
        ({"deed": "tag", "values": {"tags": ["unheard of"]}, "filter": {}}, 422, "unheard of"),
        ({"deed": "add", "values": {"industry": ["x"]}, "filter": {}}, 422, "cannot be done"),
        ({"deed": "edit", "values": {"industry": "x"}, "q": " "}, 422, "text"),
    ],
)
def test_what_is_not_understood_is_refused_before_anything_is_touched(
    body: Any, status: int, word: str, firms: list[str], admin: User, api: Client
) -> None:
    answer = api(admin).post("parties/bulk-runs", {"expect": {"at_most": 10**9}, **body})
    assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.content
    assert db.rows("SELECT id FROM bulk_run") == []


def test_every_deed_of_the_lists_can_be_asked_for(firms: list[str], admin: User, seller: User, api: Client) -> None:
    client = api(admin)
    client.make("tags", {"name": "VIP"})
    for deed, values in (
        ("assign", {"owner": "me"}), ("tag", {"tags": ["VIP"]}), ("add", {"roles": ["customer", "partner"]}),
        ("remove", {"roles": ["partner"]}), ("edit", {"address": {"city": "Graz"}, "description": None}),
    ):  # fmt: skip
        values = {"owner": admin.name} if deed == "assign" else values
        run = begun(client, {"deed": deed, "values": values, "filter": RETAIL, "expect": 12})
        work()
        assert standing(client, run)["changed"] == 12, deed
    one = client.get(f"parties/{firms[0]}").json()
    assert (one["owner"], one["tags"], one["roles"]) == (admin.id, ["VIP"], ["customer"])
    assert one["address"]["city"] == "Graz"
    for deed, values in (("untag", {"tags": ["VIP"]}), ("bin", None), ("restore", None)):
        run = begun(client, {"deed": deed, "values": values, "filter": RETAIL, "expect": 12})
        work()
        assert standing(client, run)["changed"] == 12, deed
        assert client.get("parties", count="exact").json()["count"] == (8 if deed == "bin" else 20)
    assert client.get(f"parties/{firms[0]}").json()["tags"] == []


def test_a_verb_is_carried_out_and_what_refuses_is_told(admin: User, api: Client) -> None:
    client = api(admin)
    ids = [client.make("deals", {"name": f"Deal {n}"})["id"] for n in range(3)]
    assert client.post("deals/bulk-runs", {"deed": "move_to", "filter": {}, "expect": 3}).status_code == 422
    client.post(f"deals/{ids[0]}/actions/move_to", {"stage": "Won"})
    asked = {"deed": "move_to", "values": {"stage": "Lost"}, "q": "deal", "expect": 3}
    run = client.post("deals/bulk-runs", asked).json()
    work()
    done = client.get(f"deals/bulk-runs/{run['id']}").json()
    assert (done["deed"], done["values"], done["changed"], done["left"]) == ("move_to", {"stage": "Lost"}, 0, 3)
    page = client.get(f"deals/bulk-runs/{run['id']}/left", limit=2).json()
    assert [each["title"] for each in page["items"]] == ["Deal 0", "Deal 1"]
    assert {each["reason"] for each in page["items"]} == {"Say why it was lost."}
    rest = client.get(f"deals/bulk-runs/{run['id']}/left", limit=2, after=page["next"]).json()
    assert ([each["title"] for each in rest["items"]], rest["next"]) == (["Deal 2"], None)
    assert client.get(f"deals/bulk-runs/{run['id']}/left", after="x").status_code == 400


def test_words_find_what_they_found_then(firms: list[str], admin: User, api: Client, monkeypatch: Any) -> None:
    client = api(admin)
    asked = {"deed": "edit", "values": {"name": "Renamed"}, "q": "firm", "filter": RETAIL}
    run = begun(client, {**asked, "expect": 12})
    work()
    assert standing(client, run)["changed"] == 12, "although none is called so any more"
    monkeypatch.setattr(asking, "FOUND", 8)
    refused = client.post("parties/bulk-runs", {**asked, "expect": 8})
    assert (refused.status_code, "Use a filter" in refused.json()["detail"]) == (400, True)


def test_it_does_no_more_than_its_user_may(
    firms: list[str], admin: User, seller: User, other_seller: User, reader: User, manager: User, api: Client
) -> None:
    with as_system("tests"):
        write.change(registry.get("party"), firms[0], {"owner": other_seller.id})
        sales = db.one("SELECT id FROM role WHERE key = 'sales'")
        granting.grant(str(db.unkey(sales[0])), {("party", "view"): "all"})  # type: ignore[index]
    client = api(seller)
    run = begun(client, {**EDIT, "expect": 12})
    work()
    assert (standing(client, run)["changed"], standing(client, run)["left"]) == (11, 1)
    left = client.items(f"parties/bulk-runs/{run['id']}/left")
    assert [each["title"] for each in left] == ["Firm 00"]
    for stranger in (api(other_seller), api(manager)):
        assert stranger.get(f"parties/bulk-runs/{run['id']}").status_code == 404
        assert stranger.post(f"parties/bulk-runs/{run['id']}/undo").status_code == 404
        assert stranger.items("parties/bulk-runs") == []
    assert api(admin).get(f"parties/bulk-runs/{run['id']}").status_code == 200
    assert api(admin).get(f"deals/bulk-runs/{run['id']}").status_code == 404
    for powerless in (api(reader), api(seller, "read")):
        assert powerless.post("parties/bulk-runs", {**EDIT, "dry_run": True}).status_code == 403
    reading = api(seller, "read")
    assert reading.get(f"parties/bulk-runs/{run['id']}").status_code == 200
    assert reading.post(f"parties/bulk-runs/{run['id']}/undo").status_code == 403


def test_it_is_stopped_and_goes_on_and_says_when_that_cannot_be(firms: list[str], admin: User, api: Client) -> None:
    client = api(admin)
    run = begun(client, {**EDIT, "expect": 12})
    path = f"parties/bulk-runs/{run['id']}"
    for step in ("undo", "go-on"):
        refused = client.post(f"{path}/{step}")
        assert (refused.status_code, refused.json()["state"]) == (409, "running")
    assert client.post(f"{path}/stop").json()["status"] == "stopped"
    assert client.post(f"{path}/stop").status_code == 409
    assert client.post(f"{path}/go-on").json()["status"] == "running"
    work()
    assert standing(client, run)["changed"] == 12
    assert client.post(f"{path}/fly").status_code == 404


def test_a_repeated_request_begins_it_once(firms: list[str], admin: User, api: Client) -> None:
    client = api(admin)
    asked = {**EDIT, "expect": 12}
    first = begun(client, asked, headers={"Idempotency-Key": "nightly"})
    again = client.post("parties/bulk-runs", asked, headers={"Idempotency-Key": "nightly"})
    assert (again.status_code, again["Idempotency-Replayed"], again.json()) == (202, "true", first)
    assert len(client.items("parties/bulk-runs")) == 1


def test_no_verb_is_called_like_a_deed() -> None:
    for entity in registry:
        assert not set(actions_of(entity.model)) & set(asking.DEEDS)
