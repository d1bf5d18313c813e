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
from rapport.records import (
    appointing,
    binning,
    custom,
    field_limits,
    granting,
    notices,
    rows,
    scope,
    sharing,
    sourcing,
    write,
)
from rapport.records.bulk import saving
from rapport.records.duplicates import parting
from rapport.records.entity import Entity, registry
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.records.models import Record
from rapport.records.operation import Operation, operation, part
from rapport.records.queues import keeping, returning
from rapport.records.territories import placing, staffing

# What changes of these tell besides fields, and who takes it back.
BESIDE: dict[str, dict[str, Any]] = {
    "role": {"grants": granting.take_back, "fields": field_limits.take_back}, "user": {"roles": appointing.take_back},
    "team": {"members": keeping.take_back},
    "territory": {"people": staffing.take_back},
}  # fmt: skip
# So many steps of one kind are taken back in one transaction.
SLICE, CHANGES = 1000, 500


@dataclass(slots=True)
class Reverted:
    """What came of it: ids taken back, left alone because changed since, and failed with the reason.

    ``changed``: records from which others follow, to be brought into step.
    """

    reverted: list[str] = field(default_factory=list)
    kept_changed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    operation: str = ""

    def add(self, taken: "Reverted") -> None:
        """Count a slice in."""
        self.reverted += taken.reverted
        self.kept_changed += taken.kept_changed
        self.failed += taken.failed
        self.operation = taken.operation or self.operation


Keep = Callable[[Reverted, int], None]
Step = tuple[Any, ...]  # id, entity, record, verb, before, after of a change


def revert(operation_id: str) -> Reverted:
    """Take back every write of ``operation_id`` that the actor may change; slice by slice, newest first.

    A creation is binned unless somebody changed the record since; a change is undone per field where the value
    still equals what the operation wrote. Raises NotFound when there is nothing to take back.
    """
    found = Reverted()
    for taken in slices(operation_id):
        found.add(taken)
    return found


def slices(
    operation_id: str, *, undo: str | None = None, last: int | None = None, keep: Keep = lambda taken, last: None
) -> Iterator[Reverted]:
    """The same, giving what came of each slice once it is stored: one deed ``undo``, however many slices.

    ``keep`` (outcome, place) is called in the slice's transaction: with ``undo`` and ``last``, the undo goes on there.
    """
    steps = _slice(operation_id, last)
    if not steps and last is None:
        raise NotFound("There is nothing to take back.")
    while steps:
        with operation(undo) as done:
            undo = done.id
            if last is None:
                notices.forget(operation_id)
            taken = Reverted(operation=done.id)
            done.reverting = True
            for (key, created, many), group in groupby(steps, key=_sort_of):
                if many:
                    _point_back(taken, done, registry.get(key), list(group))
                elif key in registry:
                    _take_back(taken, done, operation_id, registry.get(key), created, list(group))
                else:
                    gone = f"There is no “{key}” any more; take it out of the bin first."
                    taken.failed += [(str(db.unkey(step[2])), gone) for step in group]
            done.reverting = False
            _amend(taken)
            last = steps[-1][0]
            keep(taken, last)
        yield taken
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
    found: Reverted, done: Operation, operation_id: str, entity: Entity, created: bool, steps: list[Step]
) -> None:
    """Steps of one entity that follow each other, all creations or all changes."""
    if created and entity.is_record:
        _uncreate_many(found, done, operation_id, entity, [str(db.unkey(step[2])) for step in steps])
        return
    together = [step for step in steps if entity.is_record and not _is_share(step)]
    try:
        with part(done):
            outcome = _change_back(entity, together, done, operation_id)
    except (db.IntegrityError, Problem):  # one of them stands in the way: each for itself finds it
        together, outcome = [], Reverted()
    found.add(outcome)
    found.changed += outcome.changed
    for step in steps if len(together) < len(steps) else ():
        if step not in together:
            _take_one_back(found, done, operation_id, entity, step)


def _is_share(step: Step) -> bool:
    return step[5] is not None and "shares" in orjson.loads(step[4] or "{}")


def _change_back(entity: Entity, steps: list[Step], done: Operation, operation_id: str) -> Reverted:
    """Changes of many records taken back in a few statements, newest first."""
    outcome = Reverted(operation=done.id)
    held = rows.load_many(entity, _keys_of(steps), done.actor, lock=True, binned=True)
    unseen = [step for step in steps if str(db.unkey(step[2])) not in held]
    given, reasons = returning.held(entity, operation_id, unseen, done.actor)
    allowed = scope.changeable(entity, done.actor, ((each.id, each.owner_id, each.team_id) for each in held.values()))
    held, allowed = held | given, allowed | set(given)
    before = {key: rows.values_of(record) for key, record in held.items()}
    told: list[tuple[str, bool]] = []
    for _id, _entity, raw, _verb, old, new in steps:
        key = str(db.unkey(raw))
        if key not in allowed:
            outcome.failed.append((key, reasons.get(key) or _why_not(entity, key, held)))
            continue
        kept = _fields_back(entity, held[key], orjson.loads(old or "{}"), orjson.loads(new or "{}"))
        if entity.part_of and before[key]["binned_at"] and not held[key].binned_at:
            _stay_away(entity, held[key])
        told.append((key, kept))
    kept_whole = [key for key, kept in told if not kept]
    if kept_whole:
        _forget(entity, kept_whole, operation_id)
    edited = [(held[key], before[key]) for key in dict.fromkeys(key for key, _kept in told)]
    outcome.changed = [(entity.key, each.id) for each, was in edited if saving.moves_others(entity, each, was)]
    changed = saving.save(entity, edited, "reverted", done, reverting=True)
    for key, kept in told:
        (outcome.reverted if key in changed and not kept else outcome.kept_changed).append(key)
    return outcome


def _keys_of(steps: list[Step]) -> list[str]:
    return list(dict.fromkeys(str(db.unkey(step[2])) for step in steps))


def _why_not(entity: Entity, key: str, held: dict[str, Any]) -> str:
    label = str(entity.label).lower()
    return f"You may not change this {label}." if key in held else f"There is no {label} {key}."


def _take_one_back(found: Reverted, done: Operation, operation_id: str, entity: Entity, step: Step) -> None:
    record = str(db.unkey(step[2]))
    try:
        with db.savepoint():
            outcome = _one(entity, record, operation_id, step, done)
    except Problem as problem:
        found.failed.append((record, problem.detail))
        return
    (found.reverted if outcome else found.kept_changed).append(record)
    if step[3] != "created":
        found.changed.append((entity.key, record))


def _uncreate_many(found: Reverted, done: Operation, operation_id: str, entity: Entity, keys: list[str]) -> None:
    """Bin what the operation made, by the slice; records that others changed since stay."""
    touched = _changed_by_others(keys, operation_id, done)
    found.kept_changed += [key for key in keys if key in touched]
    outcome = binning.put_in_bin(entity, [key for key in keys if key not in touched], done, right="change")
    found.reverted += outcome.binned
    found.failed += [(key, problem.detail) for key, problem in outcome.failed]
    if entity.part_of and outcome.binned:
        found.changed += [(entity.whole.key, key) for key in _wholes_left(entity, outcome.binned, operation_id)]


def _wholes_left(part: Entity, keys: list[str], operation_id: str) -> list[str]:
    """The wholes of these parts, but for those that the operation made and that go with it."""
    column = part.field(part.part_of).attname
    wholes = set(part.model._default_manager.filter(id__in=keys).values_list(column, flat=True))
    marks = ", ".join(["%s"] * len(wholes))
    sql = f"SELECT record FROM change WHERE record IN ({marks}) AND operation = %s AND verb = 'created'"
    made = {db.unkey(row[0]) for row in db.rows(sql, [*(db.key(str(key)) for key in wholes), db.key(operation_id)])}
    return sorted({str(key) for key in wholes} - {str(key) for key in made})


def _changed_by_others(keys: list[str], operation_id: str, done: Operation) -> set[str]:
    marks = ", ".join(["%s"] * len(keys))
    # In which territory it lies follows from what it is: nobody has changed it.
    sql = f"""SELECT DISTINCT record FROM change WHERE record IN ({marks}) AND operation NOT IN (%s, %s)
              AND source <> %s"""
    places = [*(db.key(key) for key in keys), db.key(operation_id), db.key(done.id), placing.SOURCE]
    return {str(db.unkey(row[0])) for row in db.rows(sql, places)}


def _one(entity: Entity, key: str, operation_id: str, step: Step, done: Operation) -> bool:
    if step[3] == "created":
        return _uncreate(entity, key, operation_id, done)
    old, new = orjson.loads(step[4] or "{}"), orjson.loads(step[5] or "{}")
    if "shares" in old:
        return sharing.take_back(entity, key, old["shares"], new["shares"], done)
    for what, take_back in BESIDE.get(entity.key, {}).items():
        if what in old:
            return take_back(key, old[what], new.get(what) or type(old[what])())
    record = rows.load(entity, key, done.actor, "change", lock=True, binned=True)
    held = rows.values_of(record)
    kept = _fields_back(entity, record, old, new)
    if entity.part_of and held["binned_at"] and not record.binned_at:
        _stay_away(entity, record)
    if not kept:
        _forget(entity, [key], operation_id)
    changed = write.save(entity, record, held, "reverted", done, reverting=True)
    return changed and not kept


def _fields_back(entity: Entity, record: Any, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Give a held record the values that it had, where it still has those that it got; True when some were kept."""
    kept = False
    for name, value in old.items():
        if name.startswith(custom.PREFIX):
            known = entity.every.get(name)
            if known is not None and (known.formula or known.rollup):
                continue  # worked out anew from what it reads
            if record.custom.get(name.removeprefix(custom.PREFIX)) == new.get(name):
                custom.assign(record, {name: value})
            else:
                kept = True
            continue
        column: Any = entity.model._meta.get_field(name)
        if _plain(getattr(record, name)) == _plain(_python(column, new.get(name))):
            setattr(record, name, _python(column, value))
        else:
            kept = True
    return kept


def _stay_away(part: Entity, record: Any) -> None:
    """A part that comes back to a whole in the bin lies there with it, and comes out with it."""
    key = getattr(record, part.field(part.part_of).attname)
    for whole in rows.raw(part.whole, "id = %s", [db.key(key)], 1):
        record.binned_at = whole.binned_at


def _forget(entity: Entity, keys: list[str], operation_id: str) -> None:
    """What the operation noted beside these records never happened."""
    sourcing.forget(keys, operation_id)
    for side in entity.side_tables:
        side._default_manager.filter(**{f"{entity.key}_id__in": keys, "operation": operation_id}).delete()
    marks = ", ".join(["%s"] * len(keys))
    db.execute(
        f"DELETE FROM timeline_entry WHERE source IN ({marks}) AND operation = %s AND verb <> 'logged'",
        (*map(db.key, keys), db.key(operation_id)),
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
    at = row[1] if isinstance(row[1], dt.datetime) else dt.datetime.fromisoformat(str(row[1]))
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    if not is_allowed(db.unkey(row[0]), at, actor_id, is_admin):
        raise Forbidden("Only your own changes of the last day can be undone here.")


def is_allowed(by: str | None, at: dt.datetime, actor_id: str | None, is_admin: bool) -> bool:
    """Whether a deed that ``by`` began at this moment may be taken back by the actor."""
    return is_admin or (by == actor_id and now() - at <= dt.timedelta(days=1))
