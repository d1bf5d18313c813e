"""Who works a territory sees what lies in it and below it: at every door, with reach "team", and nobody else."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.actor import as_system, current
from rapport.platform.identity import access, snapshot
from rapport.platform.identity.models import Role, User
from rapport.records import boards, granting, read, registry, search_read, totals, write
from rapport.records.errors import Forbidden, NotFound
from rapport.records.listing import Plan, Query
from rapport.records.live import sight
from rapport.records.territories import staffing
from tests.contract.test_plans import Explained, scans
from tests.crowded import crowd
from tests.imports.screens import work
from tests.people import Api
from tests.territories.conftest import deal, firm, heard

PARTY, DEAL = registry.get("party"), registry.get("deal")
Clients = Callable[..., Api]


def reach(level: str) -> None:
    """How far sellers reach on customers and deals."""
    with as_system("tests"):
        role = Role.objects.get(key="sales").id
        verbs = {(entity, verb): level for entity in ("party", "deal") for verb in ("view", "change", "export")}
        granting.grant(role, verbs)
    snapshot.current()


@pytest.fixture
def firms(market: SimpleNamespace, admin: User, acting: Callable[..., Any]) -> Iterator[dict[str, str]]:
    """One firm with a deal in each place, all of the administrator, who is in no team."""
    reach("team")
    with acting(admin):
        found = {
            "Germany": firm("Spree works", "DE"),
            "Bavaria": firm("Isar works", "DE", **{"address.region": "Bavaria"}),
            "France": firm("Seine works", "FR"), "nowhere": firm("Ebro works", "ES"),
        }  # fmt: skip
        heard()
        for name, key in found.items():
            deal(key, amount="100.00", currency="USD", name=f"Deal in {name}")
        heard()
    yield found
    assert readiness.deep() == []


def seen(user: User, acting: Callable[..., Any], entity: Any = PARTY) -> set[str]:
    with acting(user):
        return {row["name"] for row in read.page(Query(entity, fields=("name",))).items()}


def works(territory: str, *users: User) -> None:
    with as_system("tests"):
        staffing.staff(territory, [user.id for user in users])
    snapshot.current()


def test_members_see_theirs_and_what_is_below_not_what_is_above(
    firms: dict[str, str], market: SimpleNamespace, seller: User, acting: Callable[..., Any]
) -> None:
    assert seen(seller, acting) == {"Isar works"}
    assert seen(seller, acting, DEAL) == {"Deal in Bavaria"}
    works(market.germany, seller)
    assert seen(seller, acting) == {"Isar works", "Spree works"}
    works(market.germany)
    works(market.bavaria)
    assert seen(seller, acting) == set()


@pytest.mark.parametrize(("level", "found"), [("own", 0), ("team", 1), ("all", 4)])
def test_only_the_reach_of_the_team_goes_by_territories(
    firms: dict[str, str], seller: User, acting: Callable[..., Any], api: Clients, level: str, found: int
) -> None:
    reach(level)
    assert len(seen(seller, acting)) == len(seen(seller, acting, DEAL)) == found
    client = api(seller)
    assert len(client.items("parties")) == len(client.items("deals")) == found
    assert client.get("parties", count="exact").json()["count"] == found
    assert client.get(f"parties/{firms['Bavaria']}").status_code == (200 if found else 404)
    assert client.get(f"parties/{firms['France']}").status_code == (200 if level == "all" else 404)
    with acting(seller):
        assert b"".join(read.everything(Query(PARTY))).count(b"works") == found
        assert len(search_read.search("works")) == found
        assert len(search_read.search("works", entities=("party",))) == found
        assert len(search_read.search("deal")) == found
        assert sum(kept.count for kept in totals.kept(PARTY, current())) == found
        held = [column for column in boards.columns(DEAL, None, boards.Wanted()) if column.count]
        assert [(column.count, column.base) for column in held] == ([(found, found * 10000)] if found else [])
        assert Plan(Query(DEAL), current()).count() == found
        assert len(sight.visible(PARTY, current(), set(firms.values()))) == found


def test_what_one_reaches_one_may_change_but_no_further(
    firms: dict[str, str], seller: User, acting: Callable[..., Any]
) -> None:
    with acting(seller):
        write.change(PARTY, firms["Bavaria"], {"industry": "Brewing"})
        with pytest.raises(NotFound):
            write.change(PARTY, firms["Germany"], {"industry": "Brewing"})
    with as_system("tests"):
        role = Role.objects.get(key="sales").id
        granting.grant(role, {("party", "view"): "all", ("party", "change"): "team"})
    snapshot.current()
    with acting(seller):
        write.change(PARTY, firms["Bavaria"], {"industry": "Malting"})
        with pytest.raises(Forbidden):
            write.change(PARTY, firms["Germany"], {"industry": "Brewing"})


def test_a_move_moves_who_sees_it_everywhere(
    firms: dict[str, str], seller: User, admin: User, acting: Callable[..., Any]
) -> None:
    with acting(admin):
        write.change(PARTY, firms["France"], {"address.country": "DE", "address.region": "Bavaria"})
        write.change(PARTY, firms["Bavaria"], {"address.region": None})
        heard()
    assert seen(seller, acting) == {"Seine works"}
    with acting(seller):
        assert [hit.title for hit in search_read.search("works")] == ["Seine works"]
        assert [hit.title for hit in search_read.search("deal")] == ["Deal in France"]


def test_another_place_in_the_tree_moves_who_finds_it(
    firms: dict[str, str], market: SimpleNamespace, other_seller: User, admin: User, acting: Callable[..., Any]
) -> None:
    works(market.france, other_seller)
    with acting(admin):
        write.change(registry.get("territory"), market.germany, {"position": 9})
        write.change(registry.get("territory"), market.bavaria, {"parent": market.france})
        snapshot.current()
        work()
        work()  # the long one has left something short
    assert seen(other_seller, acting) == {"Isar works", "Seine works"}
    with acting(other_seller):
        assert {hit.title for hit in search_read.search("works")} == {"Isar works", "Seine works"}


def test_sums_are_told_by_territory(firms: dict[str, str], admin: User, api: Clients) -> None:
    told = api(admin).get("deals/aggregate", group="territory", sum="amount").json()["groups"]
    assert sorted(group["sum"]["amount"] for group in told) == ["100.00"] * 4
    assert sum(1 for group in told if group["key"]["territory"] is None) == 1
    by_name = api(admin).get("parties", filter={"field": "territory.name", "op": "eq", "value": "Bavaria"})
    assert [item["name"] for item in by_name.json()["items"]] == ["Isar works"]


def test_totals_count_what_one_owns_in_ones_territory_once(
    firms: dict[str, str], seller: User, acting: Callable[..., Any]
) -> None:
    with acting(seller):
        mine = firm("My works", "DE", **{"address.region": "Bavaria"})
        heard()
        deal(mine, amount="50.00", currency="USD")
        assert sum(kept.count for kept in totals.kept(PARTY, current())) == 2
        assert sum(kept.base for kept in totals.kept(DEAL, current())) == 15000


def test_what_is_of_ones_team_and_in_ones_territory_counts_once(
    firms: dict[str, str], market: SimpleNamespace, manager: User, seller: User, acting: Callable[..., Any]
) -> None:
    works(market.germany, manager)
    with acting(seller):  # whose team the manager leads
        mine = firm("My works", "DE")
        firm("Ours", "ES")
    with acting(manager):
        heard()
        deal(mine, amount="50.00", currency="USD")
        assert seen(manager, acting) == {"Spree works", "Isar works", "My works", "Ours"}
        assert read.count(Query(PARTY)) == Plan(Query(PARTY), current()).count(most=100) == 4
        assert sum(kept.count for kept in totals.kept(PARTY, current())) == 4
        assert sum(kept.base for kept in totals.kept(DEAL, current())) == 25000
        told = read.aggregate(Query(PARTY), ["address.country"], [])
        assert {group["key"]["address.country"]: group["count"] for group in told} == {"DE": 3, "ES": 1}


@pytest.fixture
def crowded(firms: dict[str, str]) -> Iterator[None]:
    """So many others that PostgreSQL has something to weigh: of a handful every index leads to it as fast."""
    for entity in (PARTY, DEAL):
        crowd(entity.model, territory_id="NULL", external_source="'crowd'")
    yield
    for entity in (PARTY, DEAL):
        db.execute(f"DELETE FROM {entity.table} WHERE external_source = 'crowd'")


def test_an_index_leads_to_what_lies_in_a_territory(
    crowded: None, seller: User, acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for entity in (PARTY, DEAL):
        with acting(seller):
            for sort in entity.sorts:
                with Explained(monkeypatch) as plans:
                    Plan(Query(entity, sort=(f"-{sort}",)), current()).run()
                assert "_place" in plans[0], plans[0]
                assert not scans(plans, "t", entity.table), plans
            with Explained(monkeypatch) as plans:
                Plan(Query(entity), current()).count()
                totals.kept(entity, current())
            if db.is_sqlite():  # of so few rows PostgreSQL reads by any index
                assert "kept_total_place" in " ".join(plans)
            assert not scans(plans, "t", entity.table, "kept_total"), plans


def test_who_works_no_territory_asks_nothing_more(
    firms: dict[str, str], manager: User, other_seller: User, acting: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for user in (manager, other_seller):
        with acting(user), Explained(monkeypatch) as plans:
            Plan(Query(PARTY), current()).run()
            Plan(Query(DEAL), current()).count()
            totals.kept(DEAL, current())
            search_read.search("works")
        assert "_place" not in " ".join(plans)


def test_programs_read_and_make_territories_but_sellers_make_none(
    market: SimpleNamespace, admin: User, seller: User, api: Clients
) -> None:
    names = {each["name"]: each for each in api(seller).items("territories")}
    assert set(names) == {"Germany", "Bavaria", "France"}
    assert names["France"]["rule"] == {"field": "address.country", "op": "eq", "value": "FR"}
    made = api(admin).make("territories", {"name": "Spain", "rule": {"field": "address.country", "value": "ES"}})
    assert made["version"] == 1
    assert api(seller).post("territories", {"name": "Mine"}).status_code == 403
    party = api(seller).make("parties", {"name": "Put there", "territory": "France"})
    assert party["territory_fixed"] is True


def test_the_actor_knows_his_territories_with_those_below(market: SimpleNamespace, seller: User, manager: User) -> None:
    works(market.germany, manager)
    assert set(access.actor_of(manager).territories) == {market.germany, market.bavaria}
    assert access.actor_of(seller).territories == (market.bavaria,)


def test_the_deep_check_finds_what_stands_elsewhere(firms: dict[str, str]) -> None:
    snapshot.current()
    db.execute("UPDATE deal SET territory_id = NULL WHERE name = 'Deal in France'")
    db.execute("UPDATE party SET territory_id = NULL WHERE name = 'Spree works'")
    said = " ".join(map(str, readiness.deep()))
    assert "1 parties stand in another territory than the rules say" in said
    assert "deals stand in another territory than what they belong to" in said
    db.execute("UPDATE deal SET territory_id = (SELECT territory_id FROM party WHERE id = party_id)")
    for name, place in (("Spree works", "Germany"),):
        db.execute(
            "UPDATE party SET territory_id = (SELECT id FROM territory WHERE name = %s) WHERE name = %s", [place, name]
        )
    db.execute("UPDATE deal SET territory_id = (SELECT territory_id FROM party WHERE id = party_id)")
