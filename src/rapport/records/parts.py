"""Records that are part of another (contact points of a party) go into the bin and out of it with the whole."""

from typing import Any

from rapport.platform import db
from rapport.records.entity import Entity
from rapport.records.operation import moment_param


def follow(entity: Entity, record: Any, before: dict[str, Any]) -> None:
    """Bin what lay open when the whole was binned, and bring back just that when it comes back."""
    if before["binned_at"] == record.binned_at:
        return
    for part in entity.parts:
        by = part.field(part.part_of).column
        table = f'UPDATE "{part.table}" SET binned_at = %s WHERE {by} = %s AND binned_at'
        if record.binned_at:
            db.execute(f"{table} IS NULL", (moment_param(record.binned_at), db.key(record.id)))
        else:
            db.execute(f"{table} = %s", (None, db.key(record.id), moment_param(before["binned_at"])))
