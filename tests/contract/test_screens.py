"""Every entity has its screens, whoever declared it: card, peek, forms, cell editors, bin, board; right by right."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.platform.keys import parse_key
from rapport.records import boards, kinds, registry, write
from rapport.records.entity import Entity
from tests.contract.examples import another, example

KEYS = [entity.key for entity in registry]
RECORDS = [entity.key for entity in registry if entity.is_record]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def admins(admin: User, browser_of: Callable[[User], Client]) -> Client:
    """The administrator's browser."""
    return trusting(browser_of(admin))


def trusting(browser: Client) -> Client:
    """A browser whose forms need no token: forgery has its own tests."""
    browser.handler.enforce_csrf_checks = False
    return browser


def made(entity: Entity, n: int = 1, owner: User | None = None) -> Any:
    """A record made behind the scenes."""
    with as_system("tests"):
        return write.create(entity, example(entity, n, owner))


def writable(entity: Entity) -> list[str]:
    """Fields that a card lets one edit."""
    return [name for name, known in entity.fields.items() if not known.read_only]


@pytest.mark.parametrize("key", KEYS)
def test_the_card_and_the_peek_name_the_record(key: str, admins: Client) -> None:
    entity = registry.get(key)
    record = made(entity)
    title = shown(entity, entity.title_of(record))
    for more in ("", "?peek=1"):
        page = admins.get(f"{entity.url(record.id)}{more}")
        assert page.status_code == 200
        assert title in page.content.decode()
        part = admins.get(f"{entity.url(record.id)}{more}", headers=FRAGMENT)
        assert part.status_code == 200
        assert "<html" not in part.content.decode()


@pytest.mark.parametrize("key", KEYS)
def test_the_title_is_edited_in_the_head_and_nowhere_else(key: str, admins: Client) -> None:
    entity = registry.get(key)
    page = admins.get(entity.url(made(entity).id)).content.decode()
    assert page.count(f'id="cell-{entity.title}"') == 1
    assert page.index(f'id="cell-{entity.title}"') < page.index("<h1") < page.index('id="facts"')


@pytest.mark.parametrize("key", KEYS)
def test_what_is_not_known_is_folded_and_can_be_filled(key: str, admins: Client) -> None:
    entity = registry.get(key)
    page = admins.get(entity.url(made(entity).id)).content.decode()
    facts = page[page.index('id="facts"') :].partition("</section>\n<section class")[0]
    known = re.sub(r"<details class=\"empties\">.*?</details>", "", facts, flags=re.DOTALL)
    assert '<span class="shown nothing">' not in known
    for fold in re.findall(r"<details class=\"empties\">.*?</details>", facts, flags=re.DOTALL):
        assert "<summary>" in fold
        assert 'id="cell-' in fold


@pytest.mark.parametrize("key", KEYS)
def test_every_field_has_an_editor_that_saves(key: str, admins: Client) -> None:
    entity = registry.get(key)
    record = made(entity)
    for name in writable(entity):
        editor = admins.get(f"{entity.url(record.id)}/field/{name}", headers=FRAGMENT)
        assert editor.status_code == 200, name
        assert 'name="value"' in editor.content.decode(), name
    url = f"{entity.url(record.id)}/field/{entity.title}"
    saved = admins.post(url, {"value": another(entity)}, headers=FRAGMENT)
    assert saved.status_code == 200, saved.content
    assert shown(entity, another(entity)) in admins.get(entity.url(record.id)).content.decode()


@pytest.mark.parametrize("key", KEYS)
def test_the_form_makes_one_and_says_what_is_wrong(key: str, admins: Client) -> None:
    entity = registry.get(key)
    url = f"/{entity.plural}/new"
    assert admins.get(url).status_code == 200
    assert "<form" in admins.get(url, headers=FRAGMENT).content.decode()
    empty = admins.post(url, {}, headers=FRAGMENT)
    assert empty.status_code == 422
    assert 'role="alert"' in empty.content.decode()
    values = form_values(entity, example(entity, 7))
    done = admins.post(url, values)
    assert done.status_code == 302, done.content.decode()[:2000]
    title = values.get(entity.title, entity.fields[entity.title].default)
    assert shown(entity, title) in admins.get(done["Location"]).content.decode()


def shown(entity: Entity, title: str) -> str:
    """A title as people read it: a choice by its label."""
    known = entity.fields[entity.title]
    return escape(str(known.kind.label(title)) if isinstance(known.kind, kinds.ChoiceKind) else title)


def form_values(entity: Entity, values: dict[str, Any]) -> dict[str, Any]:
    """The example as a form sends it: relations by id."""
    found = dict(values)
    for name, value in values.items():
        known = entity.fields[name]
        if known.relation and isinstance(value, str) and parse_key(value) is None:
            related = registry.get(known.relation)
            found[name] = related.model._default_manager.get(**{related.title: value}).id
    return found


@pytest.mark.parametrize("key", KEYS)
def test_all_fields_can_be_edited_in_one_form(key: str, admins: Client) -> None:
    entity = registry.get(key)
    record = made(entity)
    url = f"{entity.url(record.id)}/edit"
    page = admins.get(url).content.decode()
    version = re.search(r'name="version" value="(\d+)"|value="(\d+)"[^>]*name="version"', page)
    assert version
    fresh = another(entity)
    sent = {"version": next(filter(None, version.groups())), entity.title: fresh}
    assert admins.post(url, sent, headers=FRAGMENT).status_code == 204
    assert shown(entity, fresh) in admins.get(entity.url(record.id)).content.decode()
    if isinstance(entity.fields[entity.title].kind, kinds.ChoiceKind):
        return
    late = admins.post(url, sent | {entity.title: "Too late"}, headers=FRAGMENT)
    assert late.status_code == 422
    assert "Too late" in late.content.decode(), "what was typed is kept"
    assert shown(entity, fresh) in admins.get(entity.url(record.id)).content.decode()


@pytest.mark.parametrize("key", RECORDS)
def test_a_record_goes_into_the_bin_and_comes_back(key: str, admins: Client) -> None:
    entity = registry.get(key)
    record = made(entity)
    url = entity.url(record.id)
    binned = admins.post(f"{url}/bin", headers=FRAGMENT)
    assert binned.status_code == 200
    assert "undo" in binned["HX-Trigger"]
    assert f"{url}/restore" in admins.get(url).content.decode()
    assert admins.post(f"{url}/restore", headers=FRAGMENT).status_code == 200
    assert f"{url}/restore" not in admins.get(url).content.decode()


@pytest.mark.parametrize("key", [entity.key for entity in registry if entity.board])
def test_a_record_moves_over_the_board_and_back(key: str, admins: Client) -> None:
    entity = registry.get(key)
    record = made(entity)
    board = next(view for view in entity.lists.values() if view.shape == "board")
    page = admins.get(f"/{entity.plural}?view={board.key}").content.decode()
    assert f'id="tile-{record.id}"' in page
    by = entity.field(boards.board_of(entity).by)
    track = boards.tracks(entity)[0][0] if boards.tracks(entity) else None
    elsewhere = [step for step in boards.steps(entity, track) if step.id != getattr(record, by.attname)]
    other = next((step for step in elsewhere if step.kind == "open"), elsewhere[0])
    moved = admins.post(f"{entity.url(record.id)}/move", {by.name: other.id}, headers=FRAGMENT)
    assert moved.status_code == 200, moved.content
    assert other.name in moved["HX-Trigger"]
    more = admins.get(f"/{entity.plural}/columns/{other.id}", headers=FRAGMENT)
    assert record.id in more.content.decode()


@pytest.mark.parametrize("key", RECORDS)
def test_who_may_not_write_sees_no_way_to(key: str, reader: User, browser_of: Callable[[User], Client]) -> None:
    entity = registry.get(key)
    record = made(entity, 1, None if entity.configuration else reader)
    browser = trusting(browser_of(reader))
    page = browser.get(entity.url(record.id)).content.decode()
    for door in ("/bin", "/edit", "/field/", "/log"):
        assert f"{entity.url(record.id)}{door}" not in page, door
    assert f'href="/{entity.plural}/new' not in page
    assert browser.get(f"/{entity.plural}/new").status_code == 403
    for door in ("bin", "edit", f"field/{entity.title}"):
        assert browser.post(f"{entity.url(record.id)}/{door}", {"value": "x"}, headers=FRAGMENT).status_code == 403, (
            door
        )
