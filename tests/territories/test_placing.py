"""Records get into territories by rules, whichever way they are written, and what belongs to them follows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from rapport.config import readiness
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, revert, sharing, write
from rapport.records.bulk import deeds
from rapport.records.bulk.deeds import Deed
from rapport.records.duplicates import merging
from rapport.records.errors import Forbidden, Invalid, Refused
from rapport.records.models import Change, Notification
from rapport.records.rollups import keeping
from rapport.records.territories import staffing
from rapport.records.transfer.tests.importing import bring
from rapport.shell import histories
from tests.imports.screens import work
from tests.territories.conftest import deal, firm, heard, lies, record, rule, territory

PARTY = registry.get("party")


@pytest.fixture(autouse=True)
def sound(market: SimpleNamespace, at_work: None) -> Iterator[None]:
    """Whatever happens, records stand where the rules say in the end."""
    yield
    heard()
    work()
    assert readiness.deep() == []


def test_the_first_rule_that_fits_counts_children_before_their_parent() -> None:
    assert lies(firm(country="DE")) == "Germany"
    assert lies(firm(country="DE", **{"address.region": "Bavaria"})) == "Bavaria"
    assert lies(firm(country="FR")) == "France"
    assert lies(firm(country="ES")) is None


def test_a_record_moves_when_what_the_rule_asks_changes_and_its_deals_with_it() -> None:
    one = firm(country="DE")
    heard()
    sold = deal(one)
    assert lies(sold, "deal") == "Germany"
    write.change(PARTY, one, {"address.country": "FR"})
    assert (lies(one), lies(sold, "deal")) == ("France", "France")
    write.change(PARTY, one, {"address.country": None})
    assert (lies(one), lies(sold, "deal")) == (None, None)


def test_a_new_deal_lies_where_its_customer_does_at_once() -> None:
    one = firm(country="FR")
    heard()
    assert record("deal", deal(one)).territory.name == "France"


def test_a_deal_of_another_customer_goes_with_that_one() -> None:
    one, other = firm(country="FR"), firm(country="DE")
    heard()
    sold = deal(one)
    write.change(registry.get("deal"), sold, {"party": other})
    assert lies(sold, "deal") == "Germany"
    write.change(registry.get("deal"), sold, {"party": None})
    assert lies(sold, "deal") is None


def test_a_rule_reaches_over_two_relations(admin: User) -> None:
    territory("Chemistry", rule("company.company.industry", "Chemistry"), position=3)
    work()
    holding = firm("Holding")
    plant = firm("Plant", company=holding)
    person = firm("Somebody", kind="person", company=plant)
    assert lies(person) is None
    write.change(PARTY, holding, {"industry": "Chemistry"})
    assert lies(person) == "Chemistry"
    write.change(PARTY, plant, {"company": None})
    assert lies(person) is None


def test_what_somebody_puts_somewhere_stays_until_he_takes_it_out(market: SimpleNamespace) -> None:
    one = firm(country="DE")
    heard()
    write.change(PARTY, one, {"territory": "France"})
    assert record("party", one).territory_fixed
    write.change(PARTY, one, {"address.country": "ES"})
    assert lies(one) == "France"
    write.change(registry.get("territory"), market.france, {"rule": None})
    work()
    assert lies(one) == "France"
    write.change(PARTY, one, {"territory": None})
    assert lies(one) is None
    write.change(PARTY, one, {"address.country": "DE"})
    assert lies(one) == "Germany"


def test_the_hand_is_taken_back_and_the_rule_counts_again() -> None:
    one = firm(country="DE")
    heard()
    with write.operation() as done:
        write.change(PARTY, one, {"territory": "France"})
    assert lies(one) == "France"
    revert.revert(done.id)
    assert lies(one) == "Germany"
    assert not record("party", one).territory_fixed


def test_the_history_tells_of_a_move_and_of_whom() -> None:
    one = firm(country="DE")
    heard()
    told = Change._default_manager.filter(record=one, verb="changed").values_list("source", "after")
    assert [(source, list(orjson.loads(after))) for source, after in told] == [("territory", ["territory_id"])]


def test_the_history_tells_a_rule_in_words(market: SimpleNamespace) -> None:
    write.change(registry.get("territory"), market.france, {"rule": rule("address.country", "BE")})
    [line] = histories.of(registry.get("territory"), market.france)["entries"][0]["lines"]
    assert (line["before"]["shown"], line["after"]["shown"]) == ("Country is France", "Country is Belgium")


def test_rules_look_at_what_a_file_brings_and_an_undo_takes_all_of_it_back(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("name,country,territory\nAlm,DE,\nBrie,FR,\nChez,FR,Germany\n")
    columns = {"name": "name", "country": "address.country", "territory": "territory"}
    done = bring("party", file, {"columns": columns})
    assert done.counts == (3, 0, 0, 0)
    found = dict(PARTY.model._default_manager.values_list("name", "id"))  # type: ignore[attr-defined]
    assert [lies(found[name]) for name in ("Alm", "Brie", "Chez")] == ["Germany", "France", "Germany"]
    assert [bool(record("party", found[name]).territory_fixed) for name in ("Alm", "Chez")] == [False, True]
    brought = Change._default_manager.get(record=found["Alm"], verb="created").operation
    taken = revert.revert(str(brought))
    assert sorted(taken.reverted) == sorted(found[name] for name in ("Alm", "Brie", "Chez"))


def test_many_at_once_are_followed(market: SimpleNamespace) -> None:
    keys = [firm(f"Firm {n}", "DE") for n in range(60)]
    sold = deal(keys[0])
    heard()
    with write.operation() as done:
        deeds.carry_out(PARTY, Deed("change", data={"address.country": "FR"}), keys, done)
    assert {lies(key) for key in keys} == {"France"}
    assert lies(sold, "deal") == "France"
    revert.revert(done.id)
    assert {lies(key) for key in keys} == {"Germany"}


def test_many_are_put_somewhere_by_hand_at_once() -> None:
    keys = [firm(f"Firm {n}", "DE") for n in range(3)]
    heard()
    with write.operation() as done:
        deeds.carry_out(PARTY, Deed("change", data={"territory": "France"}), keys, done)
    assert {lies(key) for key in keys} == {"France"}
    assert all(record("party", key).territory_fixed for key in keys)


def test_merging_keeps_the_winners_place_and_takes_the_deals_along() -> None:
    one, other = firm("One", "DE"), firm("Other", "FR")
    heard()
    sold = deal(other)
    with write.operation() as done:
        merging.merge(PARTY, one, other)
    assert (lies(one), lies(sold, "deal")) == ("Germany", "Germany")
    revert.revert(done.id)
    assert (lies(one), lies(other), lies(sold, "deal")) == ("Germany", "France", "France")


def test_merging_does_not_fix_what_a_rule_had_put_there() -> None:
    territory("Chemistry", rule("industry", "Chemistry"), position=0)
    work()
    one, other = firm("One", industry="Food"), firm("Other", industry="Chemistry")
    assert lies(other) == "Chemistry"
    merging.merge(PARTY, one, other)
    assert record("party", one).territory_id is None
    assert lies(one) is None
    assert not record("party", one).territory_fixed


def test_what_somebody_chose_goes_over_with_a_merge() -> None:
    one, other = firm("One"), firm("Other", "FR", territory="Germany")
    merging.merge(PARTY, one, other, {"address.country": "winner"})
    assert lies(one) == "Germany"
    assert record("party", one).territory_fixed


def test_what_comes_out_of_the_bin_goes_where_it_belongs_by_now(market: SimpleNamespace) -> None:
    one = firm(country="DE")
    sold = deal(one)
    heard()
    write.put_in_bin(PARTY, one)
    write.change(registry.get("territory"), market.germany, {"rule": rule("address.country", "AT")})
    work()
    heard()
    write.restore(PARTY, one)
    assert (lies(one), lies(sold, "deal")) == (None, None)


def test_a_new_rule_sorts_everything_and_taking_it_back_sorts_it_again(market: SimpleNamespace) -> None:
    spanish, french = firm("S", "ES"), firm("F", "FR")
    heard()
    with write.operation() as done:
        write.change(registry.get("territory"), market.france, {"rule": rule("address.country", ["FR", "ES"], "in")})
    work()
    assert (lies(spanish), lies(french)) == ("France", "France")
    revert.revert(done.id)
    work()
    assert (lies(spanish), lies(french)) == (None, "France")


def test_the_order_and_the_tree_decide_where_two_rules_fit(market: SimpleNamespace) -> None:
    big = territory("Big", rule("employees", 1000, "gte"), position=9)
    work()
    one = firm(country="DE", employees=5000)
    assert lies(one) == "Germany"
    write.change(registry.get("territory"), big, {"position": 0})
    work()
    assert lies(one) == "Big"
    write.change(registry.get("territory"), big, {"position": 9})
    write.change(registry.get("territory"), big, {"parent": market.germany})
    work()
    assert lies(one) == "Big"


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (rule("owner", "me"), "me"),
        (rule("created_at", {"n": 3, "unit": "day"}, "in_last"), "days"),
        (rule("territory.name", "x"), "territory"),
        (rule("last_contact_at", "2026-01-01", "gt"), "last_contact_at"),
        (rule("wings", 2), "wings"),
    ],
)
def test_a_rule_that_nobody_could_keep_is_refused_in_words(tree: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        write.create(registry.get("territory"), {"name": "Odd", "rule": tree})


def test_a_territory_does_not_hang_on_itself(market: SimpleNamespace) -> None:
    with pytest.raises(Refused, match="hang"):
        write.change(registry.get("territory"), market.germany, {"parent": market.bavaria})
    team = registry.get("team")
    keys = dict(team.model._default_manager.values_list("name", "id"))  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="hang"):
        write.change(team, keys["North"], {"parent": keys["North East"]})


def test_a_rule_over_a_field_in_the_bin_lets_nobody_in_and_nobody_out() -> None:
    field = write.create(registry.get("custom_field"), {"entity": "party", "name": "Tier", "kind": "text"})
    snapshot.current()
    territory("Top", rule("custom.tier", "A"), position=0)
    work()
    top = firm("Top firm", custom={"tier": "A"})
    assert lies(top) == "Top"
    with write.operation() as done:
        write.put_in_bin(registry.get("custom_field"), field.id)
    snapshot.current()
    write.change(PARTY, top, {"name": "Same firm", "address.country": "FR"})
    late = firm("Late", "FR")
    assert (lies(top), lies(late)) == ("Top", "France")
    revert.revert(done.id)
    snapshot.current()


def test_a_rule_over_a_roll_up_follows_it() -> None:
    rolled = {"entity": "party", "name": "Deals", "kind": "number", "rollup": "count", "rollup_of": "deal.party"}
    write.create(registry.get("custom_field"), rolled)
    snapshot.current()
    work()
    territory("Busy", rule("custom.deals", 2, "gte"), position=0)
    work()
    one = firm(country="FR")
    deal(one)
    assert lies(one) == "France"
    sold = deal(one)
    work()
    while keeping.listen():
        pass
    assert lies(one) == "Busy"
    assert lies(sold, "deal") == "Busy"


def test_new_ones_without_owner_go_to_its_people_in_turn(
    market: SimpleNamespace, seller: User, other_seller: User
) -> None:
    staffing.staff(market.france, [seller.id, other_seller.id])
    write.change(registry.get("territory"), market.france, {"gives": "turn"})
    snapshot.current()
    given = []
    for n in range(4):
        key = firm(f"New {n}", "FR", owner=None)
        heard()
        given.append(record("party", key).owner_id)
    assert given == [other_seller.id, seller.id] * 2
    held = firm("Held", "FR")
    old = firm("Old", "ES", owner=None)
    heard()
    write.change(PARTY, old, {"address.country": "FR"})
    heard()
    assert record("party", held).owner.name == "Ada Admin"
    assert record("party", old).owner_id is None


def test_they_go_to_one_person_with_his_team_and_he_hears_of_it(market: SimpleNamespace, seller: User) -> None:
    write.change(registry.get("territory"), market.france, {"gives": "person", "person": seller.id})
    snapshot.current()
    key = firm("New", "FR", owner=None)
    heard()
    found = record("party", key)
    assert (found.owner_id, found.team_id) == (seller.id, seller.team_id)
    assert Notification._default_manager.filter(user=seller.id, record=key).exists()
    write.change(registry.get("user"), seller.id, {"is_active": False})
    later = firm("Later", "FR", owner=None)
    heard()
    assert record("party", later).owner_id is None


def test_who_merely_got_it_shared_does_not_move_it(
    market: SimpleNamespace, other_seller: User, acting: Callable[..., Any]
) -> None:
    one = firm(country="DE")
    heard()
    sharing.share(PARTY, one, {"user": other_seller.id, "level": "change"})
    snapshot.current()
    with acting(other_seller), pytest.raises(Forbidden, match="hand over"):
        write.change(PARTY, one, {"territory": "France"})


def test_a_territory_goes_only_when_nothing_lies_in_it(market: SimpleNamespace) -> None:
    one = firm(country="FR")
    heard()
    with pytest.raises(Refused, match="Records lie in it"):
        staffing.remove(market.france)
    with pytest.raises(Refused, match="hang on this one"):
        staffing.remove(market.germany)
    write.change(registry.get("territory"), market.france, {"rule": None})
    work()
    staffing.remove(market.france)
    snapshot.current()
    assert lies(one) is None


def test_who_works_it_is_set_with_the_proof_and_taken_back(
    market: SimpleNamespace, seller: User, manager: User
) -> None:
    done = staffing.staff(market.bavaria, [manager.id])
    assert done
    assert staffing.held_by(market.bavaria) == [manager.id]
    revert.revert(done)
    assert staffing.held_by(market.bavaria) == [seller.id]
    with pytest.raises(Invalid):
        staffing.staff(market.bavaria, ["0" * 32])


def test_nobody_else_decides(market: SimpleNamespace, manager: User, acting: Callable[..., Any]) -> None:
    with acting(manager):
        with pytest.raises(Forbidden):
            staffing.staff(market.bavaria, [manager.id])
        with pytest.raises(Forbidden):
            write.create(registry.get("territory"), {"name": "Mine"})


def test_the_system_sorts_what_it_is_told() -> None:
    with as_system("tests"):
        one = firm("Unowned", "DE")
    assert lies(one) == "Germany"
