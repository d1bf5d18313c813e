"""Own fields that are worked out from others of the same record: before every write, and all of them when set anew."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import money
from rapport.records import formulas, kinds
from rapport.records.entity import Entity, Fields
from rapport.records.errors import Bad, Refused
from rapport.records.field import Field

MADE = ("number", "decimal", "amount", "date", "yes_no")  # kinds that a formula can give
READ = (*MADE, "money")
NOUGHT = ("count", "sum")
_FIRST, _LAST = dt.date.min.toordinal(), dt.date.max.toordinal()
_PLACE = kinds.Place()


def settle(entity: Entity, record: Any) -> None:
    """Work out the fields of a record that have a formula; those that others read come first.

    What nothing is rolled up into yet comes to nought.
    """
    if not entity.takes_fields:
        return
    for known in entity.every.rolled:
        if known.key not in record.custom and (value := nought(known)) is not None:
            record.custom = {**record.custom, known.key: value}
    for known, formula, reads in entity.every.reckoned:
        value = stored(known, formula.result({name: _value(record, each) for name, each in reads.items()}.get))
        if record.custom.get(known.key) != value:
            held = {**record.custom, known.key: value}
            record.custom = {key: each for key, each in held.items() if each is not None}


def nought(known: Field) -> Any:
    """What a roll-up of no records comes to: zero, or nothing where there is no least or greatest."""
    return stored(known, Decimal(0)) if known.rollup and known.rollup.how in NOUGHT else None


def _value(record: Any, known: Field | None) -> formulas.Value:
    """A field's value as formulas count with it: money in units, a date by its day."""
    value = None if known is None else getattr(record, known.attname)
    if known is None or value is None or isinstance(value, bool):
        return value
    if isinstance(known.kind, kinds.MoneyKind):
        return Decimal(money.from_minor(value, getattr(record, known.money_currency)))
    if known.kind.name == "date":
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return Decimal(day.toordinal())
    return Decimal(str(value))


def stored(known: Field, found: Decimal | None) -> Any:
    """A result as the record keeps it; None for what the field cannot hold."""
    kind: Any = known.kind
    if found is None:
        return None
    if isinstance(kind, kinds.YesNoKind):
        return bool(found)
    if isinstance(kind, kinds.DayKind):
        return dt.date.fromordinal(int(found)).isoformat() if _FIRST <= found <= _LAST else None
    places = kind.places if isinstance(kind, kinds.DecimalKind) else 0
    if isinstance(kind, kinds.AmountKind):
        places = money.exponent(kind.currency)
    whole = int(found.scaleb(places).quantize(Decimal(1), ROUND_HALF_UP))
    low, high = getattr(kind, "low", -kinds.DecimalKind.MOST), getattr(kind, "high", kinds.DecimalKind.MOST)
    return kind.wire(whole, _PLACE) if low <= whole <= high else None


def check(text: str, name: str, fields: Fields) -> None:
    """Refuse a formula of the field ``name`` that is not understood, or reads what it cannot."""
    try:
        formula = formulas.read(text)
    except Bad as bad:
        raise Refused(str(bad), field="formula") from bad
    seen: set[str] = set()
    waiting = list(formula.names)
    while waiting:
        known = fields.called(waiting[0])
        if known is None or known.kind.name not in READ:
            words = {"name": waiting[0], "known": ", ".join(_readable(fields, name))}
            raise Refused(_("A formula cannot read “%(name)s”. It can read: %(known)s.") % words, field="formula")
        if known.name == name:
            raise Refused(_("This formula would need its own result."), field="formula")
        if known.name not in seen and known.formula is not None:
            waiting += known.formula.names
        seen.add(known.name)
        waiting.pop(0)


def _readable(fields: Fields, name: str) -> list[str]:
    usable = [each for each in fields.values() if each.kind.name in READ and each.name not in ("version", name)]
    return [each.key if each.mark is not None and each.key not in fields else each.name for each in usable]
