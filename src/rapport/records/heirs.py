"""Where records have gone that were merged into others: whoever still names one of them means the one that stayed."""

from collections.abc import Iterable

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import scope
from rapport.records.entity import Entity

FARTHEST = 50  # merges in a row


def of_ids(entity: Entity, keys: Iterable[str], actor: Actor) -> dict[str, str]:
    """Of ids of merged records: the living record, in the actor's scope, that has taken each over; others are left
    out."""
    at = {key: key for key in keys}
    if entity.duplicates is None or not at:
        return {}
    for _step in range(FARTHEST):
        onward = _onward(entity, set(at.values()))
        if not onward:
            break
        at = {key: onward.get(now, now) for key, now in at.items()}
    moved = {key: now for key, now in at.items() if now != key}
    there = living(entity, set(moved.values()), actor)
    return {key: now for key, now in moved.items() if now in there}


def of_external_ids(entity: Entity, ids: Iterable[str], actor: Actor) -> dict[tuple[str, str], str]:
    """The same by (external id, external source) of the merged records."""
    asked = list(dict.fromkeys(ids))
    if entity.duplicates is None or not asked:
        return {}
    column, source = (entity.every[name].compare for name in ("external_id", "external_source"))
    sql = f"""SELECT t.id, t."{column}", t."{source}" FROM "{entity.table}" t
              WHERE t."{column}" IN ({_marks(asked)}) AND t.merged_into IS NOT NULL ORDER BY t.id"""
    known = {(word, of or ""): str(db.unkey(key)) for key, word, of in db.rows(sql, asked)}  # the latest of several
    heirs = of_ids(entity, known.values(), actor)
    return {sign: heirs[key] for sign, key in known.items() if key in heirs}


def _onward(entity: Entity, keys: set[str]) -> dict[str, str]:
    sql = f'SELECT id, merged_into FROM "{entity.table}" WHERE id IN ({_marks(keys)}) AND merged_into IS NOT NULL'
    return {str(db.unkey(key)): str(db.unkey(into)) for key, into in db.rows(sql, [db.key(key) for key in keys])}


def living(entity: Entity, keys: set[str], actor: Actor) -> set[str]:
    """Those of the ids whose records are in the actor's scope and not in the bin."""
    if not keys:
        return set()
    where, places = scope.condition(entity, actor)
    sql = f'SELECT t.id FROM "{entity.table}" t WHERE t.id IN ({_marks(keys)}) AND t.binned_at IS NULL AND {where}'
    return {str(db.unkey(key)) for (key,) in db.rows(sql, [*(db.key(key) for key in keys), *places])}


def _marks(found: Iterable[str]) -> str:
    return ", ".join("%s" for _each in found)
