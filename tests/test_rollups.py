"""Fields rolled up from the records that name ours: worked out for what is there, in step with what happens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rapport.config import readiness
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import registry, revert, write
from rapport.records.bulk import deeds
from rapport.records.duplicates import merging
from rapport.records.errors import Forbidden, Refused
from rapport.records.rollups import keeping
from rapport.records.transfer.tests.importing import bring
from tests.imports.screens import work

COUNT = {"entity": "party", "name": "Deals", "kind": "number", "rollup": "count", "rollup_of": "deal.party"}
WON = {
    "entity": "party", "name": "Won", "kind": "amount", "rollup": "sum", "rollup_of": "deal.party",
    "rollup_field": "amount", "rollup_if": "status", "rollup_values": "won",
}  # fmt: skip
NEXT = {
    "entity": "party", "name": "Next closing", "kind": "date", "rollup": "least", "rollup_of": "deal.party",
    "rollup_field": "close_on", "rollup_if": "Status", "rollup_values": "Open",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
    heard()
    assert readiness.deep() == []


def field(**given: Any) -> Any:
    made = write.create(registry.get("custom_field"), given)
    snapshot.current()
    work()
    return made


def heard() -> None:
    while keeping.listen():
        pass


def firm(name: str = "Acme") -> str:
    return str(write.create(registry.get("party"), {"name": name}).id)


def deal(party: str | None, amount: str = "100.00", **more: Any) -> str:
    given = {"name": "Deal", "party": party, "amount": amount, "currency": "USD", **more}
    return str(write.create(registry.get("deal"), given).id)


def held(key: str) -> dict[str, Any]:
    heard()
    record = registry.get("party").model._default_manager.get(id=key)  # type: ignore[attr-defined]
    return dict(record.custom)


def test_what_is_there_is_counted_and_nothing_is_nought() -> None:
    one, other = firm(), firm("Beta")
    deal(one)
    deal(one)
    field(**COUNT)
    assert (held(one), held(other)) == ({"deals": 2}, {"deals": 0})
    assert held(firm("Gamma")) == {"deals": 0}


def test_it_follows_every_way_of_writing(admin: User) -> None:
    field(**COUNT)
    field(**WON)
    field(**NEXT)
    one, other = firm(), firm("Beta")
    first = deal(one, close_on="2027-05-01")
    second = deal(one, "40.50", close_on="2027-04-01")
    assert held(one) == {"deals": 2, "won": "0.00", "next_closing": "2027-04-01"}
    with write.operation() as won:
        write.act(registry.get("deal"), first, "move_to", {"stage": "Won"})
    assert held(one) == {"deals": 2, "won": "100.00", "next_closing": "2027-04-01"}
    write.change(registry.get("deal"), second, {"party": other})
    assert (held(one), held(other)) == (
        {"deals": 1, "won": "100.00"}, {"deals": 1, "won": "0.00", "next_closing": "2027-04-01"},
    )  # fmt: skip
    revert.revert(won.id)
    assert held(one)["won"] == "0.00"
    write.put_in_bin(registry.get("deal"), first)
    assert held(one) == {"deals": 0, "won": "0.00"}
    write.restore(registry.get("deal"), first)
    assert held(one)["deals"] == 1
    with write.operation() as done:
        deed = deeds.Deed("change", data={"party": other})
        deeds.carry_out(registry.get("deal"), deed, [first, second], done)
    assert (held(one)["deals"], held(other)["deals"]) == (0, 2)
    revert.revert(done.id)
    assert (held(one)["deals"], held(other)["deals"]) == (1, 1)


def test_imports_and_merges_are_followed(tmp_path: Path) -> None:
    field(**COUNT)
    one, other = firm(), firm("Beta")
    file = tmp_path / "deals.csv"
    file.write_text("name,party\n" + "".join(f"Deal {n},{'Acme' if n % 3 else 'Beta'}\n" for n in range(90)))
    run = bring("deal", file)
    assert (held(one)["deals"], held(other)["deals"]) == (60, 30)
    merging.merge(registry.get("party"), one, other, {})
    assert held(one)["deals"] == 90
    assert run


def test_a_formula_reads_it_and_own_links_are_followed(admin: User) -> None:
    machine = write.create(registry.get("custom_object"), {"name": "Machine"})
    snapshot.current()
    field(entity="machine", name="Site", kind="relation", target="party")
    field(entity="machine", name="Price", kind="decimal", places=2)
    field(entity="party", name="Machines", kind="number", rollup="count", rollup_of="machine.custom.site")
    field(
        entity="party", name="Worth", kind="decimal", places=2, rollup="sum", rollup_of="machine.custom.site",
        rollup_field="Price",
    )  # fmt: skip
    write.create(
        registry.get("custom_field"),
        {"entity": "party", "name": "Average", "kind": "decimal", "places": 2, "formula": "worth / max(machines, 1)"},
    )
    snapshot.current()
    key = firm()
    for price in ("10.50", "20.25", None):
        write.create(registry.get("machine"), {"name": "M", "custom": {"site": key, "price": price}})
    assert held(key) == {"machines": 3, "worth": 30.75, "average": 10.25}
    assert machine


def test_nobody_sets_it_and_neither_version_nor_history_follow(admin: User, api: Any) -> None:
    field(**COUNT)
    key = firm()
    before = api(admin).get(f"parties/{key}").json()["version"]
    deal(key)
    heard()
    found = api(admin).get(f"parties/{key}").json()
    assert (found["custom"]["deals"], found["version"]) == (1, before)
    assert len(api(admin).get(f"parties/{key}/changes").json()["items"]) == 1
    asked = {"field": "custom.deals", "op": "gte", "value": 1}
    assert [each["id"] for each in api(admin).items("parties", filter=asked)] == [key]
    with pytest.raises(Forbidden):
        write.change(registry.get("party"), key, {"custom": {"deals": 7}})


def test_what_fails_midway_is_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    field(**COUNT)
    key = firm()
    heard()
    deal(key)
    keep = keeping.keep
    monkeypatch.setattr(keeping, "keep", lambda *_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keeping.listen()
    monkeypatch.setattr(keeping, "keep", keep)
    assert held(key) == {"deals": 1}


def test_one_that_comes_out_of_the_bin_has_missed_nothing() -> None:
    made = field(**COUNT)
    key = firm()
    heard()
    write.put_in_bin(registry.get("custom_field"), made.id)
    snapshot.current()
    deal(key)
    heard()
    write.restore(registry.get("custom_field"), made.id)
    snapshot.current()
    work()
    assert held(key) == {"deals": 1}


def test_a_roll_up_is_not_rolled_up_again() -> None:
    field(**WON)
    again = {"entity": "party", "name": "Group", "kind": "amount", "rollup": "sum", "rollup_of": "party.company"}
    with pytest.raises(Refused) as caught:
        write.create(registry.get("custom_field"), {**again, "rollup_field": "Won"})
    assert caught.value.errors[0]["field"] == "rollup_field"


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({"rollup_of": None}, "rollup_of"),
        ({"entity": "deal"}, "rollup_of"),
        ({"rollup": "sum"}, "rollup_field"),
        ({"rollup": "sum", "rollup_field": "name"}, "rollup_field"),
        ({"rollup": "sum", "rollup_field": "close_on"}, "rollup_field"),
        ({"rollup": "sum", "rollup_field": "amount"}, "kind"),
        ({"rollup": "greatest", "rollup_field": "close_on"}, "kind"),
        ({"kind": "amount"}, "kind"),
        ({"kind": "amount", "currency": "EUR", "rollup": "sum", "rollup_field": "amount"}, "currency"),
        ({"rollup_if": "status"}, "rollup_values"),
        ({"rollup_if": "name", "rollup_values": "x"}, "rollup_if"),
        ({"rollup_if": "status", "rollup_values": "sold"}, "rollup_values"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(more: dict[str, Any], at: str) -> None:
    with pytest.raises(Refused) as caught, as_system("tests"):
        write.create(registry.get("custom_field"), COUNT | more)
    assert caught.value.errors[0]["field"] == at


def test_the_deep_check_tells_one_that_is_out_of_step() -> None:
    field(**COUNT)
    key = firm()
    heard()
    party = registry.get("party")
    party.model._default_manager.filter(id=key).update(custom={"deals": 7})
    (found,) = [each for each in readiness.deep() if "custom.deals" in str(each) and "come to" in str(each)]
    assert key in str(found)
    keeping.keep(party, [party.fields["custom.deals"]], [key])
