"""A user's notifications: what is unread, reading them, and calling them read. Everybody reads only his own."""

from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.records import scope
from rapport.records.entity import registry
from rapport.records.kinds import MomentKind, Place
from rapport.records.operation import moment_param

MOST_COUNTED = 100


@dataclass(slots=True)
class Slice:
    """Notifications newest first, as JSON-ready values, and the id that older ones come before."""

    entries: list[dict[str, Any]]
    next: int | None


def unread() -> int:
    """How many the reader has not read, counted up to a hundred."""
    sql = f"SELECT 1 FROM notification WHERE user_id = %s AND read_at IS NULL LIMIT {MOST_COUNTED}"
    row = db.one(f"SELECT count(*) FROM ({sql}) n", (db.key(current().id),))
    return int(row[0]) if row else 0


def read(*, limit: int = 30, before: int | None = None, only_unread: bool = False) -> Slice:
    """The newest notifications (older than id ``before``); what is out of the reader's scope by now is left out."""
    actor = current()
    where, params = "n.user_id = %s", [db.key(actor.id)]
    if only_unread:
        where += " AND n.read_at IS NULL"
    if before is not None:
        where += " AND n.id < %s"
        params.append(before)
    at = MomentKind().json_sql("n.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT n.id, {at}, n.reason, n.entity, n.record, n.actor, u.name, n.count, n.summary, n.read_at
              FROM notification n LEFT JOIN user_account u ON u.id = n.actor
              WHERE {where} ORDER BY n.id DESC LIMIT {limit + 1}"""
    found = db.rows(sql, params)
    titles = _titles(found[:limit], actor)
    entries = [entry for row in found[:limit] if (entry := _entry(row, titles)) is not None]
    return Slice(entries, found[limit - 1][0] if len(found) > limit else None)


def _titles(found: list[tuple[Any, ...]], actor: Actor) -> dict[Any, str]:
    """Today's titles of those records that the reader sees: one query per entity."""
    by_entity: dict[str, set[Any]] = {}
    for row in found:
        if row[4] is not None and row[3] in registry:
            by_entity.setdefault(row[3], set()).add(row[4])
    titles: dict[Any, str] = {}
    for key, records in by_entity.items():
        entity = registry.get(key)
        if not actor.may(key, "view"):
            continue
        where, params = scope.condition(entity, actor)
        live = " AND t.binned_at IS NULL" if entity.is_record else ""
        places = ", ".join(["%s"] * len(records))
        column = entity.field(entity.title).column
        sql = f'SELECT t.id, t."{column}" FROM "{entity.table}" t WHERE t.id IN ({places}) AND {where}{live}'
        titles |= dict(db.rows(sql, [*records, *params]))
    return titles


def _entry(row: tuple[Any, ...], titles: dict[Any, str]) -> dict[str, Any] | None:
    key, at, reason, entity, record, actor, name, count, summary, read_at = row
    if record is not None and record not in titles:
        return None
    told = orjson.loads(summary)
    known = registry.get(entity) if entity in registry else None
    url = known.url(str(db.unkey(record))) if known and record is not None else None
    return {
        "id": key, "at": at, "reason": reason, "entity": entity, "record": db.unkey(record), "count": count,
        "title": titles.get(record) or told.get("title") or "", "text": told.get("text"), "due_at": told.get("due_at"),
        "label": (known.label_plural if count > 1 else known.label) if known else "", "url": url or told.get("url"),
        "actor": {"id": db.unkey(actor), "title": name} if actor else None, "read": read_at is not None,
    }  # fmt: skip


def mark_read(keys: list[int] | None = None) -> int:
    """Call one's notifications read: those of ``keys``, or all; returns how many were unread."""
    where, params = "user_id = %s AND read_at IS NULL", [moment_param(now()), db.key(current().id)]
    if keys is not None:
        where += f" AND id IN ({', '.join(['%s'] * len(keys)) or 'NULL'})"
        params += keys
    with db.transaction():
        return db.execute(f"UPDATE notification SET read_at = %s WHERE {where}", params)
