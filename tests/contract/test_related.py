"""Columns of related records: the same values in list, API and export, within the reader's scope, found by keys."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from markupsafe import escape

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import access, accounts, snapshot
from rapport.platform.identity.models import Grant, Role, User
from rapport.records import kinds, read, registry, sharing, write
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden, Problem
from rapport.records.listing import Plan
from rapport.records.read import Query
from rapport.records.related import UNTOLD, field_of
from rapport.records.transfer.export.files import export
from rapport.records.transfer.guard import guard
from tests.contract.examples import crowd, example
from tests.contract.test_lists import HTMX, body, ids
from tests.contract.test_plans import Explained, scans
from tests.people import Api, may

Browser = Callable[[User], Client]
LINKED = [entity.key for entity in registry if any(known.relation for known in entity.declared.values())]
HIDING = [
    (entity.key, known.name)
    for entity in registry if entity.is_shareable
    for known in entity.declared.values()
    if known.relation and not known.read_only and registry.get(known.relation).is_shareable
]  # fmt: skip


def ways(entity: Entity) -> list[str]:
    """The relations of an entity, the organisation's own among them."""
    return [known.name for known in entity.fields.values() if known.relation and known.name != "id"]


def beyond(entity: Entity, way: str) -> list[str]:
    """What a relation's records have that can be a column."""
    there = registry.get(str(entity.fields[way].relation))
    return [f"{way}.{name}" for name in there.fields if name not in UNTOLD]


def flat(record: dict[str, Any], name: str) -> Any:
    """A field of a record, in its group or not."""
    group, _dot, part = name.partition(".")
    return record[group][part] if part else record[name]


@pytest.mark.parametrize("key", LINKED)
def test_related_fields_are_those_of_the_related_record_in_every_door(
    key: str, admin: User, api: Callable[..., Api], acting: Any, tmp_path: Path
) -> None:
    entity, client = registry.get(key), api(admin)
    crowd(entity, 10)
    for way in ways(entity):
        names = beyond(entity, way)
        rows = client.items(entity.plural, fields=",".join([way, *names]), limit=1000)
        there = registry.get(str(entity.fields[way].relation))
        for row in rows:
            to = flat(row, way)
            whole = client.get(f"{there.plural}/{to}", binned="true").json() if to else None
            for name in names:
                told = flat(whole, name.removeprefix(f"{way}.")) if whole else None
                assert row[name] == told or (not whole and row[name] in (None, [])), (name, row[name], told)
        one = rows[0]
        assert client.get(f"{entity.plural}/{one['id']}", fields=",".join([way, *names])).json() == one
        file = tmp_path / f"{way}.ndjson"
        with acting(admin):
            export(entity, file, [way, *names])
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        assert sorted(lines, key=lambda row: row["id"]) == sorted(rows, key=lambda row: row["id"])


@pytest.mark.parametrize("key", LINKED)
def test_the_list_shows_them_under_names_people_know_and_sorts_by_them(
    key: str, admin: User, browser_of: Browser, api: Callable[..., Api]
) -> None:
    entity, browser = registry.get(key), browser_of(admin)
    crowd(entity, 10)
    view = next(view for view in entity.lists.values() if view.shape == "table")
    for way in ways(entity):
        names = beyond(entity, way)
        page = body(browser.get(f"/{entity.plural}?view={view.key}&columns={','.join(names)}"))
        assert set(re.findall(r'data-field="([^"]+)"', page)) == {entity.title, *names}
        for name in names:
            head = re.search(rf'<th [^>]*data-field="{re.escape(name)}"([^>]*)>.*?</th>', page, re.DOTALL)
            assert head
            assert "data-edits" not in head[1]
            assert str(escape(field_of(entity, name).heading)) in head[0]
        assert field_of(entity, names[0]).heading.startswith(f"{entity.fields[way].heading} › ")
        texts = [name for name in names if isinstance(field_of(entity, name).kind, kinds.LongTextKind)]
        plain = [name for name in names if field_of(entity, name).kind.name == "text"]
        told = {row["id"]: row for row in api(admin).items(entity.plural, fields=",".join(plain), limit=1000)}
        rows = dict(re.findall(r'<tr role="row" id="row-([0-9a-f]{32})">(.*?)</tr>', page, re.DOTALL))
        for row, cells in rows.items():
            for name in plain:
                assert str(escape(told[row][name] or "")) in cells, (name, cells)
        shut = {"about", "tags", "long_text", "multi_choice", "filter"}
        sortable = [name for name in names if field_of(entity, name).kind.name not in shut]
        assert texts or sortable
        for name in sortable:
            where = f"/{entity.plural}?view={view.key}&sort=-{name}&part=rows"
            found = ids(body(browser.get(where, headers=HTMX)))
            asked = api(admin).items(entity.plural, sort=f"-{name}", fields=name, limit=1000)
            assert found == [row["id"] for row in asked if row["id"] in found], name
            values = [row[name] for row in asked]
            assert values[len([v for v in values if v is not None]) :] == [None] * values.count(None), name


def test_a_file_for_people_has_heads_that_people_understand(
    admin: User, browser_of: Browser, acting: Any, tmp_path: Path
) -> None:
    with acting(admin):
        firm = write.create(registry.get("party"), {"name": "Acme", "industry": "=Retail", "owner": admin.id})
        write.create(registry.get("deal"), {"name": "Boxes", "party": firm.id})
    where = "/deals/export?view=table&columns=name,party,party.industry,party.owner,owner.email,party.custom.own_yes_no"
    head, line = csv.reader(body(browser_of(admin).get(where)).lstrip("\ufeff").splitlines())
    heads = ["Customer › Industry", "Customer › Owner", "Owner › E-mail", "Customer › Own yes_no"]
    assert [each.lower() for each in head] == [each.lower() for each in ["id", "name", "party", *heads]]
    assert line[1:] == ["Boxes", "Acme", guard("=Retail"), "Ada Admin", "admin@rapport.test", ""]


@pytest.mark.parametrize(("key", "way"), HIDING)
def test_what_is_out_of_reach_is_empty_whatever_it_holds(
    key: str, way: str, seller: User, other_seller: User, api: Callable[..., Api], browser_of: Browser
) -> None:
    entity, there = registry.get(key), registry.get(str(registry.get(key).fields[way].relation))
    if not may(seller, key) or access.actor_of(seller).level(there.key, "view") > 2:
        return
    with as_system("tests"):
        hidden = write.create(there, {**example(there, 1), "owner": other_seller.id})
        try:
            bound = write.create(entity, {**example(entity, 2, seller), way: hidden.id})
        except Problem as problem:
            pytest.skip(str(problem))
        alone = write.create(entity, example(entity, 3, seller))
    client, names = api(seller), beyond(entity, way)
    rows = {row["id"]: row for row in client.items(entity.plural, fields=",".join([way, *names]))}
    if not access.actor_of(seller).may(there.key, "view"):
        pytest.skip("he sees none of them")
    assert rows[bound.id][way] == hidden.id
    told = {name: rows[bound.id][name] for name in names}
    assert not [value for value in told.values() if value not in (None, [])]
    if rows[alone.id][way] is None:  # what is hidden looks as what there is not
        assert told == {name: rows[alone.id][name] for name in names}
    page = body(browser_of(seller).get(f"/{entity.plural}?columns={','.join([way, *names])}&view=table"))
    assert other_seller.name not in page
    with as_system("tests"):
        sharing.share(there, hidden.id, {"user": seller.id})
    snapshot.current()
    seen = next(row for row in client.items(entity.plural, fields=",".join(names)) if row["id"] == bound.id)
    assert seen[f"{way}.{there.title}"] == there.title_of(hidden)


def test_the_order_tells_nothing_of_hidden_values(seller: User, other_seller: User, api: Callable[..., Api]) -> None:
    party, deal = registry.get("party"), registry.get("deal")
    with as_system("tests"):
        hidden = [write.create(party, {"name": n, "owner": other_seller.id}) for n in ("Aaa", "Zzz")]
        mine = write.create(party, {"name": "Mmm", "owner": seller.id})
        deals = [
            write.create(deal, {"name": f"D{n}", "party": to.id, "owner": seller.id})
            for n, to in enumerate([hidden[1], mine, hidden[0]])
        ]
    last, seen, first = (each.id for each in deals)
    client = api(seller)
    for sort in ("party.name", "party.industry,party.name", "party.created_at"):
        assert client.items("deals", sort=sort)[0]["id"] == seen
    for turn in range(2):
        assert [row["id"] for row in client.items("deals", sort="party.name")] == [seen, last, first]
        assert [row["id"] for row in client.items("deals", sort="-party.name")] == [seen, first, last]
        groups = client.get("deals/aggregate", group="party.name").json()["groups"]
        assert [(each["key"]["party.name"], each["count"]) for each in groups] == [(None, 2), ("Mmm", 1)]
        if not turn:
            with as_system("tests"):
                for each, name in zip(hidden, ("Zzz", "Aaa"), strict=True):
                    write.change(party, each.id, {"name": name})


def test_what_there_is_not_is_answered_with_what_there_is(admin: User, api: Callable[..., Api]) -> None:
    client = api(admin)
    for name, known in (("party.industri", "party"), ("party.company.nmae", "party"), ("prty.name", "deal")):
        for given in ({"fields": name}, {"sort": name}):
            answer = client.get("deals", **given)
            assert answer.status_code == 400
            assert set(answer.json()["fields"]) == set(registry.get(known).fields)
    for name in ("name.x", "party.company.company.name"):
        assert client.get("deals", fields=name).status_code == 400
    reached = client.make("parties", {"name": "Holding"})
    inner = client.make("parties", {"name": "Shop", "company": reached["id"]})
    client.make("deals", {"name": "Bags", "party": inner["id"]})
    assert client.items("deals", fields="party.company.name")[0]["party.company.name"] == "Holding"


def only(key: str, verbs: tuple[str, ...]) -> User:
    """Somebody whose role lets him do this to all records of one kind, and nothing else but to see colleagues."""
    role = Role.objects.create(key="only", name="Only")
    for verb in verbs:
        Grant.objects.create(role=role, entity=key, verb=verb, level="all")
    with as_system("tests"):
        made = write.create(registry.get("user"), {"name": "Only", "email": "only@rapport.test"})
        accounts.give_role(made, "only")
    snapshot.touch()
    return User.objects.get(email="only@rapport.test")


def test_a_column_of_what_the_reader_may_not_see_at_all_is_passed_over(
    admin: User, browser_of: Browser, api: Callable[..., Api], acting: Any, tmp_path: Path
) -> None:
    with acting(admin):
        firm = write.create(registry.get("party"), {"name": "Acme", "industry": "Secret trade"})
        write.create(registry.get("deal"), {"name": "Boxes", "party": firm.id})
    user = only("deal", ("view", "export"))
    page = body(
        browser_of(user).get("/deals?view=table&columns=name,party.industry,amount&group=party.address.country")
    )
    assert re.findall(r'data-field="([^"]+)"', page) == ["name", "amount"]
    assert "Secret trade" not in page
    menu = body(browser_of(user).get("/deals/columns?view=table", headers=HTMX))
    assert "party.industry" not in menu
    assert api(user).get("deals", fields="party.industry").status_code == 403
    Grant.objects.create(role=Role.objects.get(key="only"), entity="party", verb="view", level="all")
    snapshot.touch()
    assert api(user).items("deals", fields="party.industry")[0]["party.industry"] == "Secret trade"
    with acting(user), pytest.raises(Forbidden, match="export parties"):
        export(registry.get("deal"), tmp_path / "x.csv", ["name", "party.industry"])
    Grant.objects.create(role=Role.objects.get(key="only"), entity="stage", verb="view", level="all")
    snapshot.touch()
    with acting(user):  # what everybody works with is nobody's secret
        assert export(registry.get("deal"), tmp_path / "x.csv", ["name", "stage.name"]) == 1


def test_columns_of_related_records_are_chosen_kept_and_grouped_by(
    admin: User, browser_of: Browser, acting: Any
) -> None:
    with acting(admin):
        for n, country in enumerate(("AT", "AT", "KZ")):
            firm = write.create(registry.get("party"), {"name": f"Firm {n}", "address": {"country": country}})
            write.create(registry.get("deal"), {"name": f"Deal {n}", "party": firm.id})
    browser = browser_of(admin)
    menu = body(browser.get("/deals/columns?view=table", headers=HTMX))
    assert 'value="party.industry"' in menu
    assert 'value="party.custom.own_number"' in menu
    assert 'value="custom.own_relation.name"' in menu
    assert 'value="owner.email"' in menu
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', menu)
    assert token
    given = {"column": ["name", "party.address.country:140", "amount"], "csrfmiddlewaretoken": token[1]}
    there = browser.post("/deals/columns?view=table", given)["Location"]
    assert "party.address.country%3A140" in there
    page = body(browser.get("/deals?view=table"))
    assert re.findall(r'data-field="([^"]+)"', page) == ["name", "party.address.country", "amount"]
    assert "Kazakhstan" in page
    firm_link = re.search(
        r'<a href="/parties/[0-9a-f]{32}" data-peek="/parties/[0-9a-f]{32}\?peek=1">\s*Kazakhstan', page
    )
    assert firm_link
    assert "party.address.country" in body(browser.get("/deals/group?view=table", headers=HTMX))
    grouped = body(browser.get("/deals?view=table&group=party.address.country"))
    assert [int(n) for n in re.findall(r'class="parted">.*?<b>(\d+)</b>', grouped, re.DOTALL)][:2] == [2, 1]
    sums = body(browser.get("/deals/sums?view=table", headers=HTMX))
    assert "<b>3</b>" in sums


@pytest.mark.parametrize("key", [key for key in LINKED if registry.get(key).is_record])
def test_related_rows_are_looked_up_by_their_keys_for_the_page_alone(
    key: str, admin: User, manager: User, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    crowd(entity, 12)
    for user in (admin, manager):
        if not may(user, key):
            continue
        for way in ways(entity):
            related = registry.get(str(entity.fields[way].relation))
            with acting(user) as actor:
                if not actor.may(related.key, "view"):
                    continue
                explained = Explained(monkeypatch)
                with explained as plans:
                    Plan(Query(entity, fields=(f"{way}.{related.title}", f"{way}.created_at")), actor).run()
            text = next(sql for sql in explained.texts if " d0 ON " in sql)
            assert text.rindex("LIMIT") < text.index(" d0 ON "), text
            assert not scans(plans, "d0", related.table), (way, plans)
            index = f"sqlite_autoindex_{related.table}_1" if db.is_sqlite() else f"{related.table}_pkey"
            assert any(index in line for plan in plans for line in plan.splitlines() if "d0" in line), (way, plans)


def test_reading_one_and_all_keeps_the_values_of_filters_and_joins_apart(
    seller: User, acting: Any, manager: User
) -> None:
    with acting(seller):
        firm = write.create(registry.get("party"), {"name": "Acme", "industry": "Retail"})
        made = write.create(registry.get("deal"), {"name": "Boxes", "party": firm.id, "close_on": "2026-03-01"})
        tree = {
            "and": [
                {"field": "party.name", "op": "eq", "value": "Acme"},
                {"field": "name", "op": "eq", "value": "Boxes"},
            ]
        }
        names = ("party.industry", "owner.name", "party.owner")
        for sort in ((), ("party.name",), ("-party.industry", "name")):
            query = Query(registry.get("deal"), filter=tree, fields=names, sort=sort)
            assert read.page(query).items() == [
                {"id": made.id, "party.industry": "Retail", "owner.name": "Sam Seller", "party.owner": seller.id}
            ]
        one = orjson.loads(read.one(registry.get("deal"), made.id, fields=names, expand=True))
        assert one["party.owner"] == {"id": seller.id, "title": "Sam Seller"}
    with acting(manager):
        query = Query(registry.get("deal"), filter=tree, fields=names, verb="export")
        assert [orjson.loads(row)["party.industry"] for row in read.everything(query)] == ["Retail"]
