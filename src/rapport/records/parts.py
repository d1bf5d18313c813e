"""Records that are part of another (contact points of a party) go into the bin and out of it with the whole."""

from typing import Any

from rapport.platform import db
from rapport.records.entity import Entity
from rapport.records.operation import moment_param


def follow(entity: Entity, record: Any, before: dict[str, Any]) -> None:
    """Bin what lay open when the whole was binned, and bring back just that when it comes back."""
    if before["binned_at"] == record.binned_at:
        return
    if record.binned_at:
        leave(entity, [record.id], moment_param(record.binned_at))
        return
    for part in entity.parts:
        by = part.field(part.part_of).column
        sql = f'UPDATE "{part.table}" SET binned_at = NULL WHERE {by} = %s AND binned_at = %s'
        db.execute(sql, (db.key(record.id), moment_param(before["binned_at"])))


def leave(entity: Entity, keys: list[str], at: Any) -> None:
    """Bin what lies open of wholes that are binned at the moment ``at`` (a parameter)."""
    places = [db.key(key) for key in keys]
    for part in entity.parts:
        by = part.field(part.part_of).column
        marks = ", ".join(["%s"] * len(places))
        sql = f'UPDATE "{part.table}" SET binned_at = %s WHERE {by} IN ({marks}) AND binned_at IS NULL'
        db.execute(sql, (at, *places))
