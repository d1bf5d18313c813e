"""The parts that rows of a file bring along: made with new records, added to known ones."""

import functools
from typing import Any

from rapport.platform import db
from rapport.records import intake, kinds, write
from rapport.records.entity import Entity
from rapport.records.operation import Operation
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.writing import instances

_blanks = functools.cache(instances.Blanks)


def build(draft: Draft, done: Operation) -> list[Any]:
    """The parts of a new record, settled; raises what the model refuses."""
    found = []
    for part, values in draft.parts:
        record = _blanks(part.model).make({**values, part.field(part.part_of).attname: draft.record.id})
        record.created_at = record.updated_at = done.at
        record.created_by = record.updated_by = done.actor.id
        intake.settle_amounts(part, record, {}, None)
        write.settle(part, record, None)
        found.append(record)
    return found


def insert(records: list[Any], done: Operation) -> None:
    """Store parts of records that are stored already; one that becomes primary is carried up."""
    by_model: dict[Any, list[Any]] = {}
    for record in records:
        by_model.setdefault(type(record), []).append(record)
    for model, found in by_model.items():
        model.arrive(found)
        instances.insert(found)
    for record in records:
        if getattr(record, "is_primary", False):
            write.carry_out(record.consequences(None), of=record.id)


def add(draft: Draft, key: str, place: kinds.Place) -> bool:
    """Give a known record the parts that it has not; False when it has them all."""
    changed = False
    for part, values in draft.parts:
        record = part.model(**values)
        write.settle(part, record, None)
        given = {name: getattr(record, name) for name in values}
        if _there(part, key, given):
            continue
        wanted = {part.every.by_attname[name].name: value for name, value in values.items()}
        held = None if part.lends else _there(part, key, {"kind": values["kind"]})
        if held:
            write.change(part, held, wanted, place=place)
        else:
            write.create(part, {**wanted, part.part_of: key}, place=place)
        changed = True
    return changed


def _there(part: Entity, key: str, values: dict[str, Any]) -> str | None:
    """The part of a record that says just this (its label does not matter)."""
    asked = {part.every.by_attname[name].column: value for name, value in values.items() if name != "label"}
    where = " AND ".join(f'"{column}" = %s' for column in asked)
    by = part.field(part.part_of).column
    sql = f'SELECT id FROM "{part.table}" WHERE {by} = %s AND binned_at IS NULL AND {where} ORDER BY id LIMIT 1'
    row = db.one(sql, [db.key(key), *asked.values()])
    return str(db.unkey(row[0])) if row else None
