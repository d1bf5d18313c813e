"""Lists by their names, for programs: the product's and saved ones, as far as the reader has them."""

from collections.abc import Callable

import pytest

from rapport.platform.identity.models import User
from tests.people import Api

Client = Callable[..., Api]
RETAIL = {"field": "industry", "op": "eq", "value": "Retail"}


@pytest.fixture
def client(admin: User, api: Client) -> Api:
    made = api(admin)
    for name, industry in (("Birch", "Retail"), ("Acme", "Retail"), ("Cedar", "Wood")):
        made.make("parties", {"kind": "organisation", "name": name, "industry": industry})
    made.make("parties", {"kind": "person", "name": "Ada Lovelace"})
    return made


def names(client: Api, **given: str) -> list[str]:
    return [item["name"] for item in client.items("parties", fields="name", **given)]


def test_a_list_is_asked_for_by_its_name(client: Api) -> None:
    kept = client.make("saved-views", {"name": "Retailers", "entity": "party", "filter": RETAIL, "sort": "name"})
    for name in ("Retailers", "retailers", kept["id"]):
        assert names(client, view=name) == ["Acme", "Birch"], name
    assert names(client, view="Retailers", sort="-name") == ["Birch", "Acme"]
    assert names(client, view="organisations", sort="name") == ["Acme", "Birch", "Cedar"]
    starts = {"field": "name", "op": "starts_with", "value": "b"}
    narrowed = client.get("parties", view="Retailers", filter=starts, fields="name", count="exact").json()
    assert ([item["name"] for item in narrowed["items"]], narrowed["count"]) == (["Birch"], 1)
    assert client.get("parties/aggregate", view="Retailers").json()["groups"][0]["count"] == 2
    first = client.get("parties", view="Retailers", fields="name", limit="1").json()
    assert names(client, view="Retailers", limit="1", after=first["next"]) == ["Birch"]


def test_what_there_is_not_is_refused_with_what_there_is(
    client: Api, seller: User, other_seller: User, api: Client
) -> None:
    client.make("saved-views", {"name": "Retailers", "entity": "party", "filter": RETAIL, "owner": None})
    api(seller).make("saved-views", {"name": "Mine", "entity": "party", "filter": RETAIL})
    refused = client.get("parties", view="Retail")
    assert (refused.status_code, "Retailers" in refused.json()["detail"]) == (400, True)
    assert api(seller).get("parties", view="Mine").status_code == 200
    assert api(other_seller).get("parties", view="Mine").status_code == 400
    assert client.get("deals", view="Retailers").status_code == 400, "it is of another object"
