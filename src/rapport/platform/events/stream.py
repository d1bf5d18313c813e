"""The one ordered stream of facts.

On SQLite writers are one at a time, so the position is given in the transaction. On PostgreSQL a transaction
that began early may commit late; one sequencer (advisory lock) numbers what has become visible, so a reader
that remembers a position never skips an event.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from rapport.platform import db
from rapport.platform.clock import now

LATE = dt.timedelta(minutes=1)
_SEQUENCER = 7267711


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a consumer reads it; ``record`` is None for a slice of ``count`` records."""

    position: int
    name: str
    entity: str
    record: str | None
    version: int | None
    count: int
    operation: str
    actor: str | None
    fields: tuple[str, ...]


_INSERT = """INSERT INTO event (position, at, actor, operation, name, entity, record, version, count, fields)
VALUES ({position}, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_NEXT = "(SELECT coalesce(max(position), 0) + 1 FROM event)"


def emit(
    name: str, entity: str, record: str | None, version: int | None, *,
    at: object, actor: str | None, operation: str, fields: Iterable[str] = (), count: int = 1,
) -> None:  # fmt: skip
    """Write an event in the open transaction; consumers see it after the commit."""
    sql = _INSERT.format(position=_NEXT if db.is_sqlite() else "NULL")
    places = (
        at,
        db.key(actor),
        db.key(operation),
        name,
        entity,
        db.key(record),
        version,
        count,
        ",".join(fields),
    )
    db.execute(sql, places)


def number() -> int:
    """Give positions to committed events that have none (PostgreSQL); returns how many. Cheap when there are none."""
    if db.is_sqlite() or db.one("SELECT 1 FROM event WHERE position IS NULL LIMIT 1") is None:
        return 0
    with db.transaction():
        if not (db.one("SELECT pg_try_advisory_xact_lock(%s)", (_SEQUENCER,)) or (False,))[0]:
            return 0
        return db.execute(
            """UPDATE event SET position = n.position FROM (
                 SELECT id, (SELECT coalesce(max(position), 0) FROM event) + row_number() OVER (ORDER BY id) AS position
                 FROM event WHERE position IS NULL ORDER BY id LIMIT 10000) n
               WHERE event.id = n.id"""
        )


def after(position: int, limit: int = 500) -> list[Fact]:
    """The next events after ``position``, in order."""
    number()
    sql = """SELECT position, name, entity, record, version, count, operation, actor, fields FROM event
             WHERE position > %s ORDER BY position LIMIT %s"""
    return [
        Fact(
            at, name, entity, db.unkey(record), version, count, str(db.unkey(operation)), db.unkey(actor),
            tuple(filter(None, fields.split(","))),
        )
        for at, name, entity, record, version, count, operation, actor, fields in db.rows(sql, (position, limit))
    ]  # fmt: skip


def latest() -> int:
    """The position of the newest event."""
    number()
    return int((db.one("SELECT coalesce(max(position), 0) FROM event") or (0,))[0])


def position_at(moment: object) -> int:
    """A position from which on everything since ``moment`` is read again, as far as the newest thousand events tell."""
    sql = """SELECT coalesce(min(position) - 1, (SELECT coalesce(max(position), 0) FROM event)) FROM
             (SELECT position, at FROM event WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1000) e
             WHERE at >= %s"""
    return int((db.one(sql, (moment,)) or (0,))[0])


def gaps() -> list[str]:
    """What is wrong with the stream: empty when positions run from 1 without a gap and none is left unnumbered."""
    number()
    return broken()


def broken() -> list[str]:
    """The same without numbering first: what is committed this minute may still wait for its position."""
    late = now() - LATE
    sql = """SELECT count(position), min(position), max(position),
             count(CASE WHEN position IS NULL AND at < %s THEN 1 END) FROM event"""
    moment = late.replace(tzinfo=None).isoformat(" ") if db.is_sqlite() else late
    count, low, high, bare = db.one(sql, (moment,)) or (0, None, None, 0)
    found = []
    if count and (low != 1 or high != count):
        found.append(f"event positions run from {low} to {high} for {count} events")
    if bare:
        found.append(f"{bare} events have no position")
    return found
