"""A user's notifications: what is unread, reading them, and calling them read. Everybody reads only his own."""

from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.records import scope
from rapport.records.entity import Entity, registry
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
    places = _places(found[:limit], actor)
    entries = [entry for row in found[:limit] if (entry := _entry(row, places)) is not None]
    return Slice(entries, found[limit - 1][0] if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record is looked at: its own card, or (a contact with somebody) the card of its first parent."""

    title: str
    url: str


def _places(found: list[tuple[Any, ...]], actor: Actor) -> dict[Any, _Place]:
    """Today's titles and addresses of those records that the reader sees: one query per entity."""
    by_entity: dict[str, set[Any]] = {}
    for row in found:
        if row[4] is not None and row[3] in registry:
            by_entity.setdefault(row[3], set()).add(row[4])
    places: dict[Any, _Place] = {}
    for key, records in by_entity.items():
        entity = registry.get(key)
        if not actor.may(key, "view"):
            continue
        where, params = scope.condition(entity, actor)
        live = " AND t.binned_at IS NULL" if entity.is_record else ""
        marks = ", ".join(["%s"] * len(records))
        title = f't."{entity.field(entity.title).column}"'
        parent, joined = _parent(entity)
        sql = f"""SELECT t.id, {title}, {joined[0]} FROM "{entity.table}" t {joined[1]}
                  WHERE t.id IN ({marks}) AND {where}{live}"""
        for record, own, above, above_title in db.rows(sql, [*records, *params]):
            shown = (parent, above_title, above) if parent and above is not None else (entity, own, record)
            places[record] = _Place(shown[1] or "", shown[0].url(str(db.unkey(shown[2]))))
    return places


def _parent(entity: Entity) -> tuple[Entity | None, tuple[str, str]]:
    """The entity on whose card a record without a card of its own is seen, and (columns, join) that bring it."""
    path = entity.parents[0] if entity.parents and not entity.tells_itself else ""
    known = entity.fields.get(path)
    if known is None or not known.relation:
        return None, ("NULL, NULL", "")
    parent = registry.get(known.relation)
    title = f'p."{parent.field(parent.title).column}"'
    return parent, (f"p.id, {title}", f'LEFT JOIN "{parent.table}" p ON p.id = t."{known.column}"')


def _entry(row: tuple[Any, ...], places: dict[Any, _Place]) -> dict[str, Any] | None:
    key, at, reason, entity, record, actor, name, count, summary, read_at = row
    if record is not None and record not in places:
        return None
    told, place = orjson.loads(summary), places.get(record)
    known = registry.get(entity) if entity in registry else None
    return {
        "id": key, "at": at, "reason": reason, "entity": entity, "record": db.unkey(record), "count": count,
        "title": place.title if place else told.get("title", ""), "url": place.url if place else told.get("url"),
        "text": told.get("text"), "due_at": told.get("due_at"), "read": read_at is not None,
        "label": (known.label_plural if count > 1 else known.label) if known else "",
        "actor": {"id": db.unkey(actor), "title": name} if actor else None,
    }  # fmt: skip


def mark_read(keys: list[int] | None = None) -> int:
    """Call one's notifications read: those of ``keys``, or all; returns how many were unread."""
    where, params = "user_id = %s AND read_at IS NULL", [moment_param(now()), db.key(current().id)]
    if keys is not None:
        where += f" AND id IN ({', '.join(['%s'] * len(keys)) or 'NULL'})"
        params += keys
    with db.transaction():
        return db.execute(f"UPDATE notification SET read_at = %s WHERE {where}", params)
