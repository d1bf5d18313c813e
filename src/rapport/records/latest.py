"""The newest moment of its records that a parent keeps (a party's last contact), kept by every write."""

from collections.abc import Callable
from typing import Any

from rapport.platform import db
from rapport.platform.clock import now
from rapport.records import timeline
from rapport.records.entity import Entity, KeepLatest
from rapport.records.operation import moment_param


def keep(entity: Entity, record: Any, before: dict[str, Any] | None) -> None:
    """Carry a newer moment up; where the newest one went away or back, look for the next."""
    for each in entity.keeps_latest:
        moment = None if record.binned_at else getattr(record, each.of)
        old = before and not before["binned_at"] and before[each.of]
        for key, subject in timeline.subjects(entity, record):
            if key != each.on:
                continue
            if old and (moment is None or moment < old):
                look_again(entity, each, subject)
            elif moment is not None and moment <= now():
                at = moment_param(moment)
                sql = f"""UPDATE "{each.table}" SET {each.field} = %s
                          WHERE id = %s AND ({each.field} IS NULL OR {each.field} < %s)"""
                db.execute(sql, (at, db.key(subject), at))


def went(entity: Entity, records: list[Any], look: Callable[[str, str, str], str | None]) -> None:
    """Records that were binned may have held a parent's newest moment: look for the next, once per parent."""
    for each in entity.keeps_latest:
        dated = (record for record in records if getattr(record, each.of))
        heard = {subject for record in dated for subject in timeline.subjects(entity, record, look)}
        for key, subject in sorted(heard):
            if key == each.on:
                look_again(entity, each, subject)


def look_again(entity: Entity, each: KeepLatest, subject: str) -> None:
    """The newest of what is left, by the index of the parent's timeline."""
    newest = f"""SELECT t.{each.of} FROM timeline_entry e JOIN "{entity.table}" t ON t.id = e.source
                 WHERE e.subject = %s AND e.source_entity = %s AND e.at <= %s AND t.binned_at IS NULL
                 ORDER BY e.at DESC LIMIT 1"""
    sql = f'UPDATE "{each.table}" SET {each.field} = ({newest}) WHERE id = %s'
    db.execute(sql, (db.key(subject), entity.key, moment_param(now()), db.key(subject)))
