"""The timeline is written when things happen, for the record and for everybody concerned, never assembled when read."""

from collections.abc import Callable
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records.entity import Entity, registry
from rapport.records.models import Story
from rapport.records.operation import Operation, moment_param

COLUMNS = (
    "subject_entity", "subject", "at", "channel", "verb", "source_entity", "source", "actor", "owner", "team",
    "operation", "summary",
)  # fmt: skip
REPLACED = ("logged",)


def _ask(table: str, column: str, key: str) -> str | None:
    row = db.one(f'SELECT "{column}" FROM "{table}" WHERE id = %s', (db.key(key),))
    return db.unkey(row[0]) if row else None


def subjects(entity: Entity, record: Any, look: Callable[[str, str, str], str | None] = _ask) -> list[tuple[str, str]]:
    """Whose timeline hears about ``record``: (entity, id) pairs, itself first.

    ``look`` (table, column, key) finds the parent's parent; bulk writes answer from what they read in one query.
    """
    found = [(entity.key, record.id)] if entity.tells_itself else []
    for path in entity.parents:
        if path == "about":
            if record.about_id:
                found.append((record.about_entity, record.about_id))
            continue
        known, second = entity.step(path)
        parent = registry.get(str(known.relation))
        key = getattr(record, known.attname)
        if key and second:
            field = parent.every[second]
            key = look(parent.table, field.column, key)
        if key:
            found.append((parent.key, key))
    return list(dict.fromkeys(found))


def rows(
    done: Operation, entity: Entity, record: Any, told: list[Story], heard: list[tuple[str, str]]
) -> list[tuple[Any, ...]]:
    """The parameters of the timeline rows of ``told``."""
    owner, team = getattr(record, "owner_id", None), getattr(record, "team_id", None)
    found = []
    for story in told:
        summary = orjson.dumps(story.summary).decode()
        at = moment_param(story.at) if story.at else done.at_param
        for subject_entity, subject in heard:
            found.append(
                (
                    subject_entity, db.key(subject), at, story.channel, story.verb, entity.key, db.key(record.id),
                    db.key(done.actor.id), db.key(owner), db.key(team), db.key(done.id), summary,
                )
            )  # fmt: skip
    return found


def stories(entity: Entity, record: Any, before: dict[str, Any] | None) -> list[Story]:
    """What a write tells: the record's own stories, and that it was put into a queue or taken out of one."""
    told: list[Story] = record.stories(before)
    if entity.is_queueable and (queued := _queued(entity, record, before)):
        told = [*told, queued]
    return told


def _queued(entity: Entity, record: Any, before: dict[str, Any] | None) -> Story | None:
    queues = snapshot.held().queues
    if not queues:
        return None
    was = queues.get(before["team_id"] or "") if before is not None and before["owner_id"] is None else None
    now = queues.get(record.team_id or "") if record.owner_id is None else None
    if was == now or (now is None and record.owner_id is None):
        return None
    verb = "queued" if now else "taken" if record.owner_id == current().id else "given"
    return Story("record", verb, {"subject": entity.title_of(record), "queue": now or was})


def write(found: list[tuple[Any, ...]]) -> None:
    """Add timeline rows inside the transaction."""
    if found:
        db.execute_many(db.insert_sql("timeline_entry", COLUMNS), found)


def tell(
    done: Operation, entity: Entity, record: Any, before: dict[str, Any] | None, *, reverting: bool = False
) -> None:
    """Write what one record's write tells; a story that only restates its source replaces its older telling.

    ``reverting``: nothing new has happened, only such restatements are told.
    """
    told = [story for story in stories(entity, record, before) if not reverting or story.verb in REPLACED]
    if not told:
        return
    if before is not None and any(story.verb in REPLACED for story in told):
        db.execute("DELETE FROM timeline_entry WHERE source = %s AND verb = %s", (db.key(record.id), REPLACED[0]))
    write(rows(done, entity, record, told, subjects(entity, record)))
