"""Records by country, and by the parts of one: what a map shows, at a bounded cost however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.text import fold
from rapport.records import read, totals
from rapport.records.entity import Entity
from rapport.records.errors import Unseen
from rapport.records.layout import Map
from rapport.records.listing import Plan
from rapport.records.read import Query

COUNTED, NEWEST = 10_000, 500  # so many are counted; of more, so many are looked at


@dataclass(slots=True)
class Place:
    """Records in one place: ``names`` are the ways it is written, the usual one first, none for what has no place;
    ``base``: their sum in minor units of the base currency.
    """

    names: list[str]
    count: int = 0
    base: int = 0


def has_map(entity: Entity) -> bool:
    """Whether the entity has a map, and the actor at work sees what it goes by."""
    return entity.map is not None and bool(entity.seen([entity.map.by]))


def map_of(entity: Entity) -> Map:
    """The map as the actor at work sees it; raises Unseen where there is none for him."""
    known = entity.map
    if known is None or not has_map(entity):
        raise Unseen(f"{entity.plural} have no map.")
    total = known.total if known.total and entity.seen([known.total]) else ""
    return replace(known, within=entity.seen(known.within), total=total)


def places(query: Query, by: str, *, every: bool = False) -> tuple[list[Place], bool]:
    """(How many records of a list are in which place, the fullest first; whether all of them were counted).

    Of very many only the newest are looked at unless ``every`` is asked for. A place that is written in several ways is
    one.
    """
    whole = every or _count(query) <= COUNTED
    rows = _all(query, by) if whole else _newest(query, by)
    found: dict[str, Place] = {}
    for name, count, base in sorted(rows, key=lambda row: -row[1]):
        place = found.setdefault(fold(name or ""), Place([]))
        place.names += [name] if name else []
        place.count += count
        place.base += base
    listed = sorted(found.values(), key=lambda place: (not place.names, -place.count, place.names))
    return listed, whole


def _count(query: Query) -> int:
    """How many there are, as far as it matters: as it is kept where nothing narrows the list."""
    entity = query.entity
    if query.filter is None and not query.where and (entity.kept_board or entity.counted_by):
        return sum(held.count for held in totals.kept(entity, current()))
    return read.count(replace(query, sort=(), after=None), most=COUNTED + 1)


def _newest(query: Query, by: str) -> Sequence[tuple[Any, ...]]:
    """(Name, count, sum) among the newest records: they are found in the order of an index, whoever asks."""
    plan = Plan(replace(query, sort=("-created_at",), after=None), current())
    joins = plan.further()
    name, total = joins.column(by, raw=True)[0], map_of(query.entity).total
    base = joins.column(total)[0] if total else "0"
    found, params = plan.statement((f"{name} AS name, {base} AS base", joins.text, joins.params), NEWEST)
    counted = db.rows(f"SELECT name, count(*), sum(base) FROM ({found}) n GROUP BY name", params)
    return [(place, count, int(sum_ or 0)) for place, count, sum_ in counted]


def _all(query: Query, by: str) -> Sequence[tuple[Any, ...]]:
    plan = Plan(replace(query, sort=(), after=None), current())
    name, total = plan.joins.column(by, raw=True)[0], map_of(query.entity).total
    base = plan.joins.column(total)[0] if total else "0"
    found, params = plan.counted(f"{name} AS name, {base} AS base")
    counted = db.rows(f"SELECT name, count(*), sum(base) FROM ({found}) n GROUP BY name LIMIT {read.GROUPS}", params)
    return [(place, count, int(sum_ or 0)) for place, count, sum_ in counted]
