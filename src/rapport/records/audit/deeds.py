"""Changes by the deed that they belong to, newest first.

The ids of deeds are ordered by time, so the index that undo needs anyway leads from each deed to the one before, past
however many changes it made. What narrows further is looked at deed by deed, so many at a time that an answer stays
quick: where little fits, it says how far it has looked, and the next question goes on there.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import registry, rows, timeline_read
from rapport.records.audit.wanted import NOBODY, Head, Wanted
from rapport.records.entity import Entity
from rapport.records.kinds import MomentKind, Place

# So many changes of a deed are looked at to tell what it is, so many deeds in one statement and in one answer.
SAMPLE, CHUNK, MOST = 12, 100, 500
COUNTED, COUNTED_BY_RUN = 10_000, ("bulk", "import")

_LOOSE = """WITH RECURSIVE found(operation) AS (
SELECT * FROM (SELECT c.operation FROM change c WHERE {where} ORDER BY c.operation DESC LIMIT 1) newest
UNION ALL
SELECT (SELECT c.operation FROM change c WHERE {again} AND c.operation < found.operation
ORDER BY c.operation DESC LIMIT 1) FROM found WHERE found.operation IS NOT NULL
) SELECT operation FROM found WHERE operation IS NOT NULL LIMIT {limit}"""
_OF_RECORD = "SELECT DISTINCT c.operation FROM change c WHERE {where} ORDER BY c.operation DESC LIMIT {limit}"
_COLUMNS = "c.operation, c.entity, c.record, c.id, {at}, c.verb, c.version, c.actor, c.source, c.before, c.after"


@dataclass(slots=True)
class Step:
    """One change of a deed. ``change`` is told where the reader sees its record."""

    entity: str
    record: str
    verb: str
    title: str | None = None
    url: str = ""
    change: dict[str, Any] | None = None


@dataclass(slots=True)
class Deed:
    """All that was written under one id: who, when it began, from where, its first changes.

    ``whole``: these are all of them. ``records``: how many records each (kind, verb) was done to; at least that many
    where not ``exact``.
    """

    key: str
    at: dt.datetime
    actor: str | None
    source: str
    stored: list[tuple[Any, ...]]
    steps: list[Step] = field(default_factory=list)
    whole: bool = True
    records: dict[tuple[str, str], int] = field(default_factory=dict)
    exact: bool = True


def moment_of(key: str) -> dt.datetime:
    """When a key was made."""
    return dt.datetime.fromtimestamp(min(int(key[:12], 16) / 1000, 253_402_300_799), dt.UTC)


def read(wanted: Wanted, before: str | None, limit: int) -> tuple[list[Deed], str | None]:
    """Deeds older than ``before``, and the key of the last one that was looked at; None when there are no more."""
    found: list[Deed] = []
    looked, size = 0, CHUNK if wanted.looks_at_steps else limit
    while len(found) < limit and looked < MOST:
        keys = _keys(wanted, before, size)
        fitting = _fitting(keys, wanted) if wanted.looks_at_steps else keys
        for key, stored in _sampled(fitting, wanted.record).items():
            found.append(_deed(key, stored))
        if len(keys) < size:
            return found, None
        before, looked = keys[-1], looked + len(keys)
    return found, before


def _deed(key: str, stored: list[tuple[Any, ...]]) -> Deed:
    return Deed(key, moment_of(key), db.unkey(stored[0][7]), stored[0][8], stored)


def _fitting(keys: Sequence[str], wanted: Wanted) -> list[str]:
    """Those of the deeds whose first changes are of what is wanted."""
    heads = _first(keys, "c.operation, c.entity, c.record, c.verb, c.source", wanted.record)
    return [key for key, found in heads.items() if wanted.fits([Head(*head[1:]) for head in found])]


def _keys(wanted: Wanted, before: str | None, limit: int) -> list[str]:
    """The ids of the next deeds, backwards."""
    held, places = _held(wanted)
    upper = min(filter(None, (before, wanted.highest())), default=None)
    where = [*held, "c.operation < %s"] if upper else held
    bounds = [*places, db.key(upper)] if upper else places
    if wanted.record:
        sql = _OF_RECORD.format(where=" AND ".join(where), limit=limit)
        return [str(db.unkey(row[0])) for row in db.rows(sql, bounds)]
    first, again = (" AND ".join(each) or "1 = 1" for each in (where, held))
    found = db.rows(_LOOSE.format(where=first, again=again, limit=limit), [*bounds, *places])
    return [str(db.unkey(row[0])) for row in found]


def _held(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """What holds for every change of a wanted deed, in SQL."""
    where, places = [], []
    if wanted.record:
        where.append("c.record = %s")
        places.append(db.key(wanted.record))
    if wanted.actor == NOBODY:
        where.append("c.actor IS NULL")
    elif wanted.actor:
        where.append("c.actor = %s")
        places.append(db.key(wanted.actor))
    if lowest := wanted.lowest():
        where.append("c.operation >= %s")
        places.append(db.key(lowest))
    return where, places


def _sampled(keys: Sequence[str], record: str) -> dict[str, list[tuple[Any, ...]]]:
    """The first changes of each deed (of one record only, where one is asked for), in their order."""
    at = MomentKind().json_sql("c.at", Place(sqlite=db.is_sqlite()))
    found = _first(keys, _COLUMNS.format(at=at), record)
    return {key: sorted(stored, key=lambda row: row[3]) for key, stored in found.items()}


def _first(keys: Sequence[str], columns: str, record: str) -> dict[str, list[tuple[Any, ...]]]:
    """The first changes of each deed, in one statement."""
    if not keys:
        return {}
    only = " AND c.record = %s" if record else ""
    one = f"SELECT * FROM (SELECT {columns} FROM change c WHERE c.operation = %s{only} LIMIT {SAMPLE}) s"
    places: list[Any] = []
    for key in keys:
        places += [db.key(key), db.key(record)] if record else [db.key(key)]
    found: dict[str, list[tuple[Any, ...]]] = {key: [] for key in keys}
    for row in db.rows(" UNION ALL ".join(f"{one}{n}" for n in range(len(keys))), places):
        found[str(db.unkey(row[0]))].append(row)
    return {key: rows for key, rows in found.items() if rows}


def dress(deeds: Sequence[Deed]) -> None:
    """Tell the steps of deeds, as far as the reader sees their records, and count those of many: for what is shown."""
    seen = _seen([step for deed in deeds for step in deed.stored])
    for deed in deeds:
        deed.steps = [_step(row, seen) for row in deed.stored]
        deed.whole = len(deed.stored) < SAMPLE
        if not deed.whole and deed.source not in COUNTED_BY_RUN:
            _count(deed)


def _count(deed: Deed) -> None:
    sql = f"""SELECT entity, verb, count(DISTINCT record), count(*)
              FROM (SELECT entity, verb, record FROM change WHERE operation = %s LIMIT {COUNTED}) n
              GROUP BY entity, verb"""
    found = db.rows(sql, [db.key(deed.key)])
    deed.records = {(entity, verb): count for entity, verb, count, _changes in found}
    deed.exact = sum(changes for *_of, changes in found) < COUNTED


def _seen(stored: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], tuple[Entity, Any]]:
    """The records of changes that the reader sees, one query per kind."""
    wanted: dict[str, set[str]] = {}
    for row in stored:
        if row[1] in registry and current().may(row[1], "view"):
            wanted.setdefault(row[1], set()).add(str(db.unkey(row[2])))
    found: dict[tuple[str, str], tuple[Entity, Any]] = {}
    for key, ids in wanted.items():
        entity = registry.get(key)
        held = rows.load_many(entity, sorted(ids), current(), binned=True)
        found |= {(key, each): (entity, record) for each, record in held.items()}
    return found


def _step(row: tuple[Any, ...], seen: dict[tuple[str, str], tuple[Entity, Any]]) -> Step:
    operation, key, raw, number, at, verb, version, actor, source, before, after = row
    record = str(db.unkey(raw))
    if (key, record) not in seen:
        return Step(key, record, verb)
    entity, held = seen[key, record]
    change = timeline_read.told(
        entity, held, (number, at, verb, version, operation, actor, None, source, before, after)
    )
    return Step(key, record, verb, entity.title_of(held), entity.url(record), change)


def one(key: str) -> Deed | None:
    """A deed by its id, told."""
    stored = _sampled([key], "").get(key)
    if not stored:
        return None
    found = _deed(key, stored)
    dress([found])
    return found


def steps(key: str, after: int, limit: int) -> tuple[list[Step], int | None]:
    """Changes of a deed in their order, behind the change ``after``; and the last one's number when there are more."""
    at = MomentKind().json_sql("c.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT {_COLUMNS.format(at=at)} FROM change c WHERE c.operation = %s AND c.id > %s
              ORDER BY c.operation, c.id LIMIT {limit + 1}"""
    stored = db.rows(sql, [db.key(key), after])
    seen = _seen(stored[:limit])
    return [_step(row, seen) for row in stored[:limit]], stored[limit - 1][3] if len(stored) > limit else None
