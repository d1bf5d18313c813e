"""Deleted for ever: gone with all that stood beside it, unless others refer to it; that it was there stays."""

from collections.abc import Callable
from typing import Any

from rapport.config.soundness import links, proof
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records import erasing, registry
from rapport.records.models import Change
from tests.contract.examples import example
from tests.people import Api

Client = Callable[..., Api]


def forever(client: Api, path: str, **given: Any) -> Any:
    return client.delete(path, forever="true", **given)


def rows_of(key: str) -> dict[str, int]:
    """How many rows each table beside the record still has."""
    found = {}
    for table, column in erasing.BESIDE:
        row = db.one(f"SELECT count(*) FROM {table} WHERE {column} = %s", (db.key(key),))
        found[f"{table}.{column}"] = row[0] if row else 0
    return found


def rich_party(client: Api, seller: User) -> str:
    """One with everything beside it."""
    client.make("tags", {"name": "VIP"})
    body = {"name": "Acme", "email": "a@acme.example", "tags": ["VIP"], "owner": seller.id, "roles": ["customer"]}
    key = str(client.make("parties", {**body, "sources": {"name": "a card"}})["id"])
    assert client.post(f"parties/{key}/actions/share", {"team": "South"}).status_code == 200
    return key


def test_nothing_is_left_but_the_proof(admin: User, seller: User, api: Client) -> None:
    client = api(admin)
    key = rich_party(client, seller)
    points = client.items("contact-points", filter={"field": "party", "op": "eq", "value": key})
    assert points
    assert all(rows_of(key)[name] for name in ("search_entry.record", "record_tag.record", "record_share.record"))
    assert forever(client, f"parties/{key}").status_code == 204
    assert set(rows_of(key).values()) == {0}
    assert client.get(f"parties/{key}", binned="true").status_code == 404
    assert client.get(f"contact-points/{points[0]['id']}", binned="true").status_code == 404
    assert client.items("parties", binned="true") == []
    assert client.items("search", q="acme") == []
    last = Change.objects.filter(record=key).latest("id")
    assert (last.verb, last.actor, last.before, last.after) == ("erased", admin.id, "{}", "{}")
    assert db.one("SELECT name FROM event WHERE record = %s ORDER BY id DESC LIMIT 1", (db.key(key),)) == (
        "party.erased",
    )
    for check in (links.references_by_kind, proof.creations_in_the_history, proof.kept_totals):
        assert list(check()) == []


def test_every_kind_of_record_can_go_from_the_bin_and_from_the_list(admin: User, api: Client) -> None:
    client = api(admin)
    for entity in registry.declared:
        if not entity.is_record:
            there = client.items(entity.plural) or [client.make(entity.plural, example(entity))]
            assert forever(client, f"{entity.plural}/{there[0]['id']}").status_code == 403
            continue
        if entity.kept:
            key = client.make(entity.plural, example(entity))["id"]
            assert forever(client, f"{entity.plural}/{key}").status_code == 403
            continue
        for n, binned in ((60, True), (61, False)):
            key = client.make(entity.plural, example(entity, n))["id"]
            if binned:
                assert client.delete(f"{entity.plural}/{key}").status_code == 204
            answer = forever(client, f"{entity.plural}/{key}")
            assert answer.status_code == 204, (entity.key, answer.content)
            assert client.get(f"{entity.plural}/{key}", binned="true").status_code == 404
    for check in (links.references_by_kind, proof.creations_in_the_history, proof.kept_totals):
        assert list(check()) == []


def test_what_others_refer_to_stays_until_they_are_gone(admin: User, api: Client) -> None:
    client = api(admin)
    party = client.make("parties", {"name": "Acme"})["id"]
    deal = client.make("deals", {"name": "Order", "party": party})["id"]
    task = client.make("tasks", {"title": "Call", "about": {"entity": "deal", "id": deal}})["id"]
    for path, who in ((f"parties/{party}", "deals"), (f"deals/{deal}", "tasks")):
        answer = forever(client, path)
        assert answer.status_code == 409
        assert who in answer.json()["detail"]
        assert client.get(path).status_code == 200, "refused, so nothing has happened"
    for path in (f"tasks/{task}", f"deals/{deal}", f"parties/{party}"):
        assert forever(client, path).status_code == 204, path


def test_it_needs_its_own_right(admin: User, manager: User, seller: User, api: Client) -> None:
    mine = api(seller).make("parties", {"name": "Mine"})["id"]
    assert forever(api(manager), f"parties/{mine}").status_code == 403
    assert forever(api(seller), f"parties/{mine}").status_code == 403
    assert forever(api(admin, "read"), f"parties/{mine}").status_code == 403
    assert api(admin).get(f"parties/{mine}").status_code == 200
    assert forever(api(admin), f"parties/{mine}", headers={"If-Match": '"7"'}).status_code == 412
    assert api(admin).delete(f"parties/{mine}", forever="yes").status_code == 400
    assert forever(api(admin), f"parties/{mine}", headers={"If-Match": '"1"'}).status_code == 204
    assert forever(api(admin), f"parties/{mine}").status_code == 404
