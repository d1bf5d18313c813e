"""Reading a timeline: newest first, keeping only what comes from records this actor may see."""

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform import db, money
from rapport.platform.actor import Actor, current
from rapport.platform.clock import wire
from rapport.platform.identity.organisation import organisation
from rapport.platform.keys import parse_key
from rapport.records import rows, scope, tagging
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import BadQuery
from rapport.records.kinds import MomentKind, Place
from rapport.records.operation import moment_param

ROUNDS = 5
BESIDE = ("shares", "grants", "fields", "roles", "members")  # what changes tell besides fields
TOLD = ("subject", "body", "direction", "outcome", "duration_s", "stage", "from", "status", "queue")


@dataclass(slots=True)
class Slice:
    """Entries as JSON-ready values, and the cursor of older ones."""

    entries: list[dict[str, Any]]
    next: str | None


def read(
    entity: Entity, key: str, *, channels: tuple[str, ...] = (), limit: int = 20, after: str | None = None,
    seen: bool = False,
) -> Slice:  # fmt: skip
    """The timeline of a record in scope. It takes more than it shows: some of it may be out of scope.

    ``seen``: the caller has read the record in scope already.
    """
    actor = current()
    if not seen:
        rows.load(entity, key, actor)
    cursor = _cursor(after)
    kept: list[tuple[Any, ...]] = []
    mark = None
    for _round in range(ROUNDS):
        found = _take(key, channels, cursor, limit * 2 + 1)
        kept += _visible(found, actor)
        if len(kept) > limit:
            mark = _mark(kept[limit - 1])
            break
        if len(found) <= limit * 2:
            mark = None
            break
        cursor, mark = [found[-1][1], found[-1][0]], _mark(found[-1])
    return Slice([_entry(row) for row in kept[:limit]], mark)


def _take(key: str, channels: tuple[str, ...], cursor: list[Any] | None, limit: int) -> list[tuple[Any, ...]]:
    where, params = "e.subject = %s", [db.key(key)]
    if channels:
        where += f" AND e.channel IN ({', '.join(['%s'] * len(channels))})"
        params += channels
    if cursor:
        where += " AND (e.at, e.id) < (%s, %s)"
        params += cursor
    at = MomentKind().json_sql("e.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT e.id, e.at, {at}, e.channel, e.verb, e.source_entity, e.source, e.actor, u.name, e.summary
              FROM timeline_entry e LEFT JOIN user_account u ON u.id = e.actor
              WHERE {where} ORDER BY e.at DESC, e.id DESC LIMIT {limit}"""
    return db.rows(sql, params)


def _visible(found: list[tuple[Any, ...]], actor: Actor) -> list[tuple[Any, ...]]:
    """Those whose source is in scope: one query per entity."""
    by_entity: dict[str, set[Any]] = {}
    for row in found:
        by_entity.setdefault(row[5], set()).add(row[6])
    seen: set[Any] = set()
    for key, sources in by_entity.items():
        if key not in registry or not actor.may(key, "view"):
            continue
        entity = registry.get(key)
        where, params = scope.condition(entity, actor)
        places = ", ".join(["%s"] * len(sources))
        live = " AND t.binned_at IS NULL" if entity.is_record else ""
        sql = f'SELECT t.id FROM "{entity.table}" t WHERE t.id IN ({places}) AND {where}{live}'
        seen |= {row[0] for row in db.rows(sql, [*sources, *params])}
    return [row for row in found if row[6] in seen]


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    key, _at, at, channel, verb, source_entity, source, actor, name, summary = row
    told = orjson.loads(summary)
    source_key, entity = str(db.unkey(source)), registry.get(source_entity)
    seen = entity.fields
    return {
        "id": str(key), "at": at, "channel": channel, "verb": verb,
        "source": {"entity": source_entity, "id": source_key},
        "actor": {"id": db.unkey(actor), "title": name} if actor else None,
        "url": entity.url(source_key),
        **{name: told.get(name) if name in seen or name not in entity.every else None for name in TOLD},
    }  # fmt: skip


def _mark(row: tuple[Any, ...]) -> str:
    at = row[1] if isinstance(row[1], str) else row[1].isoformat()
    return base64.urlsafe_b64encode(orjson.dumps([at, row[0]])).rstrip(b"=").decode()


def _cursor(text: str | None) -> list[Any] | None:
    if not text:
        return None
    try:
        at, key = orjson.loads(base64.urlsafe_b64decode(text.encode() + b"=="))
        moment = dt.datetime.fromisoformat(at)
        if not isinstance(key, int) or not 0 <= key < 2**63:
            raise ValueError("no id")
        return [moment_param(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)), key]
    except (ValueError, TypeError) as error:
        raise BadQuery("The cursor is none of ours; start without “after”.") from error


def changes(
    entity: Entity, key: str, *, limit: int = 50, after: str | None = None, field: Field | None = None, by: str = ""
) -> Slice:  # fmt: skip
    """The change history of a record in scope, newest first: who, when, from where, before and after.

    ``field``: only what touched it; ``by``: only what this user did.
    """
    record = rows.load(entity, key, current(), binned=True)
    where, params = "c.record = %s", [db.key(key)]
    if after:
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise BadQuery("The cursor is none of ours; start without “after”.")
        where += " AND c.id < %s"
        params.append(int(after))
    if field is not None:
        where += " AND (c.before LIKE %s ESCAPE '!' OR c.after LIKE %s ESCAPE '!')"
        params += [_naming(field)] * 2
    if by:
        where += " AND c.actor = %s"
        params.append(db.key(by))
    at = MomentKind().json_sql("c.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT c.id, {at}, c.verb, c.version, c.operation, c.actor, u.name, c.source, c.before, c.after
              FROM change c LEFT JOIN user_account u ON u.id = c.actor
              WHERE {where} ORDER BY c.id DESC LIMIT {limit + 1}"""
    found = db.rows(sql, params)
    return Slice(
        [_change(entity, record, row) for row in found[:limit]],
        str(found[limit - 1][0]) if len(found) > limit else None,
    )


def _naming(known: Field) -> str:
    """The pattern of stored values that name a field: within a text its quotes would be escaped."""
    name = known.name if known.mark is not None else known.attname
    for special in "!%_":
        name = name.replace(special, f"!{special}")
    return f'%"{name}":%'


def authors(key: str) -> list[tuple[str, str]]:
    """Who changed a record: (id, name)."""
    sql = """SELECT DISTINCT u.id, u.name FROM change c JOIN user_account u ON u.id = c.actor
             WHERE c.record = %s ORDER BY u.name"""
    return [(str(db.unkey(user)), name) for user, name in db.rows(sql, [db.key(key)])]


def of_operation(key: str, *, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """What an operation wrote, in its order, as far as the reader sees the records: each change with its record."""
    at = MomentKind().json_sql("c.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT c.entity, c.record, c.id, {at}, c.verb, c.version, c.operation, c.actor, u.name, c.source,
              c.before, c.after FROM change c LEFT JOIN user_account u ON u.id = c.actor
              WHERE c.operation = %s AND c.id > %s ORDER BY c.id LIMIT {limit}"""
    stored = db.rows(sql, (db.key(key), after))
    found = [(row[0], str(db.unkey(row[1])), row[2:]) for row in stored if row[0] in registry]
    seen: dict[str, Any] = {}
    for name in {name for name, _record, _row in found}:
        if current().may(name, "view"):
            keys = list({record for each, record, _row in found if each == name})
            seen |= rows.load_many(registry.get(name), keys, current(), binned=True)
    return [
        {"entity": name, "record": record, "title": registry.get(name).title_of(seen[record]),
         **_change(registry.get(name), seen[record], row)}
        for name, record, row in found if record in seen
    ]  # fmt: skip


def told(entity: Entity, record: Any, row: tuple[Any, ...]) -> dict[str, Any]:
    """A stored change of a record that the reader sees, in the words of the wire: ``row`` as _change takes it apart."""
    return _change(entity, record, row)


def _change(entity: Entity, record: Any, row: tuple[Any, ...]) -> dict[str, Any]:
    key, at, verb, version, operation, actor, name, source, before, after = row
    return {
        "id": str(key), "at": at, "verb": verb, "version": version, "operation": db.unkey(operation),
        "actor": {"id": db.unkey(actor), "title": name} if actor else None, "source": source,
        "before": _named(entity, before, record), "after": _named(entity, after, record),
    }  # fmt: skip


def _named(entity: Entity, packed: str | None, record: Any) -> dict[str, Any] | None:
    """Stored values in the words of the wire; what is no field of the API stays out."""
    if packed is None:
        return None
    values = orjson.loads(packed)
    found = {
        entity.fields.by_attname[name].name: _shown(entity.fields.by_attname[name], value, values, record)
        for name, value in values.items()
        if name in entity.fields.by_attname
    }
    found.update((name, values[name]) for name in BESIDE if name in values and name not in entity.every)
    if "about_id" in values and "about" in entity.fields:
        about = {"entity": values.get("about_entity") or record.about_entity, "id": values["about_id"]}
        found["about"] = about if about["id"] else None
    return found


def _shown(known: Field, value: Any, values: dict[str, Any], record: Any) -> Any:
    if known.mark is not None:
        return value
    if known.kind.name == "tags":
        return tagging.names(value)
    if known.kind.name == "multi_choice":
        return known.kind.wire(value, Place())
    if value is None:
        return None
    if known.kind.name == "relation":
        return parse_key(value)
    if known.kind.name == "moment":
        return wire(dt.datetime.fromisoformat(value))
    if known.kind.name == "money":
        currency = values.get(known.money_currency) or getattr(record, known.money_currency)
        return money.from_minor(value, currency or organisation().base_currency)
    return value
