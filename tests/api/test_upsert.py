"""PUT creates or changes; what it means is found as an import finds it, and twins make one record."""

from collections.abc import Callable

import pytest

from rapport.platform.identity import access
from rapport.platform.identity.models import User
from tests.people import Api, address
from tests.standing import at_once

Client = Callable[..., Api]


def put(client: Api, path: str, body: object, **given: object) -> object:
    return client.ask("PUT", path, body, **given)


def test_the_first_time_it_creates_and_then_it_changes(admin: User, api: Client) -> None:
    client = api(admin)
    first = put(client, "parties", {"external_id": "A-1", "name": "Acme"}, match="external_id")
    assert (first.status_code, first["ETag"]) == (201, '"1"')
    assert first["Location"] == f"/api/v1/parties/{first.json()['id']}"
    again = put(client, "parties", {"external_id": "A-1", "name": "Acme Ltd", "industry": "Retail"})
    assert (again.status_code, again["ETag"]) == (200, '"2"')
    assert again.json()["id"] == first.json()["id"]
    assert (again.json()["name"], again.json()["industry"]) == ("Acme Ltd", "Retail")
    same = put(client, "parties", {"external_id": "A-1", "name": "Acme Ltd"})
    assert (same.status_code, same["ETag"]) == (200, '"2"'), "nothing changed, nothing written"
    other = put(client, "parties", {"external_id": "A-1", "external_source": "erp", "name": "Another"})
    assert other.status_code == 201, "another source counts its own way"


def test_it_matches_as_the_columns_compare(admin: User, api: Client) -> None:
    client = api(admin)
    made = client.make("parties", {"name": "Ünique Ltd", "email": "info@unique.example"})["id"]
    for body, match in (
        ({"name": "UNIQUE ltd", "industry": "a"}, "name"),
        ({"name": "x", "email": "INFO@unique.example", "industry": "b"}, "email"),
        ({"name": "x", "email": "info@unique.example", "industry": "b"}, "email+industry"),
    ):
        answer = put(client, "parties", body, match=match)
        assert (answer.status_code, answer.json()["id"]) == (200, made), (match, answer.content)


def test_several_fields_must_all_fit(admin: User, api: Client) -> None:
    client = api(admin)
    client.make("pipelines", {"name": "Second"})
    body = {"name": "New", "pipeline": "Second", "kind": "open", "probability": 5}
    assert put(client, "stages", body, match="name+pipeline").status_code == 201
    answer = put(client, "stages", {**body, "probability": 15}, match="name+pipeline")
    assert (answer.status_code, answer.json()["probability"]) == (200, 15)
    assert len(client.items("stages", filter={"field": "name", "op": "eq", "value": "New"})) == 2


def test_where_several_fit_it_says_so_and_changes_nothing(admin: User, api: Client) -> None:
    client = api(admin)
    for _each in range(2):
        client.make("parties", {"name": "Twin"})
    answer = put(client, "parties", {"name": "Twin", "industry": "x"}, match="name")
    assert answer.status_code == 409
    assert {item["industry"] for item in client.items("parties", fields="industry")} == {None}


def test_what_is_not_understood_is_refused(admin: User, api: Client) -> None:
    client = api(admin)
    for match in ("industry", "tags", "nmae", "created_at", "name+annual_revenue", ""):
        assert put(client, "parties", {"name": "A", "industry": "b"}, match=match).status_code == 400, match
    missing = put(client, "parties", {"name": "A"}, match="external_id")
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["field"] == "external_id"
    assert put(client, "parties", {"external_id": "  ", "name": "A"}).status_code == 422
    assert put(client, "parties", {"external_id": "A", "name": "A", "colour": "red"}).status_code == 422
    assert put(client, "parties", {"external_id": "A", "name": "A", "version": 3}).status_code == 403
    assert client.get("parties", count="exact").json()["count"] == 0


def test_it_keeps_to_the_rights_of_create_and_of_change(
    admin: User, seller: User, other_seller: User, reader: User, api: Client
) -> None:
    theirs = api(other_seller).make("parties", {"name": "Theirs", "external_id": "T-1"})
    unseen = put(api(seller), "parties", {"name": "Mine", "external_id": "T-1"})
    assert unseen.status_code == 409, "taken, yet not changed"
    assert api(admin).get(f"parties/{theirs['id']}").json()["name"] == "Theirs"
    assert put(api(reader), "parties", {"name": "New", "external_id": "N-1"}).status_code == 403
    assert put(api(reader), "parties", {"name": "Changed", "external_id": "T-1"}).status_code == 403
    assert put(api(admin, "read"), "parties", {"name": "Changed", "external_id": "T-1"}).status_code == 403


def test_a_governed_field_goes_through_its_action(admin: User, api: Client) -> None:
    client = api(admin)
    put(client, "deals", {"external_id": "D-1", "name": "Order"})
    refused = put(client, "deals", {"external_id": "D-1", "stage": "Lost"})
    assert (refused.status_code, refused.json()["demands"]) == (422, ["lost_reason"])
    won = put(client, "deals", {"external_id": "D-1", "stage": "Won"})
    assert (won.status_code, won.json()["status"]) == (200, "won")


def test_if_match_and_idempotency_key_hold_here_too(admin: User, api: Client) -> None:
    client, body = api(admin), {"external_id": "A-1", "name": "Acme"}
    assert put(client, "parties", body, headers={"If-Match": '"1"'}).status_code == 412
    first = put(client, "parties", body, headers={"Idempotency-Key": "k"})
    put(client, "parties", {"external_id": "A-1", "name": "Changed"})
    again = put(client, "parties", body, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    stale = put(client, "parties", {**body, "name": "Late"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["changes"][0]["after"] == {"name": "Changed"}


@pytest.mark.parametrize("match", ["external_id", "email", "name"])
def test_twins_at_one_moment_make_one_record(standing: str, match: str) -> None:
    token = access.make_token(User.objects.get(email=address("admin")), "test")

    def send() -> int:
        client = Api(headers={"Authorization": f"Bearer {token}"})
        body = {"external_id": f"{match}-1", "name": f"Twin {match}", "email": f"{match}@twin.example"}
        return put(client, "parties", body, match=match).status_code  # type: ignore[attr-defined]

    answers = at_once(*[send] * 6)
    assert sorted(answers) == [200] * 5 + [201]
