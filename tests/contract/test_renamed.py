"""With every word of the product replaced by the organisation's own, and every card and form laid out anew, all doors
go by the new words and nothing is lost; names on the wire stay."""

import html
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.platform.actor import acting_as, as_system
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import User
from rapport.records import kinds, registry, write
from rapport.records.assistants import describing
from rapport.records.entity import Entity
from rapport.records.layouts.arranging import key_of
from rapport.records.models import ObjectLayout, Wording
from rapport.records.operation import operation
from rapport.records.transfer.mapping.guess import guess
from rapport.records.transfer.writing import bulk
from rapport.records.wording.words import nameable
from tests.contract.examples import example
from tests.people import Api

Browser = Callable[[User], Client]
Doors = Callable[..., Api]
KEYS = [entity.key for entity in registry]
LISTED = [entity.key for entity in registry if entity.takes_fields and not entity.part_of]
# Screens made by hand that say these words of themselves, whatever the fields are called.
OURS = {"E-mail", "Name", "Value", "Kind", "Text", "Card", "Columns", "Switched on"}


def word(entity: str, part: str) -> str:
    """What a part is called in these tests."""
    return f"Zq {entity} {part}".replace(".", " ").replace("_", " ")


def rename() -> None:
    """Call everything otherwise, but the explanations."""
    rows = [
        Wording(entity=entity.key, part=each.part, name=word(entity.key, each.part))
        for entity in registry.declared for each in nameable(entity) if not each.part.startswith("help.")
    ]  # fmt: skip
    with as_system("tests"), operation() as done:
        bulk.create(registry.get("wording"), rows, done)
    snapshot.current()


def lay_out() -> None:
    """Every card, form and list in an order by chance."""
    rows = []
    for entity in registry.declared:
        if not entity.takes_fields:
            continue
        dice = random.Random(entity.key)
        names = list(dict.fromkeys(name for section in entity.every.sections for name in section.fields))
        dice.shuffle(names)
        half = len(names) // 2
        sections = [{"heading": "First half", "fields": names[:half]}, {"heading": "", "fields": names[half:]}]
        asked = [name for view in entity.lists.values() for name in view.form]
        form = [name for name in dict.fromkeys((*names, *entity.form, *asked)) if not entity.every[name].read_only]
        plan = {
            "header": names[:3], "sections": sections, "forms": {key: {"fields": form} for key in entity.lists},
            "panels": [key_of(*each) for each in reversed(registry.panels_on(entity.key))],
            "lists": {key: {"columns": ",".join(reversed(names[:5])), "sort": "created_at"} for key in entity.lists},
        }  # fmt: skip
        rows.append(ObjectLayout(entity=entity.key, name=entity.key, plan=orjson.dumps(plan).decode()))
    with as_system("tests"), operation() as done:
        bulk.create(registry.get("object_layout"), rows, done)
    snapshot.current()


@pytest.fixture
def before() -> dict[str, set[str]]:
    """What fields and choices are called as they come, by entity."""
    return {entity.key: set(_declared(entity)) for entity in registry.declared}


def _declared(entity: Entity) -> Iterator[str]:
    for each in nameable(entity):
        kind = each.part.partition(".")[0]
        if kind in ("field", "choice", "one", "many"):
            yield str(each.declared)


@pytest.fixture
def renamed(before: dict[str, set[str]], own: None, admin: User) -> None:
    rename()


def said(page: str) -> set[str]:
    """The words of headings, terms, labels and options in the middle of a page."""
    middle = page.partition("<main")[2] if "<main" in page else page
    found = re.findall(r"<(dt|th|h1|h2|h3|label|legend|option)\b[^>]*>(.*?)</\1>", middle, re.DOTALL)
    return {" ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split()) for _tag, text in found}


def made(entity: Entity) -> Any:
    with as_system("tests"):
        return write.create(entity, example(entity, 1))


def has_screens(client: Client, entity: Entity) -> bool:
    return client.get(f"/{entity.plural}").status_code == 200


@pytest.mark.parametrize("key", KEYS)
def test_no_screen_says_the_old_words(
    key: str, renamed: None, before: dict[str, set[str]], admin: User, browser_of: Browser
) -> None:  # fmt: skip
    entity, client = registry.get(key), browser_of(admin)
    record = made(entity)
    if not has_screens(client, entity):
        return
    old = before[key]
    base = entity.url(record.id)
    places = [f"/{entity.plural}?view={view}" for view in entity.lists]
    places += [f"/{entity.plural}/{part}" for part in ("columns", "order", "group", "filter")]
    places += [f"/{entity.plural}/new", base] + ([f"{base}/edit", f"{base}?peek=1"] if key != "user" else [])
    for place in places:
        answer = client.get(place)
        if answer.status_code == 404:
            continue
        page = answer.content.decode()
        assert answer.status_code == 200, (place, page)
        left = said(page) & old - OURS
        assert not left, (place, left)
        assert f"Zq {key}".replace("_", " ") in page, place


@pytest.mark.parametrize("key", KEYS)
def test_programs_find_the_new_words_under_the_old_names(key: str, renamed: None, admin: User, api: Doors) -> None:
    entity = registry.get(key)
    described = api(admin).get("openapi.json").json()["components"]["schemas"]
    schema = described["".join(part.capitalize() for part in key.split("_"))]
    assert schema["title"] == word(key, "one")
    for name, known in entity.fields.items():
        if known.mark is None and name != "id" and "." not in name:
            assert schema["properties"][name]["title"] == word(key, f"field.{name}"), name
    with acting_as(access.actor_of(admin)):
        told = describing.kind(entity, access.actor_of(admin))
        assert word(key, "one") in orjson.dumps(told).decode() or word(key, "many") in orjson.dumps(told).decode()


@pytest.mark.parametrize("key", LISTED)
def test_files_are_understood_by_new_and_old_words(
    key: str, renamed: None, admin: User, acting: Any
) -> None:  # fmt: skip
    entity = registry.get(key)
    with acting(admin):
        written = [known for known in entity.fields.values() if not known.read_only and known.mark is None]
        heads = {word(key, f"field.{known.name}"): known.name for known in written if "." not in known.name}
        found = guess(entity, heads, set()).columns
        assert {head: targets[0].field for head, targets in found.items()} == heads
        for known in written:
            if type(known.kind) is kinds.ChoiceKind:
                value = known.kind.choices[-1][0]
                assert known.kind.parse(word(key, f"choice.{known.name}.{value}"), kinds.Place()) == value
                label = dict(entity.declared[known.name].kind.choices)[value]  # type: ignore[attr-defined]
                assert known.kind.parse(str(label), kinds.Place()) == value, "a file of before"


@pytest.mark.parametrize("key", LISTED)
def test_history_and_navigation_follow(key: str, renamed: None, admin: User, api: Doors, browser_of: Browser) -> None:
    entity, browser = registry.get(key), browser_of(admin)
    record = made(entity)
    title = entity.title
    with as_system("tests"):
        write.change(entity, record.id, {title: "Another title"})
    page = browser.get(f"{entity.url(record.id)}?channel=changes").content.decode()
    assert word(key, f"field.{title}") in html.unescape(page)
    offered = re.search(r'data-commands="([^"]+)"|(/commands\?v=\w+)', browser.get("/my-day").content.decode())
    assert offered
    told = browser.get(html.unescape(offered[1] or offered[2])).content.decode()
    first = next(iter(entity.lists))
    assert word(key, f"list.{first}") in told or word(key, "many") in told


@pytest.mark.parametrize("key", LISTED)
def test_an_order_by_chance_loses_nothing(
    key: str, own: None, admin: User, browser_of: Browser, api: Doors
) -> None:  # fmt: skip
    entity, browser = registry.get(key), browser_of(admin)
    record = made(entity)
    base = entity.url(record.id)
    known = {known.heading for known in entity.every.values()}
    card, form = (said(browser.get(place).content.decode()) & known for place in (base, f"{base}/edit"))
    lay_out()
    assert card <= said(browser.get(base).content.decode())
    assert form <= said(browser.get(f"{base}/edit").content.decode())
    assert browser.get(f"/{entity.plural}/new").status_code == 200
    assert "First half" in browser.get(base).content.decode()
    listed = browser.get(f"/{entity.plural}").content.decode()
    last = entity.arranged.plan.lists[next(iter(entity.lists))].columns.split(",")[0]
    assert entity.every[last].heading in said(listed) or entity.lists[next(iter(entity.lists))].shape != "table"
