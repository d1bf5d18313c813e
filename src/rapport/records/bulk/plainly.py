"""Giving many records a value from which nothing follows: the rows, their changes and one event, each in one statement.

Which fields these are an entity says (``plain``), and a test compares it with single writes for each of them.
"""

from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import history, inserts, intake, kinds, scope
from rapport.records.bulk import saving
from rapport.records.entity import Entity
from rapport.records.field import Field
from rapport.records.operation import Operation

SIMPLE = kinds.TextKind | kinds.ChoiceKind | kinds.NumberKind | kinds.DayKind


def field_of(entity: Entity, found: intake.Intake) -> Field | None:
    """The one plain field that parsed values set; None when they set another, or several."""
    if len(found.values) != 1 or found.amounts or found.verbs or found.own_tags is not None:
        return None
    known = entity.every.by_attname.get(next(iter(found.values)))
    if known is None or known.name not in entity.plain or not isinstance(known.kind, SIMPLE):
        return None
    read = (each for _known, _formula, reads in entity.every.reckoned for each in reads.values())
    return None if known in read else known


def give(entity: Entity, known: Field, value: Any, keys: list[str], done: Operation) -> tuple[list[str], list[str]]:
    """Set a field of those of ``keys`` that the actor may change: (ids that changed, ids that held it already)."""
    held = _held(entity, known, keys, done.actor)
    differs = [row for row in held if row[2] != value]
    if differs:
        _update(entity, known, value, [row[0] for row in differs], done)
        operation, at, actor = db.key(done.id), done.at_param, db.key(done.actor.id)
        after = history.pack({known.attname: value})
        lines = [
            (operation, entity.key, key, "changed", version + 1, at, actor, done.source,
             history.pack({known.attname: was}), after)
            for key, version, was in differs
        ]  # fmt: skip
        inserts.put("change", history.COLUMNS, lines)
        told = [(str(db.unkey(key)), version + 1) for key, version, _was in differs]
        saving.tell(entity, told, "changed", [known.name], done)
    changed = {row[0] for row in differs}
    same = [str(db.unkey(row[0])) for row in held if row[0] not in changed]
    return [str(db.unkey(key)) for key in changed], same


def _held(entity: Entity, known: Field, keys: list[str], actor: Actor) -> list[tuple[Any, int, Any]]:
    """(Id, version, value) of those that the actor may change, locked."""
    where, places = scope.condition(entity, actor, "change")
    marks = ", ".join(["%s"] * len(keys))
    lock = "" if db.is_sqlite() else " FOR UPDATE OF t"
    live = " AND t.binned_at IS NULL" if entity.is_record else ""
    sql = f"""SELECT t.id, t.version, t."{known.column}" FROM "{entity.table}" t
              WHERE t.id IN ({marks}) AND {where}{live} ORDER BY t.id{lock}"""
    found = db.rows(sql, [*map(db.key, keys), *places])
    python = entity.model._meta.get_field(known.attname).to_python  # type: ignore[union-attr]
    if isinstance(known.kind, kinds.DayKind):
        return [(key, version, python(value)) for key, version, value in found]
    return [(key, version, value) for key, version, value in found]


def _update(entity: Entity, known: Field, value: Any, keys: list[Any], done: Operation) -> None:
    record = entity.model()
    setattr(record, known.attname, value)
    record.updated_at, record.updated_by = done.at, done.actor.id  # type: ignore[attr-defined]
    columns, values_of = saving.setting(entity.model, (known.attname,))
    sets = ", ".join(f'"{column}" = %s' for column in columns)
    marks = ", ".join(["%s"] * len(keys))
    sql = f'UPDATE "{entity.table}" SET {sets}, version = version + 1 WHERE id IN ({marks})'
    db.execute(sql, [*values_of(record), *keys])
