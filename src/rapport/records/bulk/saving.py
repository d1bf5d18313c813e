"""Many edited records stored at once: the twin of ``write.save``.

A slice of more than a few publishes one event; all else agrees with single writes. What would move other records is
not for here: :func:`moves_others` says which.
"""

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.text import FoldedField
from rapport.records import (
    custom,
    history,
    inserts,
    latest,
    notices,
    parts,
    reckoning,
    rows,
    searching,
    tagging,
    timeline,
    totals,
    write,
)
from rapport.records.entity import Entity
from rapport.records.models import Record
from rapport.records.operation import Operation
from rapport.records.transfer.writing import bulk

# Of so many each is told to open screens by itself; of more only that they changed.
FEW = 50
ALIKE = 4  # rows of the same new values from which one statement writes them all


@dataclass(frozen=True, slots=True)
class Written:
    """A record that has changed: what it held, what it holds, the names of what differs."""

    record: Any
    before: dict[str, Any]
    after: dict[str, Any]
    changed: tuple[str, ...]


def moves_others(entity: Entity, record: Any, before: dict[str, Any]) -> bool:
    """True when writes to other records follow from this one: it goes the single way.

    So does every part, and what comes out of the bin: what these move depends on what is stored by then.
    """
    if not entity.is_record or entity.model.consequences is Record.consequences:  # type: ignore[attr-defined]
        return False
    back = before["binned_at"] and not record.binned_at
    return bool(entity.part_of or back or record.consequences(before))


def save(
    entity: Entity, edited: Sequence[tuple[Any, dict[str, Any]]], verb: str, done: Operation, *,
    reverting: bool = False,
) -> set[str]:  # fmt: skip
    """Store records that were read under lock, edited and settled, inside the open operation; the ids that changed.

    ``edited``: (record, its tracked values before). ``reverting`` as in ``write.save``.
    """
    found = []
    for record, before in edited:
        if reverting:
            reckoning.settle(entity, record)
        after = rows.values_of(record)
        if changed := tuple(rows.differing(before, after)):
            found.append(Written(record, before, after, changed))
    if found:
        for each in found:
            each.record.version += 1
            each.record.updated_at, each.record.updated_by = done.at, done.actor.id
        _update(entity, found)
        _follow(entity, found, verb, done, reverting)
    if entity.has_tags:
        told = [(each.record, each.before["tags"], each.record.tags) for each in found if "tags" in each.changed]
        known = {record.id for record, _was, _now in told}
        own = [record for record, _before in edited if record.own_tags is not None and record.id not in known]
        tagging.keep([*told, *((record, None, None) for record in own)], done.actor)
    return {each.record.id for each in found}


def _follow(entity: Entity, found: list[Written], verb: str, done: Operation, reverting: bool) -> None:
    """What every write leaves behind, in the same transaction."""
    _changes(entity, found, verb, done)
    if entity.is_record:
        _beside(entity, found, done, reverting)
    tally = totals.Tally(entity)
    for each in found:
        tally.add(each.before, -1)
        tally.add(each.after, +1)
    tally.write()
    written = [(each.record.id, each.before, each.after) for each in found]
    searching.follow(entity, written)
    if entity.takes_fields:
        custom.keep(entity, written)
    if entity.is_record and not reverting:
        for each in found:
            notices.gather(done, entity, each.record, each.before)
    _tell_each(entity, found, verb, done)
    for each in found if entity.configuration or entity.jobs_on_change else ():
        write.lead_on(entity, each.record, each.before, each.changed)


def _beside(entity: Entity, found: list[Written], done: Operation, reverting: bool) -> None:
    """Side tables, parts and timelines of business records."""
    if not reverting:
        rows.insert_children([row for each in found for row in each.record.children(each.before)], done.id)
    for each in found:
        rows.correct(each.record.corrections(each.before))
    binned = ((each.record.id, each.before["binned_at"], each.record.binned_at) for each in found)
    parts.follow(entity, binned)
    _timeline(entity, found, done, reverting)
    _carry(entity, found)


def _carry(entity: Entity, found: list[Written]) -> None:
    """The newest moment that parents keep: those of records that went are looked for anew, once per parent."""
    carried = _carried(entity)
    if not carried:
        return
    went = [each.record for each in found if each.record.binned_at and not each.before["binned_at"]]
    if went:
        latest.went(entity, went, bulk.grandparents(entity, went))
    gone = {record.id for record in went}
    for each in found:
        if each.record.id not in gone and not carried.isdisjoint(each.changed):
            latest.keep(entity, each.record, each.before)


@functools.cache
def _carried(entity: Entity) -> frozenset[str]:
    """Attribute names that say what a parent keeps as its newest moment, and which parent."""
    if not entity.keeps_latest:
        return frozenset()
    above = ("about_id" if path == "about" else entity.step(path)[0].attname for path in entity.parents)
    return frozenset(("binned_at", *(keep.of for keep in entity.keeps_latest), *above))


def _timeline(entity: Entity, found: list[Written], done: Operation, reverting: bool) -> None:
    told: list[tuple[Any, list[Any]]] = []
    again: list[tuple[Any, str]] = []
    for each in found:
        stories = [
            story
            for story in timeline.stories(entity, each.record, each.before)
            if not reverting or story.verb in timeline.REPLACED
        ]
        if stories:
            told.append((each.record, stories))
            if any(story.verb in timeline.REPLACED for story in stories):
                again.append((db.key(each.record.id), timeline.REPLACED[0]))
    if not told:
        return
    if again:
        db.execute_many("DELETE FROM timeline_entry WHERE source = %s AND verb = %s", again)
    look = bulk.grandparents(entity, [record for record, _stories in told])
    lines = [
        line
        for record, stories in told
        for line in timeline.rows(done, entity, record, stories, timeline.subjects(entity, record, look))
    ]
    inserts.put("timeline_entry", timeline.COLUMNS, lines)


def _changes(entity: Entity, found: list[Written], verb: str, done: Operation) -> None:
    operation, at, actor = db.key(done.id), done.at_param, db.key(done.actor.id)
    lines = []
    for each in found:
        old = history.pack({name: each.before.get(name) for name in each.changed})
        new = history.pack({name: each.after.get(name) for name in each.changed})
        record = each.record
        lines.append((operation, entity.key, db.key(record.id), verb, record.version, at, actor, done.source, old, new))
    inserts.put("change", history.COLUMNS, lines)


def tell(entity: Entity, told: list[tuple[str, int]], verb: str, names: Sequence[str], done: Operation) -> None:
    """One event for each of a few (id, version); one for all of many. ``names``: the fields that changed."""
    more: dict[str, Any] = {"at": done.at_param, "actor": done.actor.id, "operation": done.id, "fields": names}
    for key, version in told if len(told) <= FEW else ():
        stream.emit(f"{entity.key}.{verb}", entity.key, key, version, **more)
    if len(told) > FEW:
        stream.emit(f"{entity.key}.{verb}", entity.key, None, None, count=len(told), **more)


def _tell_each(entity: Entity, found: list[Written], verb: str, done: Operation) -> None:
    """What was written, with the fields that changed."""
    if len(found) > FEW:
        names = entity.every.named(dict.fromkeys(name for each in found for name in each.changed))
        tell(entity, [(each.record.id, each.record.version) for each in found], verb, names, done)
        return
    for each in found:
        tell(entity, [(each.record.id, each.record.version)], verb, entity.every.named(each.changed), done)


def _update(entity: Entity, found: list[Written]) -> None:
    """The rows themselves: one statement for those that get the same values, one for each of the others."""
    by_columns: dict[tuple[str, ...], list[Written]] = {}
    for each in found:
        names = tuple(sorted({name.partition(".")[0] for name in each.changed}))
        by_columns.setdefault(names, []).append(each)
    for names, written in by_columns.items():
        columns, values_of = setting(entity.model, names)
        sets = ", ".join(f'"{column}" = %s' for column in columns)
        groups: dict[Hashable, tuple[list[Any], list[Any]]] = {}
        for each in written:
            values = values_of(each.record)
            place = repr(values) if "custom" in names else tuple(values)
            groups.setdefault(place, (values, []))[1].append(db.key(each.record.id))
        sql = f'UPDATE "{entity.table}" SET {sets}, version = version + 1 WHERE id'
        single = [[*values, key] for values, keys in groups.values() if len(keys) < ALIKE for key in keys]
        if single:
            db.execute_many(f"{sql} = %s", single)
        for values, keys in groups.values():
            if len(keys) >= ALIKE:
                db.execute(f"{sql} IN ({', '.join(['%s'] * len(keys))})", [*values, *keys])


@functools.cache
def setting(model: Any, names: tuple[str, ...]) -> tuple[tuple[str, ...], Callable[[Any], list[Any]]]:
    """The columns that a change of these attributes writes, and what reads their parameters off a record."""
    wanted = {*names, "updated_at", "updated_by"}
    columns = [
        column
        for column in model._meta.concrete_fields
        if column.attname in wanted or (isinstance(column, FoldedField) and column.of in names)
    ]

    def values_of(record: Any) -> list[Any]:
        door = db.connection()
        return [column.get_db_prep_save(column.pre_save(record, False), door) for column in columns]

    return tuple(column.column for column in columns), values_of
