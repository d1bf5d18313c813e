"""Lists as maps: how many are in which country, for whom, and where within one."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import Map, checks, maps, read, registry, write
from rapport.records.entity import Entity
from rapport.records.layout import View
from rapport.records.read import Query
from rapport.shell import outlines
from tests.contract.examples import crowd
from tests.contract.test_lists import HTMX
from tests.contract.test_plans import Explained, scans

Browsers = Callable[[User], Client]
NARROW = "\u202f"
MAPPED = [entity.key for entity in registry if entity.map]


def make(entity: str, /, **values: Any) -> Any:
    with as_system("tests"):
        return write.create(registry.get(entity), values)


def firm(name: str, country: str | None, city: str | None = None, **more: Any) -> Any:
    return make("party", name=name, kind="organisation", address={"country": country, "city": city}, **more)


def page_of(client: Client, query: str, **headers: Any) -> str:
    page = client.get(f"/{query}", **headers)
    assert page.status_code == 200, page.content
    return str(page.content.decode()).replace("&#8239;", NARROW)


def listed(page: str, nth: int = 0) -> dict[str, tuple[str, ...]]:
    """The figures of a table by the place they are of."""
    table = page.split('<table class="places')[1:][nth]
    rows = re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a></th>((?:<td[^>]*>[^<]*</td>)+)', table)
    return {place: tuple(re.findall(r">([^<]*)</td>", cells)) for place, cells in rows}


def drawn(page: str) -> dict[str, str]:
    """What is said of each country that is drawn, and its shade."""
    return dict(re.findall(r'<a href="[^"]*" aria-label="([^"]*)">.*?class="(shade-\d)"', page))


def tree_at(page: str, place: str) -> Any:
    """The filter that a place leads to."""
    url = re.search(rf'<a href="([^"]*)" data-item>{place}<', page)
    assert url
    return orjson.loads(unquote(url[1].replace("&amp;", "&").split("filter=")[1].split("&")[0].replace("+", " ")))


@pytest.fixture
def client(admin: User, browser_of: Browsers) -> Client:
    return browser_of(admin)


def test_countries_are_counted_shaded_and_lead_to_what_is_in_them(client: Client) -> None:
    for n in range(9):
        firm(f"A{n}", "AT", "Graz")
    for n in range(2):
        firm(f"K{n}", "KZ", "Almaty")
    firm("Atlantis Shipping", "Atlantis")
    make("party", name="Nowhere")
    page = page_of(client, "parties?view=map")
    assert listed(page) == {
        "Austria": ("9", "69\u202f%"), "Kazakhstan": ("2", "15\u202f%"), "Atlantis": ("1", "8\u202f%"),
        "Not given": ("1", "8\u202f%"),
    }  # fmt: skip
    assert drawn(page) == {"Austria: 9": "shade-5", "Kazakhstan: 2": "shade-3"}
    assert re.findall(r"<text [^>]*>(\d+)</text>", page) == ["9", "2"]
    assert tree_at(page, "Austria") == {"field": "address.country", "op": "eq", "value": "AT"}
    assert tree_at(page, "Not given") == {"field": "address.country", "op": "is_empty", "value": True}
    assert "style=" not in page.split('id="map"')[1]
    assert "<html" not in page_of(client, "parties?view=map", headers=HTMX)


def test_one_country_is_shown_by_its_parts(client: Client) -> None:
    for name, city in (("A", "Graz"), ("B", "GRAZ"), ("C", "Graz"), ("D", "Wien"), ("E", None)):
        firm(name, "AT", city)
    firm("F", "DE", "Berlin")
    whole = page_of(client, "parties?view=map")
    assert whole.count("<table") == 1
    asked = orjson.dumps(tree_at(whole, "Austria")).decode()
    page = page_of(client, f"parties?view=map&filter={asked}")
    assert listed(page) == {"Austria": ("5", "100\u202f%")}
    assert {place: told[0] for place, told in listed(page, 1).items()} == {"Graz": "3", "Wien": "1", "Not given": "1"}
    graz = tree_at(page, "Graz")
    assert graz == {"and": [orjson.loads(asked), {"field": "address.city", "op": "eq", "value": "Graz"}]}
    assert listed(page_of(client, f"parties?view=map&filter={orjson.dumps(graz).decode()}")) == {
        "Austria": ("3", "100\u202f%")
    }
    assert f"/parties?view=organisations&amp;filter={'%7B'}" in page
    boxes = [re.search(r'viewBox="([^"]*)" role="group"', each) for each in (whole, page)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0][1] != boxes[1][1]


def test_a_country_written_in_words_is_the_same_country(client: Client) -> None:
    for name, country in (("A", "AT"), ("B", "AT"), ("C", "Austria")):
        firm(name, country)
    page = page_of(client, "parties?view=map")
    assert listed(page) == {"Austria": ("3", "100\u202f%")}
    asked = tree_at(page, "Austria")
    assert {each["value"] for each in asked["or"]} == {"AT", "Austria"}
    assert listed(page_of(client, f"parties?view=map&filter={orjson.dumps(asked).decode()}")) == listed(page)


def test_deals_are_where_their_customers_are_with_what_they_come_to(client: Client) -> None:
    for country, amount in (("AT", "100"), ("AT", "50.00"), ("US", "1000")):
        made = firm(f"In {country}", country)
        make("deal", name="D", party=made.id, amount=amount, currency="USD")
    make("deal", name="Of nobody", amount="7")
    told = {place: (cells[0], cells[2]) for place, cells in listed(page_of(client, "deals?view=map")).items()}
    assert told == {"Austria": ("2", "$150"), "United States": ("1", "$1,000"), "Not given": ("1", "$7")}


def test_a_map_counts_only_what_its_reader_sees(
    seller: User, other_seller: User, admin: User, browser_of: Browsers
) -> None:
    theirs = firm("Theirs", "KZ", owner=other_seller.id)
    mine = firm("Mine", "AT", owner=seller.id)
    for to, amount in ((theirs, "5"), (mine, "6")):
        make("deal", name="Deal", party=to.id, owner=seller.id, amount=amount)
    assert list(listed(page_of(browser_of(seller), "parties?view=map"))) == ["Austria"]
    page = page_of(browser_of(seller), "deals?view=map")
    assert {place: told[0] for place, told in listed(page).items()} == {"Austria": "1", "Not given": "1"}
    assert "Kazakhstan" not in page
    assert list(listed(page_of(browser_of(admin), "deals?view=map"))) == ["Austria", "Kazakhstan"]


def test_more_than_is_counted_at_once_is_said_and_counted_when_asked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        firm(f"Old {n}", "KZ")
    for n in range(3):
        firm(f"New {n}", "AT")
    monkeypatch.setattr(maps, "COUNTED", 6)
    monkeypatch.setattr(maps, "NEWEST", 4)
    page = page_of(client, "parties?view=map")
    assert "where the newest 4 are." in page
    assert listed(page) == {"Austria": (f"~75{NARROW}%",), "Kazakhstan": (f"~25{NARROW}%",)}
    assert drawn(page) == {f"Austria: ~75{NARROW}%": "shade-5", f"Kazakhstan: ~25{NARROW}%": "shade-3"}
    every = re.search(r'<a class="btn" href="([^"]*counted=all[^"]*)">Count all', page)
    assert every
    page = page_of(client, every[1].replace("&amp;", "&").removeprefix("/"))
    assert "where the newest" not in page
    assert {place: told[0] for place, told in listed(page).items()} == {"Kazakhstan": "4", "Austria": "3"}
    few = page_of(client, "parties?view=map&q=new")
    assert {place: told[0] for place, told in listed(few).items()} == {"Austria": "3"}


@pytest.mark.parametrize("key", MAPPED)
def test_a_map_adds_up_to_its_list_and_reads_no_table_whole(
    key: str, admin: User, manager: User, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = registry.get(key)
    crowd(entity, 25)
    for user in (admin, manager):
        with acting(user):
            known, query = maps.map_of(entity), Query(entity)
            with Explained(monkeypatch) as plans:
                found, whole = maps.places(query, known.by)
            assert whole
            walked = [line for line in scans(plans, "t", "d0", entity.table) if "INDEX" not in line.upper()]
            assert not walked, plans  # newest first by an index, and no further than needed
            assert sum(place.count for place in found) == read.count(query)
            assert found == maps.places(query, known.by, every=True)[0]
            groups = {each["key"][known.by]: each["count"] for each in read.aggregate(query, [known.by], [])}
            assert sum(groups.values()) == sum(place.count for place in found)


def test_a_map_is_saved_as_a_view_and_an_object_of_ones_own_has_one_by_its_country(client: Client) -> None:
    kept = make("saved_view", name="Where", entity="party", base="map")
    assert 'id="map"' in page_of(client, f"parties?view={kept.id}")
    plant = make("custom_object", name="Plant", plural_name="Plants").key
    assert 'href="/plants?view=map"' not in page_of(client, "plants")
    make("custom_field", entity=plant, name="Country", kind="country")
    make(registry.at("plants").key, name="Steyr", **{"custom.country": "AT"})
    assert 'href="/plants?view=map"' in page_of(client, "plants")
    assert listed(page_of(client, "plants?view=map")) == {"Austria": ("1", "100\u202f%")}


def test_what_cannot_be_a_map_is_told_at_the_start() -> None:
    entity, known = registry.get("deal"), {each.key: each for each in registry}

    def told(**slots: Any) -> list[str]:
        wrong: Entity = type("WrongEntity", (type(entity),), slots)()
        return [each for each in checks.problems(wrong, known) if "E010" in each or "E006" in each]

    assert told(map=Map("party.industry")) == [
        "records.E010 WrongEntity.map: 'party.industry' is no field of the kind country"
    ]
    assert told(map=Map("party.address.country", total="close_on")) == [
        "records.E010 WrongEntity.map: 'close_on' is no field of the kind money"
    ]
    assert "party.land" in told(map=Map("party.land"))[0]
    assert "E006" in told(map=None, views=(View("x", "X", shape="map"),))[0]
    assert not told()


def test_the_sheet_shows_what_it_is_asked_for() -> None:
    assert outlines.code_of("AT") == outlines.code_of("austria") == "AT"
    assert outlines.code_of("Atlantis") == ""
    box = outlines.around(["AT", "CH"])
    assert box.width < outlines.whole().width / 4
    assert box.width / box.height == pytest.approx(outlines.SHAPE)
    assert outlines.around(["US", "NZ"]) == outlines.around([]) == outlines.whole()
    assert outlines.steps(1) == [(1, 1)]
    assert outlines.steps(9) == [(1, 1), (2, 2), (3, 5), (6, 9)]
    ends = outlines.steps(833_000)
    assert ends[0][0] == 1
    assert ends[-1][1] == 833_000
    assert all(high + 1 == low for (_a, high), (low, _b) in pairwise(ends))
    placed = outlines.labels([("DE", "1,000"), ("LI", "3"), ("CH", "20"), ("XX", "1")], outlines.whole())
    assert set(placed) == {"DE"}
