"""Undo is one action: take an operation back, field by field, only where nobody has changed it since."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson
from django.db import models

from rapport.platform import db
from rapport.platform.clock import now
from rapport.records import binning, custom, notices, rows, sharing, sourcing, write
from rapport.records.duplicates import parting
from rapport.records.entity import Entity, registry
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.records.models import Record
from rapport.records.operation import Operation, operation

# Creations go by many at a time, changes one by one: each slice holds the lock for about as long.
SLICE, CHANGES = 1000, 100


@dataclass(slots=True)
class Reverted:
    """What came of it: ids taken back, left alone because changed since, and failed with the reason."""

    reverted: list[str] = field(default_factory=list)
    kept_changed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    operation: str = ""

    def add(self, part: "Reverted") -> None:
        """Count a slice in."""
        self.reverted += part.reverted
        self.kept_changed += part.kept_changed
        self.failed += part.failed
        self.operation = part.operation


Keep = Callable[[Reverted, int], None]


def revert(operation_id: str) -> Reverted:
    """Take back every write of ``operation_id`` that the actor may change; slice by slice, newest first.

    A creation is binned unless somebody changed the record since; a change is undone per field where the value
    still equals what the operation wrote. Raises NotFound when there is nothing to take back.
    """
    found = Reverted()
    for part in slices(operation_id):
        found.add(part)
    return found


def slices(
    operation_id: str, *, undo: str | None = None, last: int | None = None, keep: Keep = lambda part, last: None
) -> Iterator[Reverted]:
    """The same, giving what came of each slice once it is stored: one deed ``undo``, however many slices.

    ``keep`` (part, place) is called in the slice's transaction: with ``undo`` and ``last``, the undo goes on there.
    """
    steps = _slice(operation_id, last)
    if not steps and last is None:
        raise NotFound("There is nothing to take back.")
    while steps:
        with operation(undo) as done:
            undo = done.id
            if last is None:
                notices.forget(operation_id)
            part = Reverted(operation=done.id)
            done.reverting = True
            for (key, created, many), group in groupby(steps, key=_sort_of):
                if many:
                    _point_back(part, done, registry.get(key), list(group))
                elif key in registry:
                    _take_back(part, done, operation_id, registry.get(key), created, list(group))
                else:
                    gone = f"There is no “{key}” any more; take it out of the bin first."
                    part.failed += [(str(db.unkey(step[2])), gone) for step in group]
            done.reverting = False
            _amend(part)
            last = steps[-1][0]
            keep(part, last)
        yield part
        steps = _slice(operation_id, last)
    parting.put_back(operation_id)


def _sort_of(step: tuple[Any, ...]) -> tuple[str, bool, bool]:
    """Steps of one sort are taken back together."""
    return step[1], step[3] == "created", parting.is_slice(step)


def _point_back(found: Reverted, done: Operation, entity: Entity, steps: list[tuple[Any, ...]]) -> None:
    reverted, kept = parting.taken_back(done, entity, steps)
    found.reverted += reverted
    found.kept_changed += kept


def _amend(found: Reverted) -> None:
    """What was done since may stand in the way of a part: what changed is brought into step again."""
    for key, record in dict.fromkeys(found.changed):
        entity = registry.get(key)
        if entity.is_record and entity.model.amends is not Record.amends:  # type: ignore[attr-defined]
            for held in rows.raw(entity, "id = %s", [db.key(record)], 1):
                write.carry_out(held.amends())


def _slice(operation_id: str, last: int | None) -> list[tuple[Any, ...]]:
    sql = "SELECT id, entity, record, verb, before, after FROM change WHERE operation = %s"
    params: list[Any] = [db.key(operation_id)]
    if last is not None:
        sql += " AND id < %s"
        params.append(last)
    steps = db.rows(f"{sql} ORDER BY id DESC LIMIT {SLICE}", params)
    return steps if all(step[3] == "created" or parting.is_slice(step) for step in steps) else steps[:CHANGES]


def _take_back(
    found: Reverted, done: Operation, operation_id: str, entity: Entity, created: bool, steps: list[tuple[Any, ...]]
) -> None:
    """Steps of one entity that follow each other, all creations or all changes."""
    if created and entity.is_record:
        _uncreate_many(found, done, operation_id, entity, [str(db.unkey(step[2])) for step in steps])
        return
    for _id, _entity, raw, verb, before, after in steps:
        record = str(db.unkey(raw))
        try:
            with db.savepoint():
                outcome = _one(entity, record, operation_id, verb, before, after, done)
        except Problem as problem:
            found.failed.append((record, problem.detail))
            continue
        (found.reverted if outcome else found.kept_changed).append(record)
        if verb != "created":
            found.changed.append((entity.key, record))


def _uncreate_many(found: Reverted, done: Operation, operation_id: str, entity: Entity, keys: list[str]) -> None:
    """Bin what the operation made, by the slice; records that others changed since stay."""
    touched = _changed_by_others(keys, operation_id, done)
    found.kept_changed += [key for key in keys if key in touched]
    outcome = binning.put_in_bin(entity, [key for key in keys if key not in touched], done, right="change")
    found.reverted += outcome.binned
    found.failed += outcome.failed


def _changed_by_others(keys: list[str], operation_id: str, done: Operation) -> set[str]:
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT DISTINCT record FROM change WHERE record IN ({marks}) AND operation NOT IN (%s, %s)"
    places = [*(db.key(key) for key in keys), db.key(operation_id), db.key(done.id)]
    return {str(db.unkey(row[0])) for row in db.rows(sql, places)}


def _one(
    entity: Entity,
    key: str,
    operation_id: str,
    verb: str,
    before: str | None,
    after: str | None,
    done: Operation,
) -> bool:
    if verb == "created":
        return _uncreate(entity, key, operation_id, done)
    old, new = orjson.loads(before or "{}"), orjson.loads(after or "{}")
    if "shares" in old:
        return sharing.take_back(entity, key, old["shares"], new["shares"], done)
    record = rows.load(entity, key, done.actor, "change", lock=True, binned=True)
    held = rows.values_of(record)
    kept = False
    for name, value in old.items():
        if name.startswith(custom.PREFIX):
            if held.get(name) == new.get(name):
                custom.assign(record, {name: value})
            else:
                kept = True
            continue
        column: Any = entity.model._meta.get_field(name)
        if _plain(held[name]) == _plain(_python(column, new.get(name))):
            setattr(record, name, _python(column, value))
        else:
            kept = True
    if entity.part_of and held["binned_at"] and not record.binned_at:
        _stay_away(entity, record)
    if not kept:
        _forget(entity, key, operation_id)
    changed = write.save(entity, record, held, "reverted", done, reverting=True)
    return changed and not kept


def _stay_away(part: Entity, record: Any) -> None:
    """A part that comes back to a whole in the bin lies there with it, and comes out with it."""
    key = getattr(record, part.field(part.part_of).attname)
    for whole in rows.raw(part.whole, "id = %s", [db.key(key)], 1):
        record.binned_at = whole.binned_at


def _forget(entity: Entity, key: str, operation_id: str) -> None:
    """What the operation noted beside the record never happened."""
    sourcing.forget(key, operation_id)
    for side in entity.side_tables:
        link = f"{entity.key}_id"
        side._default_manager.filter(**{link: key, "operation": operation_id}).delete()
    db.execute(
        "DELETE FROM timeline_entry WHERE source = %s AND operation = %s AND verb <> 'logged'",
        (db.key(key), db.key(operation_id)),
    )


def _uncreate(entity: Entity, key: str, operation_id: str, done: Operation) -> bool:
    """Users and teams; one that others changed since stays."""
    return not _changed_by_others([key], operation_id, done) and _switch_off(entity, key)


def _switch_off(entity: Entity, key: str) -> bool:
    """Users and teams are never deleted: a user is switched off, a team stays."""
    if "is_active" not in entity.fields:
        return False
    write.change(entity, key, {"is_active": False})
    return True


def _python(column: Any, value: Any) -> Any:
    """A stored JSON value as the column has it in Python."""
    if value is None:
        return None
    if isinstance(column, models.ForeignKey):
        column = column.target_field
    found = column.to_python(value)
    if isinstance(found, dt.datetime) and found.tzinfo is None:
        return found.replace(tzinfo=dt.UTC)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return value


def may_revert(operation_id: str, actor_id: str | None, is_admin: bool) -> None:
    """One's own deeds within a day, an administrator anything; raises Forbidden or NotFound."""
    row = db.one("SELECT actor, at FROM change WHERE operation = %s LIMIT 1", (db.key(operation_id),))
    if row is None:
        raise NotFound("There is nothing to take back.")
    if is_admin:
        return
    at = row[1] if isinstance(row[1], dt.datetime) else dt.datetime.fromisoformat(str(row[1]))
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    if db.unkey(row[0]) != actor_id or now() - at > dt.timedelta(days=1):
        raise Forbidden("Only your own changes of the last day can be undone here.")
