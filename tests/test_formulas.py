"""Fields that are worked out: by every write, after an undo, and for all records when a formula is new."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.config import soundness
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import User
from rapport.records import formulas, registry, revert, write
from rapport.records.bulk import deeds
from rapport.records.bulk.deeds import Deed
from rapport.records.errors import Bad, Refused
from tests.imports.screens import work
from tests.people import Api
from tests.test_custom_fields import field, imported

Doors = Callable[[User], Api]
NUMBERS = {"a": Decimal(6), "b": Decimal("1.5"), "none": None, "yes": True, "day": Decimal(730_000), "zero": Decimal(0)}


def result(text: str) -> Decimal | None:
    return formulas.read(text).result(NUMBERS.get)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a * b", "9"), ("a / 4", "1.5"), ("-(a + 1) * 2", "-14"), ("round(a / 7, 2)", "0.86"), ("round(2.5)", "3"),
        ("max(a, 10) - min(a, b)", "8.5"), ("abs(b - a)", "4.5"), ("a if a > b else b", "6"), ("1 < b < 2", "1"),
        ("(a == 6) * 10", "10"), ("yes and a > 1", "1"), ("not yes", "0"), ("0.1 + 0.2", "0.3"),
        ("none * 2", None), ("a / zero", None), ("a if none else b", None), ("custom.a * 2", None),
        ("10 if a == 6 or none else 0", "10"), ("a" + "* a" * 30, str(6**31)), ("5 / 2", "2.5"),
    ],
)  # fmt: skip
def test_arithmetic(text: str, found: str | None) -> None:
    assert result(text) == (None if found is None else Decimal(found))


@pytest.mark.parametrize(
    "text",
    [
        "", "a +", "__import__('os')", "a.b", "a ** b", "[a]", "'a'", "lambda: 1", "a if b", "f(a)", "round()",
        "a := 1", "(" * 300 + "a" + ")" * 300, "a" * 2000, "a" + "+a" * 150, "1j", "{1}", "a[0]", "max(x for x in a)",
        "round(a, ndigits=1)", "None", "a\nb", "exec(a)", "True.real", "f'{a}'", "a in b", "a is b", "a | b", "~a",
        "a @ b",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(Bad):
        formulas.read(text)


@given(st.text(alphabet="ab01.+-*/()<>=! ,\n", max_size=40))
def test_any_text_is_refused_or_reckoned(text: str) -> None:
    try:
        found = formulas.read(text)
    except Bad:
        return
    assert found.result(NUMBERS.get) is None or isinstance(found.result(NUMBERS.get), Decimal)


def test_a_formula_follows_what_it_reads(admin: User, api: Doors, organisation: None) -> None:
    field("Visits", "number", "deal")
    field("Per visit", "amount", "deal", currency="USD", formula="amount / visits")
    field("Twice", "decimal", "deal", formula="custom.per_visit * 2", places=1)
    field("Follow up", "date", "deal", formula="close_on + 30")
    field("Large", "yes_no", "deal", formula="amount >= 1000")
    client = api(admin)
    deal = client.make("deals", {"name": "Mill", "amount": "1000", "close_on": "2026-01-31", "custom": {"visits": 3}})
    assert deal["custom"] == {
        "visits": 3, "per_visit": "333.33", "twice": 666.7, "follow_up": "2026-03-02", "large": True
    }  # fmt: skip
    changed = client.patch(f"deals/{deal['id']}", {"amount": "900"}).json()
    assert changed["custom"] == {
        "visits": 3, "per_visit": "300.00", "twice": 600.0, "follow_up": "2026-03-02", "large": False
    }  # fmt: skip
    emptied = client.patch(f"deals/{deal['id']}", {"custom": {"visits": None}}).json()
    assert (emptied["custom"]["per_visit"], emptied["custom"]["twice"]) == (None, None)
    refused = client.patch(f"deals/{deal['id']}", {"custom": {"twice": 1}})
    assert refused.status_code == 403
    condition = {"field": "custom.follow_up", "op": "gte", "value": "2026-03-01"}
    assert [each["name"] for each in client.items("deals", filter=condition)] == ["Mill"]
    assert soundness.deep() == []


def test_undo_reckons_from_what_is_there_then(organisation: None) -> None:
    field("Quantity", "number", "deal")
    field("Price", "decimal", "deal")
    field("Total", "decimal", "deal", formula="quantity * price")
    entity = registry.get("deal")
    with as_system("tests"):
        deal = write.create(entity, {"name": "Mill", "custom": {"quantity": 2, "price": 10}})
        with write.operation() as first:
            write.change(entity, deal.id, {"custom": {"quantity": 3}})
        write.change(entity, deal.id, {"custom": {"price": 20}})
        found = revert.revert(first.id)
    assert (found.reverted, found.kept_changed) == ([deal.id], [])
    held = entity.model._default_manager.get(id=deal.id)
    assert held.custom == {"quantity": 2, "price": 20.0, "total": 40.0}
    assert db.one(
        "SELECT number FROM custom_value v JOIN custom_field f ON f.mark = v.field WHERE f.key = 'total'"
    ) == (4000,)


def test_a_new_formula_is_worked_out_for_all_that_is_there(organisation: None) -> None:
    field("Visits", "number")
    entity = registry.get("party")
    with as_system("tests"):
        made = [write.create(entity, {"name": f"Firm {n}", "custom": {"visits": n}}).id for n in range(7)]
    twice = field("Twice", "number", formula="visits * 2")
    work()

    def values() -> list[Any]:
        rows = entity.model._default_manager.filter(id__in=made).order_by("id")
        return [row.custom.get("twice") for row in rows]

    assert values() == [0, 2, 4, 6, 8, 10, 12]
    with as_system("tests"):
        write.change(registry.get("custom_field"), twice.id, {"formula": "visits * 3"})
    snapshot.current()
    work()
    assert values() == [0, 3, 6, 9, 12, 15, 18]
    with as_system("tests"), write.operation() as done:
        deeds.carry_out(entity, Deed("change", data={"custom.visits": 100}), made, done)
    assert values() == [300] * 7


def test_imports_reckon_and_cannot_fill(organisation: None, tmp_path: Any) -> None:
    field("Visits", "number")
    field("Twice", "number", formula="visits * 2")
    path = tmp_path / "a.csv"
    path.write_text("name,visits,twice\nAda,4,99\n")
    (tmp_path / "map.json").write_text('{"columns": {"name": "name", "visits": "custom.visits"}}')
    assert imported("party", str(path), "--map", str(tmp_path / "map.json")) == 0
    held = registry.get("party").model._default_manager.get(name="Ada")
    assert held.custom == {"visits": 4, "twice": 8}


@pytest.mark.parametrize(
    ("kind", "formula", "words"),
    [
        ("number", "visits *", "no formula"), ("number", "visits + nothing", "cannot read “nothing”"),
        ("number", "name * 2", "cannot read “name”"), ("text", "1 + 1", "can have a formula"),
        ("number", "own_result + 1", "cannot read “own_result”"),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_is_refused(kind: str, formula: str, words: str, organisation: None) -> None:
    field("Visits", "number")
    with pytest.raises(Refused, match=words):
        field("Own result", kind, formula=formula)


def test_a_formula_does_not_need_itself(organisation: None) -> None:
    one = field("One", "number")
    field("Two", "number", formula="one + 1")
    with as_system("tests"), pytest.raises(Refused, match="its own result"):
        write.change(registry.get("custom_field"), one.id, {"formula": "two + 1"})


def test_a_day_out_of_the_calendar_is_empty(organisation: None) -> None:
    field("Far", "date", "deal", formula="close_on * 1000")
    with as_system("tests"):
        deal = write.create(registry.get("deal"), {"name": "Mill", "close_on": dt.date(2026, 1, 1).isoformat()})
    assert deal.custom == {}
