"""Deleted for ever: the record and all that was kept beside it; that it was there, and who removed it, stays.

What others refer to cannot go: first they, then it. The values in its earlier changes stay as well: they are proof.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot
from rapport.records import custom, history, rows, scope, write
from rapport.records.entity import Entity, registry
from rapport.records.errors import Conflict, Forbidden
from rapport.records.operation import Operation, operation

RIGHT = "erase"
# What the engine keeps beside a record, by table and the column with its key.
BESIDE = (
    ("search_entry", "record"), ("record_tag", "record"), ("record_share", "record"), ("datum_source", "record"),
    ("notification", "record"), ("timeline_entry", "subject"), ("timeline_entry", "source"),
    ("webhook_delivery", "record"), ("duplicate_pair", "first"), ("duplicate_pair", "second"),
)  # fmt: skip


def erase(entity: Entity, key: str, *, version: int | None = None) -> None:
    """Remove a record, from the bin or not, with what is part of it. Raises Conflict while others refer to it."""
    if not entity.is_record:
        raise Forbidden(f"{entity.plural} are switched off, not deleted.")
    if entity.kept:
        raise Forbidden(f"{entity.plural} stay in the bin: records hold what they stand for.")
    actor = current()
    scope.level(entity, actor, RIGHT)
    record = rows.load(entity, key, actor, RIGHT, binned=True)
    rows.expect(record, version)
    _guard(entity, [key])  # looks at other tables, so before anybody has to wait
    try:
        with operation() as done:
            record = rows.load(entity, key, actor, RIGHT, lock=True, binned=True)
            rows.expect(record, version)
            if record.binned_at is None:
                record = write.put_in_bin(entity, key, right=RIGHT)
            _remove(done, entity, [record])
    except db.IntegrityError as error:
        raise _referred(entity, _("something that came meanwhile")) from error


def _guard(entity: Entity, keys: list[str]) -> None:
    """Nothing outside refers to these records; raises Conflict naming what does."""
    marks, places = ", ".join(["%s"] * len(keys)), [db.key(key) for key in keys]
    parts = {part.table: part for part in entity.parts}
    for table, column, goes_along in _referring(entity):
        part = parts.get(table)
        if part and column == part.field(part.part_of).column:
            inner = db.rows(f'SELECT id FROM "{table}" WHERE "{column}" IN ({marks})', places)
            if inner:
                _guard(part, [str(db.unkey(row[0])) for row in inner])
        elif not goes_along and db.one(f'SELECT 1 FROM "{table}" WHERE "{column}" IN ({marks}) LIMIT 1', places):
            raise _referred(entity, _named(table))
    for other in registry:
        for known in other.every.own if other.takes_fields else ():
            if known.relation == entity.key and db.one(*custom.pointing(known, keys)):
                raise _referred(entity, str(other.label_plural).lower())
        if not hasattr(other.model, "about_entity"):
            continue
        sql = f'SELECT 1 FROM "{other.table}" WHERE about_id IN ({marks}) AND about_id IS NOT NULL LIMIT 1'
        if db.one(sql, places):
            raise _referred(entity, str(other.label_plural).lower())


def _referring(entity: Entity) -> list[tuple[str, str, bool]]:
    """(Table, column, whether its rows go along) of what refers to records of the entity."""
    sides = {side._meta.db_table for side in entity.side_tables}
    found = []
    for back in entity.model._meta.get_fields(include_hidden=True):
        if isinstance(back, models.ManyToOneRel):
            table: str = back.related_model._meta.db_table
            found.append((table, str(back.field.column), table in sides or back.on_delete is models.CASCADE))
    return found


def _named(table: str) -> str:
    return next((str(each.label_plural).lower() for each in registry if each.table == table), table)


def _referred(entity: Entity, who: str) -> Conflict:
    words = {"entity": str(entity.label).lower(), "who": who}
    return Conflict(
        _("Other records refer to this %(entity)s: %(who)s (perhaps in the bin). Delete them first.") % words
    )


def _remove(done: Operation, entity: Entity, records: list[Any]) -> None:
    """Rows of the records and of all beside them; one change and one event each stay."""
    keys = [record.id for record in records]
    marks, places = ", ".join(["%s"] * len(keys)), [db.key(key) for key in keys]
    for part in entity.parts:
        by = part.field(part.part_of).column
        if inner := rows.raw(part, f'"{by}" IN ({marks})', places, 100_000):
            _remove(done, part, inner)
    for table, column, goes_along in _referring(entity):
        if goes_along:
            db.execute(f'DELETE FROM "{table}" WHERE "{column}" IN ({marks})', places)
    for table, column in BESIDE:
        db.execute(f'DELETE FROM "{table}" WHERE "{column}" IN ({marks})', places)
    if entity.takes_fields:
        custom.forget(keys)
    db.execute(f'DELETE FROM "{entity.table}" WHERE id IN ({marks})', places)
    history.write([history.row(done, entity.key, r.id, "erased", r.version + 1, {}, {}) for r in records])
    for record in records:
        stream.emit(
            f"{entity.key}.erased", entity.key, record.id, record.version + 1, at=done.at_param, actor=done.actor.id,
            operation=done.id,
        )  # fmt: skip
    if entity.configuration:
        snapshot.touch()
