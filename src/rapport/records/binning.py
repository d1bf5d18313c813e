"""Many records into the bin: what ``write.put_in_bin`` leaves for one, left for a slice in a few statements."""

from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.records import rows, scope, write
from rapport.records.bulk import saving
from rapport.records.entity import Entity
from rapport.records.errors import Problem, Unseen
from rapport.records.operation import Operation


@dataclass(slots=True)
class Binned:
    """What came of it: ids binned, and those that failed with the reason."""

    binned: list[str] = field(default_factory=list)
    failed: list[tuple[str, Problem]] = field(default_factory=list)


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
            found.failed.append((key, problem))
    saving.save(entity, plain, "binned", done)
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
    return None if saving.moves_others(entity, record, before) else before
