"""How many there are and what they come to: exact up to ten thousand, beyond that when asked."""

from typing import Any

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds, read, totals
from rapport.records.entity import Entity, Field
from rapport.shell.lists.state import FOUND, State

COUNTED = 10_000


def summable(entity: Entity, names: list[str]) -> list[Field]:
    """The columns whose sum says something: money, and counts of things; no percentages, no places in an order."""
    found = []
    for name in names:
        known = entity.fields.get(name)
        if known is None:  # of a related record, which stands in several rows: its sum would count it several times
            continue
        counts = isinstance(known.kind, kinds.NumberKind) and known.kind.high != 100 and not entity.configuration
        if isinstance(known.kind, kinds.MoneyKind | kinds.AmountKind | kinds.DecimalKind) or counts:
            found.append(known)
    return found


def figures(state: State, names: list[str], *, exact: bool) -> dict[str, Any]:
    """Count and sums of a list: ``{count, estimated, cut, sums: [{name, label, value, currency}], waiting}``.

    ``cut``: words found more than is listed; the count is then a lower bound, and sums would say nothing.
    """
    found = state.found()
    cut = found is not None and len(found) >= FOUND
    query = state.but(sorts=()).query(names, found)
    query.sort = ()
    kept = _kept(state)
    counted = kept if kept is not None else read.count(query, most=None if exact else COUNTED + 1)
    estimated = kept is None and not exact and counted > COUNTED
    wanted = [] if cut else summable(state.entity, names)
    sums: list[dict[str, Any]] = []
    if wanted and counted and (exact or counted <= COUNTED):
        rows = read.aggregate(query, [], [known.name for known in wanted])
        sums = [sum_of(known, rows[0]["sum"][known.name]) for known in wanted] if rows else []
    waiting = [known.heading for known in wanted] if not sums and counted > COUNTED else []
    count = min(counted, COUNTED) if estimated else counted
    return {"count": count, "estimated": estimated, "cut": cut, "sums": sums, "waiting": waiting}


def sum_of(known: Field, value: Any) -> dict[str, Any]:
    """A sum as it is shown: ``{name, label, value, currency}``."""
    currency = organisation().base_currency if isinstance(known.kind, kinds.MoneyKind) else ""
    if isinstance(known.kind, kinds.AmountKind):
        currency = known.kind.currency
    return {"name": known.name, "label": known.heading, "value": value, "currency": currency}


def _kept(state: State) -> int | None:
    """The kept count of a list that asks for one value of what is counted, and for nothing else."""
    entity, asked = state.entity, state.view.filter
    by = entity.counted_by
    if state.narrowed or state.binned or by is None or not isinstance(asked, dict):
        return None
    if asked.get("field") != by or asked.get("op", "eq") != "eq":
        return None
    column = totals.column_of(str(asked.get("value")))
    return sum(held.count for held in totals.kept(entity, current(), among=[([column], "")]) if held.column == column)
