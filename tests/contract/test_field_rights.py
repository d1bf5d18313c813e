"""What a role may not see of an object is unknown to it through every door; what it may only see it cannot set."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client

from rapport.config import readiness
from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import FieldLimit, Role, User
from rapport.records import field_limits, granting, jobs, registry, revert, search_read, write
from rapport.records.entity import Entity, Field
from rapport.records.errors import Forbidden, Invalid, Problem, Refused
from rapport.records.transfer.export.files import export
from tests.contract.examples import example
from tests.people import Api

KEYS = [entity.key for entity in registry if entity.takes_fields]
DAY, NUMBER = "2031-07-19", 73519
TEXTS: dict[str, Any] = {
    "text": "Zqsecret", "long_text": "Zqsecret told at length", "email": "zqsecret@hidden.example",
    "phone": "+4930735190", "url": "https://zqsecret.example", "country": "LS",
    "number": NUMBER, "decimal": NUMBER, "amount": f"{NUMBER}.00", "money": f"{NUMBER}.00",
    "date": DAY, "moment": f"{DAY}T10:11:12Z",
}  # fmt: skip
TOLD = re.compile(r"zqsecret|73[.,\u202f\xa0\s]?519|735190|2031|19 Jul|Jul 19|Lesotho", re.IGNORECASE)
Clients = Callable[..., Api]


def withheld(entity: Entity, how: str) -> list[Field]:
    """The fields that can be so."""
    return [known for name, known in entity.every.items() if how in field_limits.offered(entity, known)]


def role(key: str) -> str:
    """The id of a role."""
    return str(Role.objects.get(key=key).id)


def limit(role: str, how: str, *, but: tuple[str, ...] = ()) -> None:
    """All that can be so of every object is."""
    held = Role.objects.get(key=role)
    FieldLimit.objects.bulk_create(
        FieldLimit(role=held, entity=entity.key, field=known.name, level=how)
        for entity in registry
        if entity.takes_fields
        for known in withheld(entity, how)
        if known.name not in but
    )
    snapshot.touch()


def marked(entity: Entity, owner: User) -> Any:
    """A record that says something in all that can be hidden of it."""
    with as_system("tests"):
        made = write.create(entity, example(entity, 1, owner))
        for known in withheld(entity, "hidden"):
            value = TEXTS.get(known.kind.name)
            if value is not None and not known.read_only:
                with suppress(Problem):  # some are not free to be anything
                    write.change(entity, made.id, {known.name: value})
        return made


def walked(browser: Client, start: str, most: int = 60) -> Iterator[tuple[str, str]]:
    """Pages from here on, with what they fetch by themselves and lead to."""
    waiting, seen = [start], {start}
    while waiting and most:
        at, most = waiting.pop(0), most - 1
        answer = browser.get(at)
        told = re.sub(r"<[^>]*>", "", answer.content.decode().partition("<main")[2])
        assert answer.status_code in (200, 302, 303, 304), (at, answer.status_code, told)
        text = answer.content.decode()
        yield at, text
        for found in re.findall(r'(?:hx-get|data-peek|data-load|href)="(/[^"#]*)"', text):
            path = found.replace("&amp;", "&")
            if path not in seen and path.startswith(start.partition("?")[0]):
                seen.add(path)
                waiting.append(path)


@pytest.fixture
def blind(reader: User) -> User:
    """Sees every object, and of each as little as can be."""
    limit("readonly", "hidden")
    return reader


@pytest.mark.parametrize("key", KEYS)
def test_nothing_of_a_hidden_field_is_on_any_screen(
    key: str, blind: User, seller: User, browser_of: Callable[[User], Client]
) -> None:
    entity, browser = registry.get(key), browser_of(blind)
    record = marked(entity, seller)
    if not access.actor_of(blind).may(key, "view"):
        return
    for start in (f"/{entity.plural}", entity.url(record.id), f"{entity.url(record.id)}?peek=1", "/my-day"):
        for at, page in walked(browser, start):
            assert not TOLD.search(re.sub(r"<input[^>]*csrf[^>]*>|\b[0-9a-f]{32}\b", "", page)), at


@pytest.mark.parametrize("key", KEYS)
def test_who_may_see_it_does(key: str, admin: User, seller: User, browser_of: Callable[[User], Client]) -> None:
    entity = registry.get(key)
    record = marked(entity, seller)
    if any(known.kind.name in TEXTS and not known.read_only for known in withheld(entity, "hidden")):
        assert any(TOLD.search(page) for _at, page in walked(browser_of(admin), entity.url(record.id), most=1))


@pytest.mark.parametrize("key", KEYS)
def test_a_hidden_field_is_unknown_to_the_api_and_in_files(
    key: str, blind: User, seller: User, admin: User, api: Clients, tmp_path: Any
) -> None:
    entity = registry.get(key)
    record, hidden = marked(entity, seller), {known.name for known in withheld(entity, "hidden")}
    client = api(blind)
    if not access.actor_of(blind).may(key, "view"):
        return
    for path in ("", f"/{record.id}", f"/{record.id}/timeline", f"/{record.id}/changes"):
        answer = client.get(f"{entity.plural}{path}")
        assert answer.status_code == 200, (path, answer.content)
        assert not TOLD.search(re.sub(r"[0-9a-f]{32}", "", answer.content.decode())), (path, answer.content)
    flat = flattened(client.get(f"{entity.plural}/{record.id}").json())
    assert not flat & hidden
    for name in hidden:
        asked = [{"filter": {"field": name, "op": "is_empty"}}, {"sort": name}, {"fields": name}]
        for given in asked:
            answer = client.get(entity.plural, **given)
            assert answer.status_code == 400, (name, given)
            assert name not in re.split(r"[ ,]+", answer.json()["errors"][0]["message"]), "the list of valid ones"
        assert client.get(f"{entity.plural}/aggregate", group=name).status_code == 400
        assert client.get(f"{entity.plural}/aggregate", sum=name).status_code == 400
    described, kind = client.get("openapi.json").json()["components"]["schemas"], type(entity).__name__[:-6]
    told = {name for end in ("", "New", "Change") for name in described.get(kind + end, {}).get("properties", ())}
    assert "id" in told
    assert not told & hidden
    file = tmp_path / "out.csv"
    with acting_as(access.actor_of(admin)):
        export(entity, file)
        assert TOLD.search(file.read_text()) or not hidden, "the administrator's export has it"
    Role.objects.get(key="readonly").grants.create(entity="*", verb="export", level="all")
    snapshot.touch()
    with acting_as(access.actor_of(blind)):
        export(entity, file)
    assert not TOLD.search(file.read_text())


def flattened(record: dict[str, Any]) -> set[str]:
    groups = {name: record[name] for name in ("address", "custom") if name in record}
    return {*record, *(f"{name}.{part}" for name, value in groups.items() for part in value)}


@pytest.mark.parametrize("key", KEYS)
def test_a_field_that_may_only_be_seen_is_not_set(
    key: str, seller: User, api: Clients, browser_of: Callable[[User], Client]
) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        record = write.create(entity, example(entity, 1, seller))
    limit("sales", "read")
    client, browser = api(seller), browser_of(seller)
    if not access.actor_of(seller).may(key, "change"):
        return
    fixed = withheld(entity, "read")
    for known in fixed:
        answer = client.patch(f"{entity.plural}/{record.id}", {known.name: None})
        assert answer.status_code == 403, (known.name, answer.content)
        cell = browser.get(f"{entity.url(record.id)}/field/{known.name}", headers={"HX-Request": "true"})
        assert 'name="value"' not in cell.content.decode(), known.name
    form = browser.get(f"{entity.url(record.id)}/edit")
    page = form.content.decode()
    assert not [known.name for known in fixed if f'name="{known.name}"' in page]
    card = browser.get(entity.url(record.id)).content.decode()
    assert not [known.name for known in fixed if f"/field/{known.name}" in card]
    if access.actor_of(seller).may(key, "add"):
        made = client.post(entity.plural, needed(entity, seller))
        assert made.status_code == 201, made.content


def needed(entity: Entity, owner: User) -> dict[str, Any]:
    """What a new record cannot do without."""
    given = example(entity, 5, owner)
    return {name: given[name] for name in (*entity.required, entity.title) if name in given}


def test_the_most_generous_role_counts_among_those_that_reach_the_object(admin: User, reader: User) -> None:
    deal = registry.get("deal")
    with acting_as(access.actor_of(admin)):
        field_limits.limit(role("readonly"), deal, {"amount": "hidden", "close_on": "read"})
    fields = lambda: _as(reader, deal)  # noqa: E731
    assert "amount" not in fields()
    roles = {role.key: role for role in Role.objects.all()}
    other = Role.objects.create(key="guest", name="Guest")
    reader.roles.add(other)
    assert "amount" not in fields(), "a role that does not reach deals says nothing of them"
    other.grants.create(entity="deal", verb="view", level="all")
    snapshot.touch()
    assert "amount" in fields()
    reader.roles.add(roles["sales"])
    assert not fields()["close_on"].read_only
    assert "amount" in _as(admin, deal)


def test_nobody_finds_by_words_that_are_hidden_from_anybody(admin: User, seller: User, reader: User) -> None:
    party, point = registry.get("party"), registry.get("contact_point")
    with acting_as(access.actor_of(admin)):
        key = write.create(party, {"name": "Acme", "email": "secret@acme.example", "website": "acme.example"}).id
        write.create(point, {"party": key, "kind": "telegram", "value": "acme_hidden"})
        found = lambda: [len(search_read.search(word)) for word in ("secret", "acme_hidden", "acme")]  # noqa: E731
        assert found() == [1, 1, 1]
        field_limits.limit(role("readonly"), party, {"email": "hidden"})
        jobs.follow_hidden(Run(), "party")
        assert found() == [0, 0, 1]
        write.change(party, key, {"email": "secrets@acme.example"})
        assert found() == [0, 0, 1]
        field_limits.limit(role("readonly"), party, {"email": "read"})
        jobs.follow_hidden(Run(), "party")
        assert found() == [1, 1, 1]
    assert readiness.deep() == []


class Run:
    """A job's run that nobody cancels."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    def check_cancelled(self) -> None:
        """Never."""

    def save_state(self, state: dict[str, Any]) -> None:
        self.state = state


def test_parts_that_hold_what_is_withheld_go_with_it(admin: User, seller: User, api: Clients) -> None:
    party = registry.get("party")
    with acting_as(access.actor_of(seller)):
        key = write.create(party, {"name": "Acme", "email": "office@acme.example", "address": {"city": "Bern"}}).id
    with acting_as(access.actor_of(admin)):
        field_limits.limit(role("sales"), party, {"email": "hidden", "address.city": "read"})
    points = {"filter": {"field": "party", "op": "eq", "value": key}}
    client = api(seller)
    assert client.get("contact-points", **points).status_code == 403
    assert client.get(f"parties/{key}").status_code == 200
    (address,) = client.items("addresses", **points)
    assert client.patch(f"addresses/{address['id']}", {"city": "Basel"}).status_code == 403
    assert client.delete(f"addresses/{address['id']}").status_code == 403
    assert client.post("addresses", {"party": key, "city": "Basel"}).status_code == 403


def test_a_map_goes_by_what_is_seen(
    admin: User, seller: User, browser_of: Callable[[User], Client], acting: Callable[..., Any]
) -> None:
    with acting(seller):
        party = write.create(registry.get("party"), {"name": "Acme", "address": {"country": "DE"}}).id
        write.create(registry.get("deal"), {"name": "Mill", "party": party, "amount": f"{NUMBER}.00"})
    browser = browser_of(seller)
    assert TOLD.search(browser.get("/deals?view=map").content.decode())
    with acting_as(access.actor_of(admin)):
        field_limits.limit(role("sales"), registry.get("deal"), {"amount": "hidden"})
    page = browser.get("/deals?view=map").content.decode()
    assert ("Germany" in page, bool(TOLD.search(page))) == (True, False)
    with acting_as(access.actor_of(admin)):
        field_limits.limit(role("sales"), registry.get("party"), {"address.country": "hidden"})
    assert browser.get("/deals?view=map").status_code == 404
    assert "view=map" not in browser.get("/deals?view=table").content.decode()


def test_merging_keeps_what_the_merger_does_not_see(admin: User, manager: User, api: Clients) -> None:
    party = registry.get("party")
    with acting_as(access.actor_of(admin)):
        one = write.create(party, {"name": "Acme", "owner": manager.id}).id
        two = write.create(party, {"name": "Acme", "owner": manager.id, "description": "Pays late"}).id
        field_limits.limit(role("manager"), party, {"description": "hidden"})
    client = api(manager)
    chosen = {"with": two, "choices": {"description": "winner"}}
    assert client.post(f"parties/{one}/actions/merge", chosen).status_code == 422
    assert client.post(f"parties/{one}/actions/merge", {"with": two}).status_code == 200
    assert api(admin).get(f"parties/{one}").json()["description"] == "Pays late"


def _as(user: User, entity: Entity) -> Any:
    with acting_as(access.actor_of(user)):
        return entity.fields


def test_what_an_object_stands_on_is_not_hidden_and_administrators_see_all(admin: User, seller: User) -> None:
    deal = registry.get("deal")
    with acting_as(access.actor_of(admin)):
        for name, how in (("name", "hidden"), ("stage", "hidden"), ("owner", "hidden"), ("created_at", "read")):
            with pytest.raises(Invalid):
                field_limits.limit(role("sales"), deal, {name: how})
        with pytest.raises(Refused):
            field_limits.limit(role("admin"), deal, {"amount": "hidden"})
        with pytest.raises(Invalid):
            field_limits.limit(role("sales"), deal, {"no_such": "hidden"})
        done = field_limits.limit(role("sales"), deal, {"amount": "hidden", "close_on": "read"})
        assert field_limits.of("sales", deal) == {"amount": "hidden", "close_on": "read"}
        copied = granting.copy(role("sales"), "Field sales")
        field_limits.limit(role("sales"), deal, {"close_on": "write"})
        assert revert.revert(str(done)).kept_changed == [role("sales")]
        assert field_limits.of("sales", deal) == {}
        assert field_limits.of(copied.key, deal) == {"amount": "hidden", "close_on": "read"}


def test_whoever_does_not_see_all_of_an_object_gives_nobody_rights_on_it(admin: User, manager: User) -> None:
    deal = registry.get("deal")
    with acting_as(access.actor_of(admin)):
        keeper = granting.copy(role("manager"), "Keeper of roles")
        for verb in ("view", "add", "change"):
            granting.grant(keeper.id, {("user", verb): "all", ("role", verb): "all"})
        field_limits.limit(keeper.id, deal, {"amount": "hidden", "close_on": "read"})
        guest = granting.copy(role("readonly"), "Guest")
    manager.roles.set([keeper])
    snapshot.touch()
    with acting_as(access.actor_of(manager)):
        with pytest.raises(Forbidden):
            granting.grant(guest.id, {("deal", "view"): "own"})
        with pytest.raises(Invalid):
            field_limits.limit(keeper.id, deal, {"amount": "write"})
        with pytest.raises(Forbidden):
            field_limits.limit(keeper.id, deal, {"close_on": "write"})
