"""Records by the days of a date or moment: what a calendar shows, however many there are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import local_midnight
from rapport.records import read
from rapport.records.entity import Entity
from rapport.records.entity import Field as Known
from rapport.records.kinds import MomentKind
from rapport.records.layout import value_of
from rapport.records.read import Query

WHOLE = 1000  # keys that are read at once; where there are more each day is read by itself
COUNTED = 99


@dataclass(slots=True)
class Day:
    """The first rows of a day, and how many there are; ``more``: that many at least."""

    date: dt.date
    rows: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    more: bool = False


def field_of(entity: Entity) -> Known:
    """The field that puts records on days; raises LookupError for an entity without a calendar."""
    if entity.calendar is None or entity.calendar.by not in entity.fields:
        raise LookupError(f"{entity.plural} have no calendar")
    return entity.fields[entity.calendar.by]


def days(query: Query, dates: Sequence[dt.date], shown: int) -> list[Day]:
    """The days ``dates``, which follow each other, with ``shown`` rows of ``query`` each, the earliest first."""
    known = field_of(query.entity)
    found = {date: Day(date) for date in dates}
    whole = read.page(_keys(_between(query, known, dates[0], dates[-1], WHOLE)))
    if whole.next is not None:
        for day in found.values():
            _fill(day, query, known, shown)
        return list(found.values())
    first: dict[str, Day] = {}
    for row in whole.items():
        day = found[date_of(str(value_of(row, known.name)), known)]
        day.count += 1
        if day.count <= shown:
            first[row["id"]] = day
    dressed = {row["id"]: row for row in _by_keys(query, list(first))}
    for key, day in first.items():
        if key in dressed:
            day.rows.append(dressed[key])
    return list(found.values())


def _fill(day: Day, query: Query, known: Known, shown: int) -> None:
    """A day by itself. It is counted by keys in the order of their index; a count would choose a way of its own."""
    one = read.page(_between(query, known, day.date, day.date, shown))
    day.rows, day.count = one.items(), len(one.rows)
    if one.next is not None:
        keys = read.page(_keys(_between(query, known, day.date, day.date, COUNTED)))
        day.count, day.more = len(keys.rows), keys.next is not None


def _keys(query: Query) -> Query:
    """The same rows, with nothing but what says which they are and when."""
    return replace(query, fields=("id", field_of(query.entity).name), expand=False)


def _by_keys(query: Query, keys: list[str]) -> list[dict[str, Any]]:
    if not keys:
        return []
    marks = ", ".join(["%s"] * len(keys))
    within = (f"t.id IN ({marks})", [db.key(key) for key in keys])
    return read.page(
        replace(query, filter=None, where=[within], sort=("created_at",), limit=len(keys), after=None)
    ).items()


def _between(query: Query, known: Known, first: dt.date, last: dt.date, limit: int) -> Query:
    """The same from the first to the last day."""
    end = last + dt.timedelta(days=1)
    parts: list[Any] = [
        {"field": known.name, "op": "gte", "value": _start(first, known)},
        {"field": known.name, "op": "lt", "value": _start(end, known)},
    ]
    if query.filter:
        parts.insert(0, query.filter)
    return replace(query, filter={"and": parts}, sort=(known.name,), limit=limit, after=None)


def _start(day: dt.date, known: Known) -> str:
    if isinstance(known.kind, MomentKind):
        return local_midnight(day, current().time_zone).isoformat()
    return day.isoformat()


def local(value: str) -> dt.datetime:
    """A moment as the wire has it, on the reader's clock."""
    return dt.datetime.fromisoformat(value).astimezone(ZoneInfo(current().time_zone))


def date_of(value: str, known: Known) -> dt.date:
    """The day that a value lies on, for the reader."""
    return local(value).date() if isinstance(known.kind, MomentKind) else dt.date.fromisoformat(value)


def on_day(value: str | None, known: Known, day: dt.date) -> str:
    """The same value on another day: a moment keeps its time of day where the reader is."""
    if not isinstance(known.kind, MomentKind):
        return day.isoformat()
    clock = local(value).time() if value else dt.time(9)
    return dt.datetime.combine(day, clock, ZoneInfo(current().time_zone)).astimezone(dt.UTC).isoformat()


def month(day: dt.date) -> list[dt.date]:
    """The days of the whole weeks that a month lies in."""
    first = day.replace(day=1)
    start = first - dt.timedelta(days=first.weekday())
    after = (first + dt.timedelta(days=31)).replace(day=1)
    return _run(start, after + dt.timedelta(days=-after.weekday() % 7))


def week(day: dt.date) -> list[dt.date]:
    """The days of a week, from Monday."""
    start = day - dt.timedelta(days=day.weekday())
    return _run(start, start + dt.timedelta(weeks=1))


def _run(first: dt.date, end: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=at) for at in range((end - first).days)]


def beside(entity: Entity) -> str:
    """The relation that stands beside a record's title: the first among its columns; empty when there is none."""
    known = [entity.fields[name] for name in entity.columns if name in entity.fields]
    return next((each.name for each in known if each.relation not in (None, "user", "team")), "")


def fields_of(entity: Entity) -> tuple[str, ...]:
    """What a record on a calendar shows, and what is needed to know whether it moves."""
    live = entity.calendar.live if entity.calendar else ()
    names = (entity.title, field_of(entity).name, beside(entity), *live, "owner", "team", "version")
    return tuple(dict.fromkeys(name for name in names if name in entity.fields))
