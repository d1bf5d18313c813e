"""Who sees what: by every way of reading. The seller his own, the manager his teams', the reader all; nothing leaks."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity import accounts, snapshot
from rapport.platform.identity.models import User
from rapport.records import read, registry, revert, search_read, write
from rapport.records.read import Query
from tests.people import Api

Clients = Callable[..., Api]
SEES = {
    "admin": {"sam", "olga", "mona", "nobody"},
    "manager": {"sam", "mona"},
    "seller": {"sam"},
    "other_seller": {"olga"},
    "reader": {"sam", "olga", "mona", "nobody"},
}
CHANGES = {**SEES, "reader": set()}


@pytest.fixture
def world(admin: User, manager: User, seller: User, other_seller: User, reader: User) -> SimpleNamespace:
    """For each owner a party, a deal of it, a call with it, and a deal of his with the party of nobody."""
    owners = {"sam": seller, "olga": other_seller, "mona": manager, "nobody": None}
    found: dict[str, dict[str, str]] = {"party": {}, "deal": {}, "interaction": {}}
    with as_system("tests"):
        make = lambda key, **values: write.create(registry.get(key), values).id  # noqa: E731
        for name, owner in owners.items():
            own = {"owner": owner.id} if owner else {}
            party = make("party", name=f"Zebra {name}", email=f"{name}@zebra.test", **own)
            deal = make("deal", name=f"Zebra deal {name}", party=party, amount="100", currency="USD", **own)
            call = make("interaction", subject=f"Zebra call {name}", channel="call", party=party, **own)
            found["party"][name], found["deal"][name], found["interaction"][name] = party, deal, call
    users = {"admin": admin, "manager": manager, "seller": seller, "other_seller": other_seller, "reader": reader}
    return SimpleNamespace(ids=found, users=users)


def names(ids: dict[str, str], found: Any) -> set[str]:
    """The owners' names behind ids."""
    return {name for name, key in ids.items() if key in set(found)}


WHO = list(SEES)
KEYS = ["party", "deal", "interaction"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", KEYS)
def test_each_way_of_reading_shows_exactly_the_scope(
    who: str, key: str, world: SimpleNamespace, api: Clients, acting: Callable[..., Any]
) -> None:
    entity, ids, user, may = registry.get(key), world.ids[key], world.users[who], SEES[who]
    client, plural = api(user), entity.plural
    assert names(ids, [item["id"] for item in client.items(plural)]) == may
    assert names(ids, [item["id"] for item in client.items(plural, q="zebra")]) == may
    for sort in (*entity.sorts, "owner"):
        assert names(ids, [item["id"] for item in client.items(plural, sort=sort)]) == may
    assert client.get(plural, count="exact").json()["count"] == len(may)
    assert client.get(plural, count="estimate").json()["count"] == len(may)
    for name, record in ids.items():
        expected = 200 if name in may else 404
        for path in (f"{plural}/{record}", f"{plural}/{record}/timeline", f"{plural}/{record}/changes"):
            assert client.get(path).status_code == expected, path
    groups = client.get(f"{plural}/aggregate", group="owner").json()["groups"]
    assert sum(group["count"] for group in groups) == len(may)
    hits = [hit["id"] for hit in client.items("search", q="zebra", limit=100)]
    assert names(ids, hits) == may
    with acting(user):
        assert names(ids, [found for found, _title in search_read.lookup(entity, "Zebra")]) == may
        if who in ("admin", "manager"):
            exported = [orjson.loads(row)["id"] for row in read.everything(Query(entity, verb="export"))]
            assert names(ids, exported) == may


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("key", KEYS)
def test_each_way_of_changing_reaches_exactly_the_scope(
    who: str, key: str, world: SimpleNamespace, api: Clients
) -> None:
    entity, client = registry.get(key), api(world.users[who])
    deletes = who in ("admin", "manager")
    for name, record in world.ids[key].items():
        where = f"{entity.plural}/{record}"
        changed = client.patch(where, {entity.title: "Mine now"}).status_code
        assert changed == (200 if name in CHANGES[who] else 403 if name in SEES[who] else 404), name
        gone = client.delete(where).status_code
        assert gone == (404 if name not in SEES[who] else 204 if deletes else 403), name


def test_a_sum_never_tells_about_deals_of_others(world: SimpleNamespace, api: Clients) -> None:
    for who, expected in (("seller", "100.00"), ("manager", "200.00"), ("reader", "400.00")):
        groups = api(world.users[who]).get("deals/aggregate", sum="amount").json()["groups"]
        assert groups[0]["sum"] == {"amount": expected}


def test_a_filter_through_a_relation_does_not_tell_about_hidden_records(
    world: SimpleNamespace, seller: User, api: Clients
) -> None:
    """A deal of mine with a customer of somebody else: his fields cannot be guessed by filtering or sorting."""
    with as_system("tests"):
        deal = write.create(
            registry.get("deal"), {"name": "Mine", "party": world.ids["party"]["olga"], "owner": seller.id}
        )
    client = api(seller)
    for op, value in (("starts_with", "Zebra"), ("contains", "olga"), ("eq", "Zebra olga")):
        found = client.items("deals", filter={"field": "party.name", "op": op, "value": value})
        assert deal.id not in [item["id"] for item in found]
    groups = client.get("deals/aggregate", group="party.name").json()["groups"]
    assert {group["key"]["party.name"] for group in groups} == {None, "Zebra sam"}
    assert client.items(f"deals/{deal.id}/timeline")[0]["verb"] == "created"


def test_a_timeline_leaves_out_what_others_did_with_the_same_party(
    world: SimpleNamespace, seller: User, api: Clients
) -> None:
    party = world.ids["party"]["sam"]
    with as_system("tests"):
        for n in range(30):
            values = {
                "subject": f"Secret {n}",
                "channel": "call",
                "party": party,
                "owner": world.users["other_seller"].id,
            }
            write.create(registry.get("interaction"), values)
    told: list[str] = []
    cursor: dict[str, str] = {}
    for _page in range(20):
        answer = api(seller).get(f"parties/{party}/timeline", limit=1, **cursor).json()
        told += [entry["subject"] for entry in answer["items"]]
        if not answer["next"]:
            break
        cursor = {"after": answer["next"]}
    assert told == ["Zebra deal sam", "Zebra call sam", "Zebra sam"] or set(told) == {
        "Zebra deal sam",
        "Zebra call sam",
        "Zebra sam",
    }
    whole = api(world.users["reader"]).items(f"parties/{party}/timeline", limit=200)
    assert sum(entry["subject"].startswith("Secret") for entry in whole) == 30


def test_a_relation_cannot_be_tried_out_against_hidden_records(
    world: SimpleNamespace, seller: User, api: Clients
) -> None:
    client = api(seller)
    hidden = client.post("deals", {"name": "D", "party": world.ids["party"]["olga"]})
    missing = client.post("deals", {"name": "D", "party": "0123456789abcdef0123456789abcdef"})
    assert (hidden.status_code, hidden.content) == (422, missing.content)
    for words in ("Zebra olga", {"external_id": "none"}):
        assert client.post("deals", {"name": "D", "party": words}).json()["errors"][0]["code"] == "unknown"


def test_rights_follow_at_once_when_set_up_changes(
    world: SimpleNamespace, other_seller: User, admin: User, api: Clients
) -> None:
    client, boss = api(other_seller), api(admin)
    assert len(client.items("parties")) == 1
    accounts.give_role(other_seller, "readonly")
    assert len(client.items("parties")) == 4
    assert boss.patch(f"users/{other_seller.id}", {"is_active": False}).status_code == 200
    assert client.get("parties").status_code == 401


def test_a_new_owner_takes_the_record_over_in_every_way(
    world: SimpleNamespace, manager: User, seller: User, other_seller: User, api: Clients
) -> None:
    party = world.ids["party"]["sam"]
    assert api(manager).patch(f"parties/{party}", {"owner": other_seller.id}).status_code == 200
    for user, seen in ((seller, False), (manager, False), (other_seller, True)):
        assert (party in [item["id"] for item in api(user).items("parties")]) == seen
        assert (party in [hit["id"] for hit in api(user).items("search", q="zebra sam")]) == seen


def test_the_leader_of_a_team_sees_below_it_and_a_moved_team_moves_its_view(
    world: SimpleNamespace, manager: User, seller: User, admin: User, api: Clients
) -> None:
    boss = api(admin)
    teams = {team["name"]: team["id"] for team in boss.items("teams")}
    assert world.ids["party"]["sam"] in [item["id"] for item in api(manager).items("parties")]
    assert boss.patch(f"teams/{teams['North East']}", {"parent": teams["South"]}).status_code == 200
    assert world.ids["party"]["sam"] not in [item["id"] for item in api(manager).items("parties")]
    assert boss.patch(f"teams/{teams['South']}", {"leader": manager.id}).status_code == 200
    assert names(world.ids["party"], [item["id"] for item in api(manager).items("parties")]) == {"sam", "olga", "mona"}
    snapshot.forget()


def test_undo_reaches_only_what_one_may_change(
    world: SimpleNamespace, reader: User, acting: Callable[..., Any]
) -> None:
    with as_system("tests"), write.operation() as done:
        write.change(registry.get("party"), world.ids["party"]["sam"], {"industry": "Retail"})
    with acting(reader):
        outcome = revert.revert(done.id)
    assert (outcome.reverted, len(outcome.failed)) == ([], 1)


@pytest.mark.parametrize("who", ["seller", "reader", "manager"])
def test_the_screens_keep_to_the_same_scope(
    who: str, world: SimpleNamespace, browser_of: Callable[[User], Client]
) -> None:
    browser = browser_of(world.users[who])
    for name in ("sam", "olga", "mona", "nobody"):
        seen = name in SEES[who]
        for key in ("party", "deal"):
            entity, record = registry.get(key), world.ids[key][name]
            assert browser.get(entity.url(record)).status_code == (200 if seen else 404)
        for page in ("/parties?view=organisations", "/deals", "/search?q=zebra", "/parties?q=zebra"):
            assert (f"Zebra {name}" in browser.get(page).content.decode()) == seen or "/deals" in page, (page, name)
        options = browser.get("/lookup/parties?q=Zebra", headers={"HX-Request": "true"}).content.decode()
        assert (f"Zebra {name}" in options) == seen
