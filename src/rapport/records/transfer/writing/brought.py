"""The parts that rows of a file bring along: made with new records, added to known ones."""

import functools
from typing import Any

from rapport.platform import db
from rapport.records import inserts, intake, kinds, write
from rapport.records.entity import Entity
from rapport.records.operation import Operation
from rapport.records.transfer.mapping.parts import SAID, Part
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.writing import instances

_blanks = functools.cache(instances.Blanks)


def build(draft: Draft, done: Operation) -> list[Any]:
    """The parts of a new record, settled; raises what the model refuses."""
    found = []
    for part in draft.parts:
        entity = part.entity
        record = _blanks(entity.model).make({**part.values, entity.field(entity.part_of).attname: draft.record.id})
        record.created_at = record.updated_at = done.at
        record.created_by = record.updated_by = done.actor.id
        if part.own:
            record.__dict__["told_of"] = getattr(record, entity.field(entity.part_of).attname)
        intake.settle_amounts(entity, record, {}, None)
        write.settle(entity, record, None)
        found.append(record)
    return found


def unsaid(entity: Entity, children: list[Any], came: list[Any]) -> list[Any]:
    """What new records made of their own fields, less what the file tells more of: that takes its place."""
    wholes = {part.model: part.field(part.part_of).attname for part in entity.parts}
    told: dict[tuple[type, str], list[Any]] = {}
    for part in came:
        if "told_of" in part.__dict__:
            told.setdefault((type(part), part.told_of), []).append(part)
    if not told:
        return children
    left = []
    for child in children:
        whole = getattr(child, wholes.get(type(child), ""), "")
        said = next((part for part in told.get((type(child), whole), ()) if part.repeats(child)), None)
        if said is None:
            left.append(child)
        else:
            said.is_primary = True
    return left


def insert(records: list[Any], done: Operation) -> None:
    """Store parts of records that are stored already; one that becomes primary is carried up."""
    by_model: dict[Any, list[Any]] = {}
    for record in records:
        by_model.setdefault(type(record), []).append(record)
    for model, found in by_model.items():
        model.arrive(found)
        inserts.many(found)
    for record in records:
        if getattr(record, "is_primary", False):
            write.carry_out(record.consequences(None), of=record.id)


def add(draft: Draft, key: str, place: kinds.Place) -> bool:
    """Give a known record the parts that it has not; False when it has them all."""
    changed = False
    for part in draft.parts:
        entity = part.entity
        record = entity.model(**part.values)
        write.settle(entity, record, None)
        given = {name: getattr(record, name) for name in part.values}
        wanted = {entity.every.by_attname[name].name: value for name, value in part.values.items()}
        if part.own and (held := _own(part, key, given)):
            changed = _amend(entity, held, wanted, place) or changed
            continue
        if _there(entity, key, given):
            continue
        same_kind = None if entity.lends or part.further else _there(entity, key, {"kind": part.values["kind"]})
        if same_kind:
            write.change(entity, same_kind, wanted, place=place)
        else:
            write.create(entity, {**wanted, entity.part_of: key}, place=place)
        changed = True
    return changed


def _own(part: Part, key: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The part that the record's own field is a copy of: (id, what is said of it), if it says just this."""
    entity = part.entity
    said = [name for name in SAID if name in part.values]
    plain = {name: value for name, value in given.items() if name not in SAID}
    mine: Any = entity.model(**part.values)
    write.settle(entity, mine, None)
    for found, *held in _rows(entity, key, plain, said):
        now = dict(zip(said, held, strict=True))
        other: Any = entity.model(**{**part.values, "kind": now["kind"]})
        write.settle(entity, other, None)
        if mine.repeats(other):
            return str(db.unkey(found)), now
    return None


def _amend(entity: Entity, held: tuple[str, dict[str, Any]], wanted: dict[str, Any], place: kinds.Place) -> bool:
    """Note of a part what the file says of it; False when that is known."""
    key, now = held
    differing = {name: wanted[name] for name, value in now.items() if wanted[name] != value}
    if differing:
        write.change(entity, key, differing, place=place)
    return bool(differing)


def _there(part: Entity, key: str, values: dict[str, Any]) -> str | None:
    """The part of a record that says just this, whatever its label."""
    asked = {name: value for name, value in values.items() if name == "kind" or name not in SAID}
    found = next(iter(_rows(part, key, asked, ())), None)
    return str(db.unkey(found[0])) if found else None


def _rows(part: Entity, key: str, values: dict[str, Any], said: Any) -> list[tuple[Any, ...]]:
    """The living parts of a record that hold these values, oldest first: the id and what is asked of each."""
    asked = {part.every.by_attname[name].column: value for name, value in values.items()}
    where = "".join(f' AND "{column}" = %s' for column in asked)
    also = "".join(f', "{part.every.by_attname[name].column}"' for name in said)
    only = " AND is_primary" if said else ""
    by = part.field(part.part_of).column
    sql = f'SELECT id{also} FROM "{part.table}" WHERE {by} = %s AND binned_at IS NULL{where}{only} ORDER BY id'
    return db.rows(f"{sql} LIMIT 100", [db.key(key), *asked.values()])
