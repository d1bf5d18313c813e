"""Every role, every way of having a record, every door, for every business record: the right rows and nothing else."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import access, accounts, snapshot
from rapport.platform.identity.models import User
from rapport.records import read, registry, revert, search_read, totals, write
from rapport.records.errors import Forbidden
from rapport.records.read import Query
from rapport.sales.pipelines import pipelines
from tests.contract.examples import example
from tests.people import Api

SHAREABLE = [entity.key for entity in registry if entity.is_shareable]
ROLES = ("admin", "manager", "sales", "service", "readonly")
# How the user at work comes by a record: whose it is, and what is shared with him.
OWNERS = {"own": "me", "team's": "below", "foreign": "other", "nobody's": None}
SHARED = {
    "shown": ("user", "view"),
    "given": ("user", "change"),
    "shown to the team": ("team", "view"),
    "given to the team": ("team", "change"),
    "shown to a team elsewhere": ("elsewhere", "change"),
}
Clients = Callable[..., Api]


@pytest.fixture(params=ROLES)
def world(request: pytest.FixtureRequest, organisation: None) -> SimpleNamespace:
    """A user with the role in team North; somebody in North East below; somebody in South."""
    people: dict[str, User] = {}
    with as_system("tests"):
        for who, team in (("me", "North"), ("below", "North East"), ("other", "South")):
            made = {"name": f"{who} of the matrix", "email": f"{who}@matrix.test", "team": team}
            people[who] = write.create(registry.get("user"), made)
        accounts.give_role(people["me"], request.param)
    snapshot.current()
    key = request.node.callspec.params.get("key")
    if key and not access.actor_of(people["me"]).may(key, "view"):
        pytest.skip("without a grant every door is shut: test_doors and test_lists knock")
    return SimpleNamespace(role=request.param, people=people, me=people["me"])


def fill(key: str, world: SimpleNamespace, api: Clients, admin: User) -> dict[str, str]:
    """One record of each way, by the way's name."""
    entity, found = registry.get(key), {}
    teams = {team["name"]: team["id"] for team in api(admin).items("teams")}
    with as_system("tests"):
        for n, (way, owner) in enumerate({**OWNERS, **dict.fromkeys(SHARED, "other")}.items()):
            more = {"owner": world.people[owner].id} if owner else {"owner": None}
            data = {**example(entity, n), **more, entity.title: f"Quagga {way.split()[0]} {n}"}
            found[way] = write.create(entity, data).id
    for way, (whom, level) in SHARED.items():
        given = {"user": world.me.id} if whom == "user" else {"team": teams["North" if whom == "team" else "South"]}
        answer = api(admin).post(f"{entity.plural}/{found[way]}/actions/share", {**given, "level": level})
        assert answer.status_code == 200, answer.content
    return found


def expected(key: str, world: SimpleNamespace, verb: str) -> set[str]:
    """The ways by which the user may do ``verb``, from his grants alone."""
    level = access.actor_of(world.me).level(key, verb)
    shown = {"shown", "given", "shown to the team", "given to the team"}
    given = {way for way in shown if way.startswith("given")}
    by_share = {"view": shown, "export": shown, "change": given}.get(verb, set())
    if level == 3:
        return {*OWNERS, *SHARED}
    return [set(), {"own"} | by_share, {"own", "team's"} | by_share][level]


def ways(found: dict[str, str], ids: Any) -> set[str]:
    """The ways behind ids."""
    known = list(ids)
    assert len(known) == len(set(known)), "a record comes twice"
    return {way for way, key in found.items() if key in set(known)}


@pytest.mark.parametrize("key", SHAREABLE)
def test_each_way_of_reading_shows_exactly_what_role_and_shares_allow(
    key: str, world: SimpleNamespace, admin: User, api: Clients, acting: Callable[..., Any]
) -> None:
    entity, client = registry.get(key), api(world.me)
    found, sees = fill(key, world, api, admin), expected(key, world, "view")
    plural = entity.plural
    assert ways(found, [item["id"] for item in client.items(plural)]) == sees
    for sort in dict.fromkeys((*entity.sorts, "owner", entity.default_sort, f"-{entity.sorts[0]}")):
        paged = [item["id"] for page in pages(client, plural, sort) for item in page]
        assert ways(found, paged) == sees, sort
    for count in ("exact", "estimate"):
        only = {"field": "id", "op": "in", "value": list(found.values())}
        assert client.get(plural, filter=only, count=count).json()["count"] == len(sees)
    groups = client.get(f"{plural}/aggregate", group=entity.title).json()["groups"]
    assert sum(group["count"] for group in groups if "Quagga" in group["key"][entity.title]) == len(sees)
    for way, record in found.items():
        for door in ("", "/timeline", "/changes", "/shares"):
            assert client.get(f"{plural}/{record}{door}").status_code == (200 if way in sees else 404), (way, door)
    if entity.search:
        assert ways(found, [hit["id"] for hit in client.items("search", q="quagga", limit=100)]) == sees
        assert ways(found, [item["id"] for item in client.items(plural, q="quagga")]) == sees
    with acting(world.me):
        assert ways(found, [each for each, _title in search_read.lookup(entity, "Quagga")]) == sees
        exports = expected(key, world, "export")
        if exports:
            exported = [orjson.loads(row)["id"] for row in read.everything(Query(entity, verb="export"))]
            assert ways(found, exported) == exports
        else:
            with pytest.raises(Forbidden):
                next(read.everything(Query(entity, verb="export")))


def pages(client: Api, plural: str, sort: str) -> Iterator[list[dict[str, Any]]]:
    """A list two rows at a time."""
    given: dict[str, Any] = {"sort": sort, "limit": 2}
    while True:
        answer = client.get(plural, **given)
        assert answer.status_code == 200, answer.content
        yield answer.json()["items"]
        if not answer.json()["next"]:
            return
        given["after"] = answer.json()["next"]


@pytest.mark.parametrize("key", SHAREABLE)
def test_each_way_of_changing_reaches_exactly_what_role_and_shares_allow(
    key: str, world: SimpleNamespace, admin: User, api: Clients, browser_of: Callable[[User], Client]
) -> None:
    entity, client = registry.get(key), api(world.me)
    found = fill(key, world, api, admin)
    sees, changes, deletes = (expected(key, world, verb) for verb in ("view", "change", "delete"))
    # Who got it by a share passes it on to nobody, hands it over to nobody and does not bin it.
    shares = changes - (set(SHARED) if access.actor_of(world.me).level(key, "change") < 3 else set())
    browser = browser_of(world.me)
    browser.get("/sign-in")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/search").content.decode())
    for way, record in found.items():
        status = lambda may, good=200: good if way in may else 403 if way in sees else 404  # noqa: B023, E731
        where = f"{entity.plural}/{record}"
        cell = f"/{where}/field/{entity.title}"
        assert client.patch(where, {entity.title: f"Changed {way}"}).status_code == status(changes), way
        if token:
            posted = browser.post(cell, {"value": f"Cell {way}", "csrfmiddlewaretoken": token[1]})
            assert posted.status_code == status(changes), (way, "cell")
        assert client.patch(where, {"owner": world.people["below"].id, entity.title: "Z"}).status_code == status(
            shares
        ), (way, "owner")
        with as_system("tests"):
            owner = OWNERS.get(way, "other")
            write.change(entity, record, {"owner": world.people[owner].id if owner else None})
        give = {"user": world.people["below"].id}
        assert client.post(f"{where}/actions/share", give).status_code == status(
            shares, 422 if way == "team's" else 200
        ), (way, "share")
        assert client.post(f"{where}/actions/unshare", give).status_code == status(shares), (way, "unshare")
        assert client.delete(where).status_code == status(deletes, 204), (way, "delete")


@pytest.mark.parametrize("key", SHAREABLE)
def test_undo_reaches_exactly_what_role_and_shares_allow(
    key: str, world: SimpleNamespace, admin: User, api: Clients, acting: Callable[..., Any]
) -> None:
    entity, found = registry.get(key), fill(key, world, api, admin)
    changes = expected(key, world, "change")
    for way, record in found.items():
        with as_system("tests"), write.operation() as done:
            write.change(entity, record, {entity.title: "To be undone"})
        with acting(world.me):
            outcome = revert.revert(done.id)
        assert bool(outcome.reverted) == (way in changes), way


@pytest.mark.parametrize("key", SHAREABLE)
def test_cards_type_ahead_and_sharing_dialog_keep_to_the_same_scope(
    key: str, world: SimpleNamespace, admin: User, api: Clients, browser_of: Callable[[User], Client]
) -> None:
    entity, found = registry.get(key), fill(key, world, api, admin)
    sees, changes, browser = expected(key, world, "view"), expected(key, world, "change"), browser_of(world.me)
    shares = changes - (set(SHARED) if access.actor_of(world.me).level(key, "change") < 3 else set())
    logs, adds = (bool(access.actor_of(world.me).level(each, "add")) for each in ("interaction", key))
    for way, record in found.items():
        url = entity.url(record)
        for page in ("", "?peek=1", "/timeline", "/share", f"/field/{entity.title}?show=1"):
            assert browser.get(url + page).status_code == (200 if way in sees else 404), (way, page)
        editor = browser.get(f"{url}/field/{entity.title}").status_code
        assert editor == (200 if way in changes else 403 if way in sees else 404), way
        if way in sees:  # nothing is offered that would be refused
            card, dialog = (browser.get(url + page).content.decode() for page in ("", "/share"))
            assert ("data-edit" in card) == (way in changes), way
            assert (f'action="{url}/move"' in card) == (way in changes and entity.board is not None), way
            assert (f'href="{url}/share"' in card) == ('name="level"' in dialog) == (way in shares), way
            assert ('id="composer"' in card) == (logs and entity.card.composer)
    for page in (f"/{entity.plural}", "/deals?view=table", "/search"):
        assert (f'href="/{entity.plural}/new' in browser.get(page).content.decode()) == adds, page
    options = browser.get(f"/lookup/{entity.plural}?q=Quagga", headers={"HX-Request": "true"}).content.decode()
    assert ways(found, {record for record in found.values() if record in options}) == sees


def test_the_board_counts_and_adds_up_exactly_what_is_seen(
    world: SimpleNamespace, admin: User, api: Clients, acting: Callable[..., Any]
) -> None:
    found, sees = fill("deal", world, api, admin), expected("deal", world, "view")
    entity, stages = registry.get("deal"), next(iter(pipelines().values())).stages
    with as_system("tests"):
        for n, record in enumerate(found.values()):
            write.change(entity, record, {"amount": str(10**n), "currency": "USD", "stage": stages[n % 3].id})
        write.act(entity, found["given"], "move_to", {"stage": next(s.id for s in stages if s.kind == "won")})
    with acting(world.me):
        held = totals.kept(entity, write.current())
        assert sum(each.count for each in held) == len(sees)
        assert sum(each.base for each in held) == sum(10**n * 100 for n, way in enumerate(found) if way in sees)
        mine = totals.kept(entity, write.current(), owner=world.people["other"].id)
        assert sum(each.count for each in mine) == len(sees - set(OWNERS)) + ("foreign" in sees)
        parties = totals.kept(registry.get("party"), write.current())
    assert sum(each.count for each in parties) >= 0


@pytest.mark.parametrize("key", SHAREABLE)
def test_a_share_is_told_found_and_taken_back_with_undo(
    key: str, seller: User, other_seller: User, manager: User, api: Clients, acting: Callable[..., Any]
) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        record = write.create(entity, {**example(entity), entity.title: "Quagga", "owner": seller.id})
    where, mine, theirs = f"{entity.plural}/{record.id}", api(seller), api(other_seller)
    seen = lambda: len(theirs.items(entity.plural)), lambda: len(theirs.items("search", q="quagga"))
    found = 1 if entity.search else 0
    answer = mine.post(f"{where}/actions/share", {"user": "Olga Other"})
    assert (answer.status_code, answer.json()["version"], answer["ETag"]) == (200, 2, '"2"')
    assert [each() for each in seen] == [1, found]
    assert mine.post(f"{where}/actions/share", {"user": other_seller.id, "level": "view"}).json()["version"] == 2
    [shown] = theirs.items(f"{where}/shares")
    assert (shown["user"]["title"], shown["team"], shown["level"], shown["by"]["id"]) == (
        "Olga Other", None, "view", seller.id,
    )  # fmt: skip
    change = mine.items(f"{where}/changes")[0]
    assert (change["verb"], change["before"], change["after"]) == (
        "shared", {"shares": None}, {"shares": {"user": other_seller.id, "level": "view"}},
    )  # fmt: skip
    assert theirs.patch(where, {entity.title: "Quagga mine"}).status_code == 403
    assert mine.post(f"{where}/actions/share", {"user": other_seller.id, "level": "change"}).status_code == 200
    assert theirs.patch(where, {entity.title: "Quagga mine"}).status_code == 200
    with acting(manager):  # the owner's manager may share, too
        raised = mine.items(f"{where}/changes")[1]["operation"]
        assert revert.revert(raised).reverted == [record.id]
    assert mine.items(f"{where}/shares")[0]["level"] == "view"
    assert mine.post(f"{where}/actions/unshare", {"user": other_seller.id}).status_code == 200
    assert [each() for each in seen] == [0, 0]
    with acting(seller):
        assert revert.revert(mine.items(f"{where}/changes")[0]["operation"]).reverted == [record.id]
    assert [each() for each in seen] == [1, found]
    assert api(manager).delete(where).status_code == 204
    assert [each() for each in seen] == [0, 0]
    assert api(manager).post(f"{where}/actions/restore").status_code == 200
    assert [each() for each in seen] == [1, found]
    assert api(manager).patch(where, {"owner": manager.id}).status_code == 200
    assert [each() for each in seen] == [1, found]
    assert readiness.deep() == []
    if found:
        db.execute("UPDATE search_entry SET scope = 'x'")
        assert f"1 shared {entity.plural} are not found by whom they are shared with" in " ".join(readiness.deep())
    events = db.rows("SELECT name FROM event WHERE record = %s ORDER BY id", (db.key(record.id),))
    assert [name.partition(".")[2] for (name,) in events].count("shared") == 4


@pytest.mark.parametrize("key", SHAREABLE)
def test_sharing_answers_what_it_cannot_take(key: str, seller: User, admin: User, api: Clients) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        record = write.create(entity, {**example(entity), "owner": seller.id})
        gone = write.create(registry.get("user"), {"name": "Gone Away", "is_active": False})
    share = f"{entity.plural}/{record.id}/actions/share"
    client = api(seller)
    for body, field in (
        ({}, "user"),
        ({"user": "Olga Other", "team": "North"}, "user"),
        ({"user": "Nobody Known"}, "user"),
        ({"team": ["x"]}, "team"),
        ({"user": "Olga Other", "level": "own"}, "level"),
        ({"who": "Olga Other"}, "who"),
        ({"user": "Gone Away"}, "user"),
        ({"user": seller.id}, "user"),
    ):
        answer = client.post(share, body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["field"] == field
    assert gone.id
    assert client.post(share, {"team": "South"}, headers={"If-Match": '"9"'}).status_code == 412
    for entity in registry:
        if not entity.is_shareable:
            held = db.one(f'SELECT id FROM "{entity.table}" LIMIT 1')
            if held:
                path = f"{entity.plural}/{db.unkey(held[0])}"
                assert api(admin).get(f"{path}/shares").status_code == 404
                assert api(admin).post(f"{path}/actions/share", {"team": "South"}).status_code == 404
