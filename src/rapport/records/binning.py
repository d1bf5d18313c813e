"""Many records into the bin: what ``write.put_in_bin`` leaves for one, left for a slice in a few statements.

The slice publishes one event; all else agrees with single writes. A record whose binning would do more than set its
date goes the single way.
"""

from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.identity import snapshot
from rapport.records import history, latest, parts, rows, scope, totals, write
from rapport.records.entity import Entity
from rapport.records.errors import Problem, Unseen
from rapport.records.operation import Operation
from rapport.records.transfer.writing import bulk, instances


@dataclass(slots=True)
class Binned:
    """What came of it: ids binned, and those that failed with the reason."""

    binned: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def put_in_bin(entity: Entity, keys: list[str], done: Operation, *, right: str = "delete") -> Binned:
    """Bin records of the actor's scope inside the open operation. ``right`` as in ``write.put_in_bin``."""
    found = Binned()
    held = rows.load_many(entity, keys, done.actor, lock=True)
    plain: list[tuple[Any, dict[str, Any]]] = []
    for key in keys:
        try:
            before = _ready(entity, key, held.get(key), done, right)
            if before is not None:
                plain.append((held[key], before))
            else:
                with db.savepoint():
                    write.put_in_bin(entity, key, right=right)
            found.binned.append(key)
        except Problem as problem:
            found.failed.append((key, problem.detail))
    if plain:
        _store(entity, plain, done)
    return found


def _ready(entity: Entity, key: str, record: Any, done: Operation, right: str) -> dict[str, Any] | None:
    """The values before, the record being dated; None when it must go the single way. Raises what that would."""
    if record is None:
        raise Unseen(f"There is no {str(entity.label).lower()} {key}.")
    scope.level(entity, done.actor, right)
    if not scope.holds(entity, done.actor, right, record.owner_id, record.team_id, key, given=False):
        scope.refuse(entity, right)
    before = rows.values_of(record)
    record.binned_at = done.at
    write.settle(entity, record, before)
    moved = rows.differing(before, rows.values_of(record)) != ["binned_at"]
    beside = (record.children, record.corrections, record.stories, record.consequences)
    if moved or "binned_at" in entity.jobs_on_change or any(more(before) for more in beside):
        return None
    return before


def _store(entity: Entity, plain: list[tuple[Any, dict[str, Any]]], done: Operation) -> None:
    records = [record for record, _before in plain]
    keys = [db.key(record.id) for record in records]
    among = ", ".join(["%s"] * len(keys))
    at, actor = done.at_param, db.key(done.actor.id)
    sets = "binned_at = %s, updated_at = %s, updated_by = %s, version = version + 1"
    db.execute(f'UPDATE "{entity.table}" SET {sets} WHERE id IN ({among})', [at, at, actor, *keys])
    _changes(entity, records, done)
    parts.leave(entity, [record.id for record in records], at)
    latest.went(entity, records, bulk.grandparents(entity, records) if entity.keeps_latest else _nothing)
    tally = totals.Tally(entity)
    for _record, before in plain:
        tally.add(before, -1)
    tally.write()
    if entity.search:
        db.execute(f"DELETE FROM search_entry WHERE record IN ({among})", keys)
    stream.emit(
        f"{entity.key}.binned", entity.key, None, None, at=at, actor=done.actor.id, operation=done.id,
        count=len(records),
    )  # fmt: skip
    if entity.configuration:
        snapshot.touch()


def _nothing(_table: str, _column: str, _key: str) -> None:
    return None


def _changes(entity: Entity, records: list[Any], done: Operation) -> None:
    before, after = history.pack({"binned_at": None}), history.pack({"binned_at": done.at})
    operation, at, actor = db.key(done.id), done.at_param, db.key(done.actor.id)
    found = [
        (operation, entity.key, db.key(each.id), "binned", each.version + 1, at, actor, done.source, before, after)
        for each in records
    ]
    instances.put("change", history.COLUMNS, found)
