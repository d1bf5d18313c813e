"""Records that are part of another (contact points of a party) go into the bin and out of it with the whole."""

from collections.abc import Iterable
from typing import Any

from rapport.platform import db
from rapport.records.entity import Entity
from rapport.records.operation import moment_param


def follow(entity: Entity, moved: Iterable[tuple[str, Any, Any]]) -> None:
    """Wholes that were binned, or came back: (id, since when in the bin before, and after the write).

    What lay open goes into the bin with the whole, and just that comes back with it.
    """
    gone: dict[Any, list[str]] = {}
    back: dict[Any, list[str]] = {}
    for key, was, now in moved if entity.parts else ():
        if was != now and (now or was):
            (gone if now else back).setdefault(now or was, []).append(key)
    for at, keys in gone.items():
        leave(entity, keys, moment_param(at))
    for at, keys in back.items():
        for part in entity.parts:
            marks = ", ".join(["%s"] * len(keys))
            by = part.field(part.part_of).column
            sql = f'UPDATE "{part.table}" SET binned_at = NULL WHERE {by} IN ({marks}) AND binned_at = %s'
            db.execute(sql, (*map(db.key, keys), moment_param(at)))


def leave(entity: Entity, keys: list[str], at: Any) -> None:
    """Bin what lies open of wholes that are binned at the moment ``at`` (a parameter)."""
    places = [db.key(key) for key in keys]
    for part in entity.parts:
        by = part.field(part.part_of).column
        marks = ", ".join(["%s"] * len(places))
        sql = f'UPDATE "{part.table}" SET binned_at = %s WHERE {by} IN ({marks}) AND binned_at IS NULL'
        db.execute(sql, (at, *places))
