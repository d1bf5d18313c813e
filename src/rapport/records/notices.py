"""What users should hear of, gathered while an operation writes and stored before it ends.

Told of once, in the engine: a mention in any long text, a record handed over; the rest each model says itself
(``Record.notices``). Nobody hears of his own deeds. Many of a kind in one operation become one notification that
counts. What is stored tells no more than a title and what the model chose; reading keeps to the reader's scope.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.identity import people
from rapport.platform.mentions import mentioned, plain
from rapport.records.entity import Entity
from rapport.records.kinds import LongTextKind
from rapport.records.layout import Notice
from rapport.records.operation import Operation

COLUMNS = ("user_id", "at", "reason", "entity", "record", "actor", "operation", "count", "summary")
FEW = 5  # of a kind to one user in one operation; more are counted together
SAID = 240
MENTIONED = 50  # in one text; a list of names is no mention


@dataclass(frozen=True, slots=True)
class Gathered:
    """A notice of a record, waiting for the end of the operation."""

    notice: Notice
    entity: str
    record: str | None
    title: str


@functools.cache
def _texts(entity: Entity) -> tuple[str, ...]:
    """Attribute names of long texts: where people are mentioned."""
    return tuple(known.attname for known in entity.every.values() if isinstance(known.kind, LongTextKind))


def gather(done: Operation, entity: Entity, record: Any, before: dict[str, Any] | None) -> None:
    """Note who should hear of this write; costs next to nothing when nobody should."""
    if record.binned_at or entity.configuration:
        return
    found = [*_mentions(entity, record, before), *record.notices(before), *_handed_over(done, record, before)]
    told: set[str] = {str(done.actor.id)}
    for notice in found:
        if notice.user not in told:  # the first says most
            told.add(notice.user)
            waiting(done).append(Gathered(notice, entity.key, record.id, entity.title_of(record)))


def waiting(done: Operation) -> list[Gathered]:
    """What this operation has gathered so far."""
    return done.at_end.setdefault(store, [])


def _handed_over(done: Operation, record: Any, before: dict[str, Any] | None) -> list[Notice]:
    owner = record.owner_id
    if owner is None or owner == done.actor.id or (before is not None and before["owner_id"] == owner):
        return []
    return [Notice(owner, "handed_over")]


def _mentions(entity: Entity, record: Any, before: dict[str, Any] | None) -> list[Notice]:
    """Those whom a text mentions that did not mention them before; a team or queue stands for its members."""
    found: list[Notice] = []
    for name in _texts(entity):
        text = getattr(record, name)
        if text and "@[" in text:
            known = set(mentioned((before or {}).get(name)))
            fresh = [key for kind, key in mentioned(text) if (kind, key) not in known][:MENTIONED]
            found += [Notice(user, "mentioned", {"text": plain(text)[:SAID]}) for user in people.meant(fresh)]
    return found


def notify(
    done: Operation, user: str, reason: str, title: str, *, entity: str = "", record: str | None = None,
    summary: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Tell a user of something that is no write (an import has ended, a reminder is due), at the end of ``done``."""
    waiting(done).append(Gathered(Notice(user, reason, summary or {}), entity, record, title))


def store(done: Operation) -> None:
    """Write what was gathered, and one event per user so that his open screens hear of it."""
    kinds: dict[tuple[str, str, str], list[Gathered]] = {}
    for each in done.at_end.pop(store, []):
        kinds.setdefault((each.notice.user, each.notice.reason, each.entity), []).append(each)
    if not kinds:
        return
    rows: list[tuple[Any, ...]] = []
    for (user, reason, entity), found in kinds.items():
        if len(found) > FEW or (len(found) > 1 and _counted(done, user, reason, entity)):
            _count(done, user, reason, entity, len(found))
        else:
            rows += [_row(done, user, reason, entity, each) for each in found]
    _insert(rows)
    for user in dict.fromkeys(user for user, _reason, _entity in kinds):
        stream.emit(
            "notification.created", "user", user, None, at=done.at_param, actor=done.actor.id, operation=done.id
        )


def _row(
    done: Operation, user: str, reason: str, entity: str, each: Gathered | None, count: int = 1
) -> tuple[Any, ...]:
    told = {"title": each.title, **each.notice.summary} if each else {}
    return (
        db.key(user), done.at_param, reason, entity, db.key(each.record) if each else None, db.key(done.actor.id),
        db.key(done.id), count, orjson.dumps(told).decode(),
    )  # fmt: skip


def _insert(rows: list[tuple[Any, ...]]) -> None:
    if rows:
        db.execute_many(db.insert_sql("notification", COLUMNS), rows)


_SAME = "operation = %s AND user_id = %s AND reason = %s AND entity = %s AND record IS NULL"


def _counted(done: Operation, user: str, reason: str, entity: str) -> bool:
    places = (db.key(done.id), db.key(user), reason, entity)
    return db.one(f"SELECT 1 FROM notification WHERE {_SAME}", places) is not None


def _count(done: Operation, user: str, reason: str, entity: str, count: int) -> None:
    """One notification for many records; a further slice of the same operation adds to it."""
    places = (count, db.key(done.id), db.key(user), reason, entity)
    if not db.execute(f"UPDATE notification SET count = count + %s WHERE {_SAME}", places):
        _insert([_row(done, user, reason, entity, None, count)])


def forget(operation_id: str) -> None:
    """What was told of an operation that is taken back."""
    db.execute("DELETE FROM notification WHERE operation = %s", (db.key(operation_id),))
