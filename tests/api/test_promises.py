"""Every sentence that other programs rely on, one test each: what is sent, taken, refused, and how it is spelled."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from rapport.platform.identity.models import User
from rapport.records import registry
from rapport.records.actions import actions_of
from tests.contract.examples import example
from tests.people import Api

Client = Callable[..., Api]
PLURALS = "users teams tags party-roles party-links contact-points addresses parties interactions tasks deals"


def test_entities_are_plural_and_kebab_case(admin: User, api: Client) -> None:
    for plural in PLURALS.split():
        assert api(admin).get(plural).status_code == 200, plural
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", entity.plural) for entity in registry)


def test_a_bearer_token_opens_and_answers_are_json(admin: User, api: Client) -> None:
    answer = api(admin).get("parties")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert api(None).get("parties").status_code == 401
    assert set(answer.json()) == {"items", "next"}, "never a total unless it is asked for"


def test_a_list_is_filtered_sorted_narrowed_and_paged(admin: User, api: Client) -> None:
    client = api(admin)
    for n in range(5):
        client.make("deals", {"name": f"Deal {n}", "amount": str(n)})
    tree = {
        "and": [{"field": "stage", "op": "is_empty", "value": False}, {"field": "amount", "op": "gte", "value": "1"}]
    }
    first = client.get("deals", filter=tree, sort="-amount,name", fields="name,amount", limit="3").json()
    assert [item["name"] for item in first["items"]] == ["Deal 4", "Deal 3", "Deal 2"]
    assert set(first["items"][0]) == {"id", "name", "amount"}
    rest = client.get("deals", filter=tree, sort="-amount,name", fields="name", limit="3", after=first["next"]).json()
    assert ([item["name"] for item in rest["items"]], rest["next"]) == (["Deal 1"], None)
    assert client.get("deals", sort="name", after=first["next"]).status_code == 400, "a cursor of another sort"
    assert len(client.items("deals", limit="1000")) == 5
    for limit in ("0", "1001", "-1", "many"):
        assert client.get("deals", limit=limit).status_code == 400


def test_the_filter_is_url_encoded_json_and_reaches_related_records(admin: User, api: Client) -> None:
    client = api(admin)
    party = client.make("parties", {"name": "Acme", "industry": "Retail"})["id"]
    client.make("deals", {"name": "Order", "party": party})
    tree = quote(orjson.dumps({"and": [{"field": "party.industry", "op": "eq", "value": "Retail"}]}).decode())
    assert [item["name"] for item in client.get(f"/api/v1/deals?filter={tree}").json()["items"]] == ["Order"]


def test_counts_are_exact_or_estimated_when_asked(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("parties", {"name": "Acme"})
    assert client.get("parties", count="exact").json()["count"] == 1
    estimated = client.get("parties", count="estimate").json()
    assert (estimated["count"], estimated["count_is_exact"]) == (1, True)
    assert client.get("parties", count="some").status_code == 400


def test_q_searches(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("parties", {"name": "Acme"})
    client.make("parties", {"name": "Birch"})
    assert [item["name"] for item in client.items("parties", q="acm")] == ["Acme"]
    assert [hit["entity"] for hit in client.get("search", q="birch").json()["items"]] == ["party"]


@pytest.mark.parametrize("key", [entity.key for entity in registry])
def test_ids_have_32_digits_and_the_dashed_form_is_taken(key: str, admin: User, api: Client) -> None:
    entity, client = registry.get(key), api(admin)
    made = client.make(entity.plural, example(entity, 70))
    assert re.fullmatch(r"[0-9a-f]{32}", made["id"])
    dashed = "-".join(re.fullmatch(r"(.{8})(.{4})(.{4})(.{4})(.{12})", made["id"]).groups())  # type: ignore[union-attr]
    assert client.get(f"{entity.plural}/{dashed.upper()}").json()["id"] == made["id"]
    assert {"id", "created_at", "updated_at", "version"} <= set(made)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])


def test_money_is_a_text_beside_its_currency(admin: User, api: Client) -> None:
    made = api(admin).make("deals", {"name": "Big", "amount": 13264338, "currency": "USD", "close_on": "2027-01-31"})
    assert (made["amount"], made["currency"], made["close_on"]) == ("13264338.00", "USD", "2027-01-31")


def test_a_relation_is_read_as_id_and_written_as_id_external_id_or_title(admin: User, api: Client) -> None:
    client = api(admin)
    party = client.make("parties", {"name": "Acme", "external_id": "A-1"})["id"]
    for given in (party, {"external_id": "A-1"}, "acme", {"id": party}):
        assert client.make("deals", {"name": "Order", "party": given})["party"] == party
    client.make("parties", {"name": "Acme"})
    for given in ("Acme", "Nobody", {"external_id": "Z"}, "0" * 32, 7, [party], {"name": "Acme"}):
        assert client.post("deals", {"name": "Order", "party": given}).status_code == 422, given


def test_verbs_are_snake_case_take_named_arguments_and_return_the_record(admin: User, api: Client) -> None:
    client = api(admin)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", verb) for entity in registry for verb in actions_of(entity.model))
    deal = client.make("deals", {"name": "Order"})["id"]
    done = client.post(f"deals/{deal}/actions/move_to", {"stage": "Won"})
    assert (done.status_code, done.json()["id"], done.json()["status"], done["ETag"]) == (200, deal, "won", '"2"')
    assert client.post(f"deals/{deal}/actions/move_to", {"colour": "red"}).status_code == 422
    assert client.post(f"deals/{deal}/actions/fly").status_code == 404


def test_the_statuses_of_writing(admin: User, reader: User, api: Client) -> None:
    client = api(admin)
    made = client.post("parties", {"name": "Acme", "external_id": "A"})
    path = f"parties/{made.json()['id']}"
    assert made.status_code == 201
    assert made["Location"] == f"/api/v1/{path}"
    assert client.patch(path, {"name": "Acme Ltd"}).status_code == 200
    assert client.patch(path, {"colour": "red"}).status_code == 422
    assert client.patch(path, {"created_at": "2026-01-01T00:00:00Z"}).status_code == 403
    assert client.post("parties", {"name": "Twin", "external_id": "A"}).status_code == 409
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(path, binned="true").status_code == 200
    assert client.post("deals", b"{").status_code == 400
    assert api(reader).post("parties", {"name": "No"}).status_code == 403
    assert client.get("nonsense").status_code == 404


def test_the_etag_guards_a_change_and_412_tells_what_changed(admin: User, api: Client) -> None:
    client = api(admin)
    path = f"parties/{client.make('parties', {'name': 'Acme'})['id']}"
    assert client.get(path)["ETag"] == '"1"'
    assert client.patch(path, {"name": "One"}, headers={"If-Match": '"1"'}).status_code == 200
    late = client.patch(path, {"name": "Two"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["changes"][0]["after"]) == (412, {"name": "One"})
    assert client.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    assert client.patch(path, {"name": "Three"}).status_code == 200, "If-Match is optional"


@pytest.mark.parametrize("door", ["create", "action", "bulk", "upsert"])
def test_an_idempotency_key_makes_a_repeated_request_return_the_first_answer(
    door: str, admin: User, api: Client
) -> None:
    client = api(admin)
    task = client.make("tasks", {"title": "Call"})["id"]
    asked: dict[str, tuple[str, str, Any]] = {
        "create": ("POST", "parties", {"name": "Acme"}),
        "action": ("POST", f"tasks/{task}/actions/complete", {}),
        "bulk": ("POST", "parties/bulk", {"operations": [{"op": "create", "data": {"name": "Acme"}}]}),
        "upsert": ("PUT", "parties", {"name": "Acme", "external_id": "A"}),
    }
    first, again = (client.ask(*asked[door], headers={"Idempotency-Key": "once"}) for _each in range(2))
    assert first.status_code in (200, 201)
    assert (again.status_code, again.content, again["Idempotency-Replayed"]) == (
        first.status_code,
        first.content,
        "true",
    )
    other = client.post("parties", {"name": "Another"}, headers={"Idempotency-Key": "once"})
    assert other.status_code == 409, "the key of another request"


def test_problems_are_problem_details(admin: User, api: Client) -> None:
    answer = api(admin).post("deals", {"name": "Order", "amount": "ten"})
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["title"]) == (422, "Not accepted")
    assert body["errors"] == [{"field": "amount", "code": "type", "message": "“ten” is not an amount."}]


def test_aggregates_group_and_sum(admin: User, api: Client) -> None:
    client = api(admin)
    for amount in ("10", "20.50"):
        client.make("deals", {"name": "Order", "amount": amount})
    tree = {"field": "status", "op": "eq", "value": "open"}
    found = client.get("deals/aggregate", group="status,owner", sum="amount", filter=tree).json()
    key = {"status": "open", "owner": admin.id}
    assert found == {"groups": [{"key": key, "count": 2, "sum": {"amount": "30.50"}}]}


def test_the_process_and_readiness_are_told(client: Any, db: None) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code in (200, 503)
