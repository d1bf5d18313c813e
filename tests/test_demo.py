"""Demonstration data: the published figures go in, every screen shows them, and they go out again without a trace."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.config import cli, readiness
from rapport.config.demo import book, large
from rapport.config.demo.calendar import Calendar
from rapport.config.demo.northwind import northwind
from rapport.platform import db
from rapport.platform.actor import acting_as, as_system
from rapport.platform.clock import now
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import User
from rapport.records import read, registry, search_read, write
from rapport.records.queues import keeping
from rapport.records.read import Query
from rapport.records.territories.rules import Asked
from rapport.shell import queues
from tests.imports.screens import work
from tests.people import address
from tests.territories.conftest import heard

TURNOVER = Decimal("1265793.04")
Demo = Callable[..., dict[str, Any]]


@pytest.fixture
def demo(standing: str, capsys: pytest.CaptureFixture[str]) -> Iterator[Demo]:
    """``demo("--remove")``: the command's summary; all is well after each, deep down."""

    def run(*options: str) -> dict[str, Any]:
        assert cli.run(["demo", *options]) == 0
        assert readiness.deep() == []
        return dict(orjson.loads(capsys.readouterr().out.splitlines()[-1]))

    with as_system("tests"):
        yield run


def count(entity: str, **wanted: str) -> int:
    """How many records are here with these values."""
    tree = {"and": [{"field": name, "op": "eq", "value": value} for name, value in wanted.items()]}
    return int(read.aggregate(Query(registry.get(entity), tree if wanted else None), [], ())[0]["count"])


def everything() -> dict[str, int]:
    """Living rows of every kind of record, and what is kept beside them."""
    tables = [entity.table for entity in registry if entity.is_record]
    found = {
        table: int((db.one(f'SELECT count(*) FROM "{table}" WHERE binned_at IS NULL') or (0,))[0]) for table in tables
    }
    found["search"] = int((db.one("SELECT count(*) FROM search_entry") or (0,))[0])
    found["totals"] = int((db.one("SELECT coalesce(sum(count), 0) FROM kept_total") or (0,))[0])
    return found


def found(entity: str, name: str) -> str:
    """The key of the record with this title."""
    field = registry.get(entity).title
    page = read.page(Query(registry.get(entity), {"field": field, "op": "eq", "value": name}, limit=1))
    return str(page.items()[0]["id"])


def test_the_sample_is_the_published_one() -> None:
    whole = northwind()
    assert (len(whole.customers), len(whole.suppliers), len(whole.employees), len(whole.orders)) == (91, 29, 9, 830)
    assert sum(order.amount for order in whole.orders) == TURNOVER
    assert sum(len(order.goods) for order in whole.orders) == 2155
    assert all(len(firm.country) == 2 for firm in (*whole.customers, *whole.suppliers))


def test_the_last_order_was_a_few_days_ago_on_its_weekday(standing: str) -> None:
    last = northwind().orders[-1].date
    snapshot.current()
    moved = Calendar.ending(last).day(last)
    assert moved.weekday() == last.weekday()
    assert 2 <= (now().date() - moved).days <= 8


def test_it_goes_in_once_and_out_again(demo: Demo) -> None:
    before = everything()
    told = demo()
    assert (told["customers"], told["suppliers"], told["employees"], told["turnover"]) == (91, 29, 9, str(TURNOVER))
    orders = Query(registry.get("deal"), {"field": "external_id", "op": "starts_with", "value": "order-"})
    sums = read.aggregate(orders, ["status"], ("amount",))
    assert [(each["key"]["status"], each["count"], each["sum"]["amount"]) for each in sums] == [
        ("won", 830, str(TURNOVER))
    ]
    assert db.one("SELECT count(*) FROM party_role WHERE role = 'supplier' AND binned_at IS NULL") == (29,)
    assert search_read.search("ernst handel")
    loaded = everything()
    again = demo()
    assert (again["already"], again["run"]) == (True, told["run"])
    assert everything() == loaded
    gone = demo("--remove")
    assert (gone["failed"], gone["kept_changed"], gone["kept_parties"], gone["kept_users"]) == (0, 0, 0, 9)
    assert everything() == before
    assert not search_read.search("ernst handel")
    assert demo("--remove")["removed"] == 0
    assert demo()["records"] == told["records"] - 13  # users, teams and queues serve again
    assert everything() == loaded


def test_what_people_made_or_changed_stays(demo: Demo) -> None:
    before = everything()
    own = write.create(registry.get("party"), {"name": "Own Customer"})
    demo()
    firm, other = found("party", "Ernst Handel"), found("party", "QUICK-Stop")
    write.change(registry.get("party"), firm, {"industry": "Gourmet food"})
    write.create(registry.get("interaction"), {"party": other, "channel": "note", "body": "They asked for Konbu."})
    gone = demo("--remove")
    assert (gone["kept_changed"], gone["kept_parties"], gone["failed"]) == (1, 1, 0)
    left = everything()
    assert (left["party"], left["interaction"], left["deal"]) == (
        before["party"] + 3,
        before["interaction"] + 1,
        before["deal"],
    )
    shown = orjson.loads(read.one(registry.get("party"), other))
    assert (shown["name"], shown["roles"]) == ("QUICK-Stop", ["customer"])
    assert orjson.loads(read.one(registry.get("party"), own.id))["name"] == "Own Customer"


def test_a_loading_that_was_broken_off_is_taken_out_first(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("rapport.config.demo.loading.Plan", None)
        with pytest.raises(TypeError):
            cli.run(["demo"])
    told = demo()
    assert told["orders_won"] == count("deal", status="won") == 830
    assert len(book.held()) == 1


def test_the_screens_are_alive(demo: Demo) -> None:
    told = demo()
    admin = User.objects.get(email=address("admin"))
    browser = Client()
    browser.cookies["rapport_session"] = access.open_session(admin)
    firm, house = found("party", "Ernst Handel"), found("party", "Northwind Traders")
    pages = {
        "/parties?view=organisations": "Ernst Handel", "/parties?view=people": "Aria Cruz", "/deals": "Negotiation",
        "/deals?view=table": "Negotiation", f"/parties/{firm}": "Roland Mendel", "/samples": "Given",
        f"/parties/{house}/org-chart": "Andrew Fuller", "/my-day": "gave you a task",
        "/tasks?view=all": "Nancy Davolio", "/imports": book.NAME,
        f"/imports/{told['run']}": book.NAME,
    }  # fmt: skip
    for path, words in pages.items():
        answer = browser.get(path)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), path


def test_queues_and_territories_show_life(demo: Demo) -> None:
    admin = User.objects.get(email=address("admin"))
    demo()
    entered = {"Ernst Handel": "German-speaking countries", "Around the Horn": "London", "Roland Mendel":
               "German-speaking countries", "Island Trading": "Europe", "Save-a-lot Markets": "Americas",
               "Kaffeehaus Morgentau": "German-speaking countries", "Tokyo Traders": None}  # fmt: skip
    for name, place in entered.items():
        asked = Query(registry.get("party"), {"field": "name", "op": "eq", "value": name}, expand=True)
        asked.fields = ("territory", "territory_fixed")
        (shown,) = read.page(asked).items()
        assert (shown["territory"] and shown["territory"]["title"]) == place, name
        assert not shown["territory_fixed"]
    assert count("deal", **{"party.territory": found("territory", "London")}) == count(
        "deal", territory=found("territory", "London")
    ) > 0  # fmt: skip
    with acting_as(access.actor_of(admin)):
        waits = {held["name"]: {each["kind"] for each in held["waits"]} for held in queues.mine()}
    assert waits == {"Customer care": {"Task"}, "Inbound enquiries": {"Organisation", "Deal"}}
    lying, moves = everything(), "SELECT count(*) FROM change WHERE source = 'territory'"
    moved = db.one(moves)
    work()  # the rules are asked about everything once more: nothing has to move
    assert (everything(), db.one(moves)) == (lying, moved)
    assert readiness.deep() == []


def test_own_records_lie_in_no_territory_of_the_demonstration_and_stay_when_it_goes(demo: Demo) -> None:
    own = write.create(registry.get("party"), {"name": "Own Customer", "address.country": "DE"})
    demo()
    work()
    party = registry.get("party")
    assert orjson.loads(read.one(party, own.id))["territory"] is None
    write.change(party, own.id, {"territory": found("territory", "London")})
    deal = write.create(registry.get("deal"), {"name": "Own", "party": own.id, "owner": "queue:Customer care"})
    gone = demo("--remove")
    assert (gone["kept_territories"], gone["failed"]) == (2, 0)  # London, and Europe on which it hangs
    assert orjson.loads(read.one(registry.get("deal"), deal.id))["territory"] is not None
    assert {each["name"]: each["closed"] for each in keeping.listed()} == {
        "Inbound enquiries": True, "Customer care": False
    }  # fmt: skip
    demo()
    london = found("territory", "London")
    assert orjson.loads(read.one(party, own.id))["territory"] == london
    assert orjson.loads(read.one(party, found("party", "Around the Horn")))["territory"] == london
    assert not any(each["closed"] for each in keeping.listed())


def test_records_that_rules_of_the_demonstration_took_in_come_out_with_it(demo: Demo) -> None:
    demo()
    work()
    own = write.create(registry.get("party"), {"name": "Own Customer", "address.country": "DE"})
    deal = write.create(registry.get("deal"), {"name": "Own", "party": own.id})
    heard()
    assert orjson.loads(read.one(registry.get("deal"), deal.id))["territory"] is not None
    assert demo("--remove")["kept_territories"] == 0
    assert orjson.loads(read.one(registry.get("party"), own.id))["territory"] is None
    assert orjson.loads(read.one(registry.get("deal"), deal.id))["territory"] is None


def test_a_large_one_multiplies_it(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FIRMS": 40, "PEOPLE": 90, "DEALS": 60, "TALKS": 200}.items():
        monkeypatch.setattr(large, name, value)
    small, before = demo(), everything()
    demo("--remove")
    told = demo("--size", "large")
    assert told["records"] - small["records"] == 40 + 90 + 60 + 200 - 13
    grown = everything()
    assert (grown["party"] - before["party"], grown["deal"] - before["deal"]) == (130, 60)
    crowd = "JOIN party p ON p.id = c.record AND (p.external_id LIKE 'firm-%%' OR p.external_id LIKE 'person-%%')"
    assert db.one(f"SELECT count(*) FROM change c {crowd} WHERE c.source = 'territory'", ()) == (0,)
    assert Asked().astray([str(db.unkey(key)) for (key,) in db.rows("SELECT id FROM party")]) == []
    assert demo("--remove")["failed"] == 0
