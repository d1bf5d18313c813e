"""The figures themselves: one statement for all that name some records."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rapport.platform import db, money
from rapport.platform.identity.organisation import organisation
from rapport.records import custom, kinds, reckoning
from rapport.records.entity import Field, registry
from rapport.records.kinds import Place

SQL = {"count": "count(*)", "sum": "sum({})", "least": "min({})", "greatest": "max({})"}


def of(known: Field, keys: Sequence[str]) -> dict[str, Any]:
    """By record: what the roll-up comes to, as the record keeps it. ``keys``: those asked about."""
    rollup = known.rollup
    assert rollup is not None
    other, place = registry.get(rollup.of), Place(sqlite=db.is_sqlite())
    by, source = other.every[rollup.by], other.every[rollup.field] if rollup.field else None
    parent = by.compared("t")
    marks = ", ".join(["%s"] * len(keys))
    where, params = f"{parent} IN ({marks})", [db.key(key) for key in keys]
    if by.mark is not None:
        pointing, params = custom.pointing(by, keys)
        where = f"t.id IN ({pointing})"
    if rollup.only:
        asked = other.every[rollup.only[0]]
        values = [asked.kind.parse(value, place) for value in rollup.only[1:]]
        sql, more = asked.kind.where(asked.compared("t"), *_asked(asked, values), place)
        where, params = f"{where} AND {sql}", [*params, *more]
    figure = SQL[rollup.how].format(source.compared("t") if source else "")
    if source is not None and source.kind.name in ("date", "moment"):
        figure = source.kind.json_sql(figure, place)
    found = db.rows(
        f"SELECT {parent}, {figure} FROM {other.rows} t WHERE {where} AND t.binned_at IS NULL GROUP BY {parent}", params
    )
    return {str(db.unkey(key)): _kept(known, source, value) for key, value in found if value is not None}


def _asked(asked: Field, values: list[Any]) -> tuple[str, Any]:
    return ("eq", values[0]) if asked.kind.name == "yes_no" else ("in", values)


def _kept(known: Field, source: Field | None, value: Any) -> Any:
    """A figure as the record keeps it; money is in the base currency's minor units, a decimal in its last digit's."""
    if source is None:
        return int(value)
    kind = source.kind
    if kind.name in ("date", "moment"):
        return value
    exact = Decimal(int(value))
    if isinstance(kind, kinds.DecimalKind):
        exact = exact.scaleb(-kind.places)
    elif isinstance(kind, kinds.AmountKind | kinds.MoneyKind):
        currency = kind.currency if isinstance(kind, kinds.AmountKind) else organisation().base_currency
        exact = Decimal(money.from_minor(int(value), currency))
    return reckoning.stored(known, exact)
