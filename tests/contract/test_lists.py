"""The list screen of every entity: each named list, its parts, its filters; and who may see them."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Grant, User
from rapport.records import listing, read, registry, write
from rapport.records.entity import Entity
from rapport.records.read import Query
from rapport.shell.lists import cells, chips, conditions, figures, groups, state
from rapport.shell.lists.state import showable
from rapport.shell.views import board
from rapport.shell.views.lists import sortable
from tests.contract.examples import TODAY, crowd, example, values_of
from tests.people import may
from tools.frontend import ROOT, SOURCES

ENTITIES = [entity.key for entity in registry]
TABLES = [(e.key, view.key) for e in registry for view in e.lists.values() if view.shape == "table"]
Browser = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def body(answer: HttpResponse) -> str:
    assert answer.status_code == 200, (answer.status_code, answer.content[:800])
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return str(content.decode())


def ids(text: str) -> list[str]:
    """The records whose rows are in a page."""
    return re.findall(r'<tr role="row" id="row-([0-9a-f]{32})"', text)


def expected(user: User, acting: Any, entity: Entity, tree: Any, sort: str) -> list[str]:
    with acting(user):
        return [row["id"] for row in read.page(Query(entity, filter=tree, sort=(sort,), fields=("id",))).items()]


@pytest.mark.parametrize(("key", "view"), TABLES)
def test_a_list_shows_what_its_view_holds_in_its_order(
    key: str, view: str, admin: User, browser_of: Browser, acting: Any
) -> None:
    entity = registry.get(key)
    crowd(entity, 15)
    known, browser = entity.lists[view], browser_of(admin)
    page = body(browser.get(f"/{entity.plural}?view={view}"))
    sort = known.sort or entity.default_sort
    assert ids(page) == expected(admin, acting, entity, known.filter, sort)
    assert f"<h1>{known.label if known.go or known.one else entity.label_plural}</h1>" in page
    assert "aria-sort" in page or sort.lstrip("-") not in (known.columns or entity.columns)
    part = body(browser.get(f"/{entity.plural}?view={view}&part=rows", headers=HTMX))
    assert ids(part) == ids(page)
    assert "<html" not in part
    whole = body(browser.get(f"/{entity.plural}?view={view}", headers=HTMX))
    assert ids(whole) == ids(page)
    assert "<html" not in whole


@pytest.mark.parametrize("key", ENTITIES)
def test_every_field_can_be_a_column_and_every_head_sorts(
    key: str, admin: User, browser_of: Browser, acting: Any
) -> None:
    entity = registry.get(key)
    crowd(entity, 12)
    browser = browser_of(admin)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    page = body(browser.get(f"/{entity.plural}?view={view.key}&columns={','.join(showable(entity))}"))
    assert re.findall(r'<th [^>]*data-field="([^"]+)"', page)[0] == entity.title
    assert set(re.findall(r'data-field="([^"]+)"', page)) == set(showable(entity))
    heads = re.findall(r'<a href="([^"]+)" id="sort-([^"]+)" data-visit data-add="([^"]+)"', page)
    assert len(heads) == sum(sortable(entity.fields[name]) for name in showable(entity))
    for url, name, further in heads:
        tree, direction = view.filter, "-" if "sort=-" in url else ""
        found = ids(body(browser.get(url.replace("&amp;", "&"), headers=HTMX)))
        assert found == expected(admin, acting, entity, tree, f"{direction}{name}"), name
        assert ids(body(browser.get(further.replace("&amp;", "&"), headers=HTMX)))


def fill(entity: Entity, name: str, shape: str) -> dict[str, Any]:
    """What somebody types into the editor of a condition."""
    known, _label = conditions.known_as(entity, name)
    some = [value for value in values_of(known) if value not in ([], None)] or ["0" * 32 if known.relation else "1"]
    one = some[0][0] if isinstance(some[0], list) else some[0]
    high = min(42, getattr(known.kind, "high", 42))
    return {
        "several": {"value": [one]}, "one": {"one": one}, "two": {"low_two": 1, "high_two": high},
        "days": {"low_days": str(TODAY.replace(month=1, day=1)), "high_days": str(TODAY)}, "day": {"day": str(TODAY)},
        "span": {"n": 30, "unit": "day"}, "period": {"period": "quarter"}, "none": {},
    }[shape]  # fmt: skip


@pytest.mark.parametrize("key", ENTITIES)
def test_every_comparison_of_every_field_has_an_editor_and_makes_a_chip(
    key: str, admin: User, browser_of: Browser, acting: Any
) -> None:
    entity = registry.get(key)
    crowd(entity, 12)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    browser, where = browser_of(admin), f"/{entity.plural}/filter?view={view.key}"
    menu = body(browser.get(where, headers=HTMX))
    fields = dict.fromkeys(re.findall(r"field=([a-z_.]+)", menu))
    assert set(entity.filters) <= set(fields) | {name for name in entity.filters if name not in entity.fields}
    for name in fields:
        known, label = conditions.known_as(entity, name)
        editor = body(browser.get(where, {"view": view.key, "field": name}, headers=HTMX))
        assert "<form" in editor
        for code, shape in conditions.OFFERED[conditions.family(known)]:
            given = {"view": view.key, "field": name, "op": code, "apply": "1", **fill(entity, name, shape)}
            answer = browser.get(f"/{entity.plural}/filter", given)
            assert answer.status_code == 302, (name, code, answer.content[:400])
            page = body(browser.get(answer["Location"]))
            assert f"<span>{label}</span>" in page, (name, code)
            again = re.search(r'class="says" href="([^"]+)"', page)
            assert again, (name, code)
            shown = body(browser.get(again.group(1).replace("&amp;", "&"), headers=HTMX))
            assert f'<option value="{code}" class="is-{shape}" selected>' in shown, (name, code)


def test_alternatives_are_bracketed_and_deeper_trees_are_told_in_words_and_kept(
    admin: User, browser_of: Browser
) -> None:
    parties = crowd(registry.get("party"), 15)
    roles = {"field": "roles", "op": "has_any", "value": ["customer"]}
    city = {"field": "address.city", "op": "eq", "value": "Graz"}
    deep = {"not": {"and": [city, {"or": [roles, city]}]}}
    tree = {"and": [{"or": [roles, city]}, deep]}
    browser = browser_of(admin)
    page = body(browser.get(f"/parties?view=people&filter={quote(orjson.dumps(tree).decode())}"))
    assert len(parties) == 15
    assert 'role="group" aria-label="Any of these"' in page
    assert "not (City is Graz and (Roles is any of Customer or City is Graz))" in page
    remove = re.search(r'class="off" href="([^"]+)"', page)
    assert remove
    left = orjson.loads(unquote(urlsplit(remove.group(1).replace("&amp;", "&")).query).split("filter=")[1])
    assert left == {"and": [city, deep]}


@pytest.mark.parametrize(
    "filter", ["{", "[1]", '{"field":"nothing"}', '{"field":"name","op":"like","value":"x"}', '{"and":[]}', "7", '"x"']
)
def test_a_filter_nobody_understands_is_answered_calmly(filter: str, admin: User, browser_of: Browser) -> None:
    browser = browser_of(admin)
    for headers in ({}, HTMX):
        answer = browser.get("/parties", {"view": "people", "filter": filter}, headers=headers)
        assert answer.status_code in (400, 422)
        assert "Show the list without filters" in answer.content.decode()


@pytest.mark.parametrize("key", ENTITIES)
def test_a_cursor_of_elsewhere_is_answered_calmly(key: str, admin: User, browser_of: Browser) -> None:
    entity = registry.get(key)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    answer = browser_of(admin).get(f"/{entity.plural}?view={view.key}&after=xyz")
    assert answer.status_code == 400
    assert "cursor" in answer.content.decode()


@pytest.mark.parametrize("key", ENTITIES)
def test_rows_by_id_are_those_that_still_belong_to_the_list(key: str, admin: User, browser_of: Browser) -> None:
    entity = registry.get(key)
    records = crowd(entity, 6)
    browser = browser_of(admin)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    page = ids(body(browser.get(f"/{entity.plural}?view={view.key}")))
    asked = ",".join(record.id for record in records)
    found = ids(body(browser.get(f"/{entity.plural}/rows?view={view.key}&ids={asked}")))
    assert set(found) == {record.id for record in records} & set(page)


@pytest.mark.parametrize("key", ENTITIES)
def test_columns_are_remembered_for_this_list_and_this_user_and_the_address_wins(
    key: str, admin: User, manager: User, browser_of: Browser
) -> None:
    entity = registry.get(key)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    where, browser = f"/{entity.plural}?view={view.key}", browser_of(admin)
    before = re.findall(r'data-field="([^"]+)"', body(browser.get(where)))
    token = re.search(r'name="csrf-token" content="([^"]+)"', body(browser.get(where)))
    assert token
    post = {"columns": f"{entity.title}:300,updated_at", "csrfmiddlewaretoken": token.group(1)}
    answer = browser.post(f"/{entity.plural}/columns?view={view.key}", post)
    assert answer.status_code == 302
    page = body(browser.get(where))
    assert re.findall(r'data-field="([^"]+)"', page) == [entity.title, "updated_at"]
    assert '<col width="300">' in page
    if may(manager, key):
        assert re.findall(r'data-field="([^"]+)"', body(browser_of(manager).get(where))) == before
    chosen = body(browser.get(f"{where}&columns=created_at"))
    assert re.findall(r'data-field="([^"]+)"', chosen) == [entity.title, "created_at"]
    browser.post(f"/{entity.plural}/columns?view={view.key}", post | {"reset": "1"})
    assert re.findall(r'data-field="([^"]+)"', body(browser.get(where))) == before


@pytest.mark.parametrize("key", ENTITIES)
def test_sums_and_the_menus_of_a_list(key: str, admin: User, browser_of: Browser) -> None:
    entity = registry.get(key)
    records = crowd(entity, 9)
    browser = browser_of(admin)
    for view in entity.lists.values():
        if view.shape != "table":
            continue
        shown = ids(body(browser.get(f"/{entity.plural}?view={view.key}")))
        for exact in ("", "&exact=1"):
            sums = body(browser.get(f"/{entity.plural}/sums?view={view.key}{exact}", headers=HTMX))
            assert f"<b>{len(shown)}</b>" in sums
        for part in ("columns", "order", "filter"):
            for headers in ({}, HTMX):
                assert body(browser.get(f"/{entity.plural}/{part}?view={view.key}", headers=headers))
    assert records


@pytest.mark.parametrize("key", ENTITIES)
def test_export_holds_the_rows_and_columns_of_the_list(key: str, admin: User, browser_of: Browser) -> None:
    entity = registry.get(key)
    crowd(entity, 8)
    browser = browser_of(admin)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    where = f"view={view.key}&columns={entity.title},created_at"
    shown = ids(body(browser.get(f"/{entity.plural}?{where}")))
    lines = body(browser.get(f"/{entity.plural}/export?{where}")).lstrip("\ufeff").splitlines()
    assert lines[0] == f"id,{entity.title},created_at"
    assert {line.split(",")[0] for line in lines[1:]} == set(shown)
    few = body(browser.get(f"/{entity.plural}/export?{where}&ids={shown[0]}")).splitlines()
    assert len(few) == 2
    sheet = browser.get(f"/{entity.plural}/export?{where}&format=xlsx")
    assert b"".join(sheet.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


PARTS = ("", "/rows?ids=", "/sums", "/filter", "/columns", "/order", "/export", "/bulk?do=assign")


@pytest.mark.parametrize("key", ENTITIES)
def test_who_is_not_signed_in_or_has_no_grant_sees_nothing(key: str, reader: User, browser_of: Browser) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        made = write.create(entity, example(entity))
    Grant.objects.filter(entity__in=[key, "*"]).delete()
    snapshot.touch()
    for part in PARTS:
        assert Client().get(f"/{entity.plural}{part}").status_code == 302
        answer = browser_of(reader).get(f"/{entity.plural}{part}")
        assert answer.status_code in (403, 404), part
        assert made.id not in answer.content.decode()


@pytest.mark.parametrize("key", ["party", "deal", "interaction"])
def test_a_seller_lists_counts_and_exports_only_what_is_his(
    key: str, seller: User, other_seller: User, browser_of: Browser
) -> None:
    entity = registry.get(key)
    with as_system("tests"):
        mine = write.create(entity, example(entity, 1) | {"owner": seller.id})
        theirs = write.create(entity, example(entity, 2) | {"owner": other_seller.id})
    browser = browser_of(seller)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    assert ids(body(browser.get(f"/{entity.plural}?view={view.key}"))) == [mine.id]
    found = body(browser.get(f"/{entity.plural}/rows?view={view.key}&ids={mine.id},{theirs.id}"))
    assert ids(found) == [mine.id]
    assert "<b>1</b>" in body(browser.get(f"/{entity.plural}/sums?view={view.key}", headers=HTMX))
    assert browser.get(f"/{entity.plural}/export?view={view.key}").status_code == 403


def test_the_title_of_a_record_out_of_reach_is_not_told_by_a_chip(
    seller: User, other_seller: User, browser_of: Browser
) -> None:
    with as_system("tests"):
        theirs = write.create(registry.get("party"), {"name": "Hidden Gem", "owner": other_seller.id})
    tree = orjson.dumps({"field": "party", "op": "eq", "value": theirs.id}).decode()
    page = body(browser_of(seller).get("/deals", {"view": "table", "filter": tree}))
    assert "Hidden Gem" not in page
    assert "unseen" in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/parties?kind=person&q=ada", "/parties?view=people&q=ada"),
        ("/parties?kind=organisation", "/parties?view=organisations"),
        ("/deals?as=table&sort=-amount", "/deals?view=table&sort=-amount"),
        ("/deals?as=table&owner=me", "/deals?view=table&filter=%7B%22field%22%3A%22owner%22%2C%22op%22%3A%22eq%22"),
    ],
)
def test_addresses_of_before_lead_to_todays(old: str, new: str, admin: User, browser_of: Browser) -> None:
    answer = browser_of(admin).get(old)
    assert answer.status_code == 302
    assert answer["Location"].startswith(new)


def test_the_menu_names_fields_of_related_records(admin: User, browser_of: Browser) -> None:
    menu = body(browser_of(admin).get("/deals/filter?view=table", headers=HTMX))
    assert "Customer › Industry" in menu
    assert chips.icon(registry.get("deal").fields["amount"]) == "banknote"


@pytest.mark.django_db
def test_every_icon_a_list_shows_is_in_the_sprite() -> None:
    sprite = set((ROOT / SOURCES / "icons.txt").read_text().split())
    shown = {chips.icon(known) for entity in registry for known in entity.fields.values() if known.kind.name != "about"}
    shown |= {icon for entity in registry for icon in (entity.icon, *(view.icon for view in entity.views)) if icon}
    shown |= {
        cells.snippet(e, known).icon for e in registry for known in e.fields.values() if known.kind.name != "about"
    }
    assert shown - {""} <= sprite


def test_a_list_cut_to_the_newest_hits_says_so(
    admin: User, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = registry.get("deal")
    with as_system("tests"):
        for n in range(5):
            write.create(deal, {**example(deal, n), "name": f"Zebra {n}"})
    where = "/deals/sums?view=table&q=zebra"
    assert "<b>5</b> rows" in body(browser_of(admin).get(where, headers=HTMX))
    known = body(browser_of(admin).get("/deals?q=zebra", headers=HTMX))
    assert "~" not in known
    for module in (state, figures, board):
        monkeypatch.setattr(module, "FOUND", 3)
    assert re.search(r'num">\s*~3', body(browser_of(admin).get("/deals?q=zebra", headers=HTMX)))
    cut = body(browser_of(admin).get(where, headers=HTMX))
    assert "<b>3+</b> rows, the newest" in cut
    assert "Value <b>" not in cut


def test_more_rows_than_can_be_sorted_or_counted_at_once(
    admin: User, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(registry.get("deal"), 12)
    monkeypatch.setattr(listing, "SORTABLE", 3)
    monkeypatch.setattr(figures, "COUNTED", 3)
    browser, where = browser_of(admin), "/deals?view=table&sort=name"
    answer = browser.get(where)
    assert answer.status_code == 400
    assert "cannot be sorted by name" in answer.content.decode()
    assert "sort=close_on" in answer.content.decode()
    alone = browser.get(where, headers=HTMX)
    assert (alone.status_code, alone["HX-Retarget"], alone["HX-Push-Url"]) == (422, "#notice", "false")
    assert "<tr" not in alone.content.decode()
    sums = body(browser.get("/deals/sums?view=table", headers=HTMX))
    assert "<b>~3</b>" in sums
    assert "sum of value" in sums
    exact = body(browser.get("/deals/sums?view=table&exact=1", headers=HTMX))
    assert "~" not in exact
    assert "Value <b>" in exact


@pytest.mark.parametrize("key", ENTITIES)
def test_groups_hold_every_row_once_and_open_to_it(
    key: str, admin: User, browser_of: Browser, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    crowd(entity, 15)
    browser = browser_of(admin)
    with acting(admin):
        asked = state.State(entity, next(view for view in entity.lists.values() if view.shape == "table"))
        held = {row["id"] for row in read.page(asked.query(("id",))).items()}
    assert groups.groupable(entity)
    for name in groups.groupable(entity):
        with acting(admin):
            found, further = groups.groups(asked.but(group=name), list(entity.columns))
        assert not further
        opened = [ids(body(browser.get(each.url, headers=HTMX))) for each in found]
        assert [len(rows) for rows in opened] == [each.count for each in found], name
        assert sorted(row for rows in opened for row in rows) == sorted(held), name
    page = body(browser.get(asked.but(group=name).url()))
    assert page.count('class="parting"') == len(found)
    monkeypatch.setattr(groups, "MOST_ROWS", 0)
    answer = browser.get(asked.but(group=name).url())
    assert answer.status_code == 400
    assert "Filter them first" in answer.content.decode()


def test_the_menu_of_fields_leads_over_two_relations(admin: User, browser_of: Browser) -> None:
    browser = browser_of(admin)

    def links(text: str) -> list[str]:
        return [each.replace("&amp;", "&") for each in re.findall(r'<a href="(/deals/filter[^"]*)"', text)]

    menu = body(browser.get("/deals/filter?view=table", headers=HTMX))
    further = next(each for each in links(menu) if "via=party.company" in each)
    fields = body(browser.get(further, headers=HTMX))
    industry = next(each for each in links(fields) if "field=party.company.industry" in each)
    assert not [each for each in links(fields) if "via=" in each]
    editor = body(browser.get(industry, headers=HTMX))
    assert "Customer › Works at › Industry" in editor
    listed = body(browser.get(f"{industry}&op=contains&one=retail&apply=1", headers=HTMX))
    assert "Customer › Works at › Industry" in listed
    assert browser.get("/deals/filter?view=table&via=party.company.company", headers=HTMX).status_code == 400
