"""Where a datum comes from: told with a write, read beside the record, and known from the history besides."""

from collections.abc import Callable
from typing import Any

from rapport.platform.identity.models import User
from rapport.records import revert
from tests.people import Api


def test_a_source_is_told_with_a_write_and_read_beside_the_record(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    told = {"source": "business register", "as_of": "2026-05-03"}
    party = client.make("parties", {"name": "Acme", "employees": 12, "sources": {"employees": told}})
    assert "sources" not in party
    where = f"parties/{party['id']}"
    found = client.get(f"{where}/sources").json()
    said = found["sources"]["employees"]
    assert (said["source"], said["as_of"]) == ("business register", "2026-05-03")
    assert said["by"] == {"id": admin.id, "title": "Ada Admin"}
    assert found["last_set"]["name"]["from"] == "api"
    client.patch(where, {"sources": {"employees": "their web site"}})
    assert client.get(f"{where}/sources").json()["sources"]["employees"]["source"] == "their web site"
    assert client.get(where).json()["version"] == 1
    client.patch(where, {"sources": {"employees": None}})
    assert client.get(f"{where}/sources").json()["sources"] == {}


def test_a_source_that_makes_no_sense_is_refused_with_its_field(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    for given, field in (
        ({"nmae": {"source": "x"}}, "sources.nmae"),
        ({"name": {"source": "x", "when": 1}}, "sources.name"),
        ({"name": {"source": "x", "as_of": "yesterday"}}, "sources.name"),
        ({"name": ["x"]}, "sources.name"),
        (["x"], "sources"),
    ):
        answer = client.post("parties", {"name": "Acme", "sources": given})
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["field"] == field
    assert client.items("parties") == []


def test_who_may_not_change_a_record_says_nothing_of_it(
    reader: User, seller: User, other_seller: User, api: Callable[..., Api]
) -> None:
    party = api(seller).make("parties", {"name": "Acme"})
    said: dict[str, Any] = {"sources": {"name": "hearsay"}}
    assert api(reader).patch(f"parties/{party['id']}", said).status_code == 403
    assert api(other_seller).patch(f"parties/{party['id']}", said).status_code == 404
    assert api(other_seller).get(f"parties/{party['id']}/sources").status_code == 404
    assert api(reader).get(f"parties/{party['id']}/sources").json()["sources"] == {}


def test_what_is_taken_back_takes_its_source_along(
    admin: User, api: Callable[..., Api], acting: Callable[..., Any]
) -> None:
    client = api(admin)
    party = client.make("parties", {"name": "Acme", "industry": "Retail", "sources": {"industry": "first"}})
    where = f"parties/{party['id']}"
    client.patch(where, {"industry": "Banking", "sources": {"industry": "second"}})
    operation = client.items(f"{where}/changes")[0]["operation"]
    with acting(admin):
        revert.revert(operation)
    assert client.get(f"{where}/sources").json()["sources"]["industry"]["source"] == "first"
