"""Creating many records: what ``write.create`` leaves for one, left for a slice in a few statements.

A creation's change row stores no values, and the slice publishes one event; all else agrees with single writes.
"""

from collections.abc import Callable
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity import snapshot
from rapport.records import custom, history, inserts, notices, searching, timeline, totals, write
from rapport.records.entity import Entity, registry
from rapport.records.models import Story
from rapport.records.operation import Operation, moment_param
from rapport.records.territories import placed
from rapport.records.transfer.writing import brought


def create(entity: Entity, records: list[Any], done: Operation) -> None:
    """Store new, settled records inside the open transaction, with history, timeline, totals, search and an event."""
    if not records:
        return
    key = bytes.fromhex if db.is_sqlite() else _same
    if entity.is_record:
        entity.model.arrive(records)  # type: ignore[attr-defined]
        placed.join(entity, records)
    inserts.many(records)
    _changes(entity, records, done, key)
    children: list[Any] = []
    if entity.is_record:
        came = [part for record in records for part in record.__dict__.get("brought", ())]
        children = brought.unsaid(entity, [child for record in records for child in record.children(None)], came)
        for child in children:
            child.operation = done.id
        inserts.many(children)
        children += came
        _timeline(entity, records, done, key)
        _keep_latest(entity, records)
    _tags(records, key)
    _totals(entity, records)
    if entity.takes_fields:
        inserts.put("custom_value", custom.COLUMNS, custom.rows_of(entity, records))
    _search(entity, records, searching.lent(entity, children), key)
    stream.emit(
        f"{entity.key}.created", entity.key, None, None, at=done.at_param, actor=done.actor.id, operation=done.id,
        count=len(records),
    )  # fmt: skip
    if entity.configuration:
        snapshot.touch()
        for record in records:
            write.uphold(record, None)
    for record in records if entity.jobs_on_create else ():
        write.enqueue_for_new(entity, record)
    if entity.is_record:
        for record in records:
            if following := record.consequences(None):
                write.carry_out(following, of=record.id)
            notices.gather(done, entity, record, None)
        brought.insert(came, done)


def _same(key: str) -> Any:
    return key


def _changes(entity: Entity, records: list[Any], done: Operation, key: Callable[[str], Any]) -> None:
    operation, at, actor, source = db.key(done.id), done.at_param, db.key(done.actor.id), done.source
    inserts.put(
        "change",
        history.COLUMNS,
        [
            (operation, entity.key, key(each.id), "created", each.version, at, actor, source, None, None)
            for each in records
        ],
    )


def _timeline(entity: Entity, records: list[Any], done: Operation, key: Callable[[str], Any]) -> None:
    look = grandparents(entity, records)
    actor, operation, at_done = db.key(done.actor.id), db.key(done.id), done.at_param
    plain = entity.tells_itself and not entity.parents
    moments: dict[Any, Any] = {}
    found = []
    for record in records:
        told: list[Story] = record.stories(None)
        if not told:
            continue
        heard = [(entity.key, record.id)] if plain else timeline.subjects(entity, record, look)
        source, owner, team = key(record.id), record.owner_id, record.team_id
        owner, team = owner and key(owner), team and key(team)
        for story in told:
            at = at_done
            if story.at:
                at = moments.get(story.at)
                if at is None:
                    at = moments[story.at] = moment_param(story.at)
            summary = orjson.dumps(story.summary).decode()
            for subject_entity, subject in heard:
                found.append(
                    (subject_entity, key(subject), at, story.channel, story.verb, entity.key, source, actor,
                     owner, team, operation, summary)
                )  # fmt: skip
    inserts.put("timeline_entry", timeline.COLUMNS, found)


def grandparents(entity: Entity, records: list[Any]) -> Callable[[str, str, str], str | None]:
    """Answers the parents of parents (the company of the party spoken with), read in one query per path."""
    known: dict[tuple[str, str], str | None] = {}
    for path in entity.parents:
        field, second = entity.step(path) if path != "about" else (None, "")
        if field is None or not second:
            continue
        parent = registry.get(str(field.relation))
        keys = list(dict.fromkeys(key for record in records if (key := getattr(record, field.attname))))
        marks = ", ".join(["%s"] * len(keys))
        column = parent.every[second].column
        sql = f'SELECT id, "{column}" FROM "{parent.table}" WHERE id IN ({marks})'
        for key, above in db.rows(sql, [db.key(each) for each in keys]) if keys else ():
            known[column, str(db.unkey(key))] = db.unkey(above)
    return lambda _table, column, key: known.get((column, key))


def _keep_latest(entity: Entity, records: list[Any]) -> None:
    """Carry the newest moment up to the parents that keep it: once per parent."""
    look = grandparents(entity, records) if entity.keeps_latest else None
    present = now()
    for keep in entity.keeps_latest:
        newest: dict[str, Any] = {}
        for record in records:
            moment = getattr(record, keep.of)
            if moment is None or moment > present or look is None:
                continue
            for on, subject in timeline.subjects(entity, record, look):
                if on == keep.on and (subject not in newest or newest[subject] < moment):
                    newest[subject] = moment
        older = f"({keep.field} IS NULL OR {keep.field} < %s)"
        sql = f'UPDATE "{keep.table}" SET {keep.field} = %s WHERE id = %s AND {older}'
        found = [(moment_param(at), db.key(key), moment_param(at)) for key, at in sorted(newest.items())]
        if found:
            db.execute_many(sql, found)


def _tags(records: list[Any], key: Callable[[str], Any]) -> None:
    found = [
        (key(each.id), key(tag))
        for each in records
        for tag in (*(getattr(each, "tags", None) or "").split(), *(getattr(each, "own_tags", None) or ()))
    ]
    inserts.put("record_tag", ("record", "tag_id"), found)


def _totals(entity: Entity, records: list[Any]) -> None:
    tally = totals.Tally(entity)
    for record in records:
        tally.add(record.__dict__, +1)
    tally.write()


def _search(entity: Entity, records: list[Any], lent: dict[str, list[str]], key: Callable[[str], Any]) -> None:
    for whole in dict.fromkeys(searching.whole_of(entity, record) for record in records) if entity.lends else ():
        searching.refresh(entity.whole, whole)
    if not entity.search:
        return
    scopes: dict[tuple[Any, ...], str] = {}
    found = []
    for record in records:
        who = tuple(getattr(record, name, None) for name in searching.MOVES)
        tokens = scopes.get(who)
        if tokens is None:
            owner, team, territory = who
            tokens = scopes[who] = searching.tokens_of(entity, owner, team, (), territory)
        found.append(
            (
                entity.key,
                key(record.id),
                searching.text_of(entity, custom.beside(entity, record), lent.get(record.id, ())),
                tokens,
            )
        )
    inserts.put("search_entry", searching.COLUMNS, found)
