"""In which territory a record stands, as far as a write needs to know: by hand, or as what it belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.identity import territories
from rapport.records.entity import Entity, registry
from rapport.records.written import batches

AT_ONCE = 1000


def by_hand(entity: Entity, record: Any, before: dict[str, Any] | None) -> None:
    """What somebody puts somewhere stays there; taken out again, it goes where the rules say."""
    if entity.territory == "own" and record.territory_id != (before["territory_id"] if before else None):
        record.territory_fixed = True if record.territory_id else None


def elsewhere(record: Any, values: Mapping[str, Any]) -> bool:
    """Whether these values put a record into another territory."""
    return "territory_id" in values and values["territory_id"] != record.territory_id


def join(entity: Entity, records: Sequence[Any]) -> None:
    """New records, not yet stored, lie where what they belong to lies; no statement where there are no territories."""
    if entity.territory in ("", "own") or not territories.held():
        return
    found = of_parents(entity, records)
    for record in records:
        record.territory_id = found[record.id]


def of_parents(entity: Entity, records: Sequence[Any]) -> dict[str, str | None]:
    """The territories of what records belong to, by record."""
    attname = entity.every[entity.territory].attname
    keys = list(dict.fromkeys(key for record in records if (key := getattr(record, attname))))
    found: dict[str | None, str | None] = {}
    for part in batches(keys, AT_ONCE):
        marks = ", ".join(["%s"] * len(part))
        sql = f'SELECT id, territory_id FROM "{_whole(entity)}" WHERE id IN ({marks})'
        found |= {db.unkey(key): db.unkey(value) for key, value in db.rows(sql, list(map(db.key, part)))}
    return {record.id: found.get(getattr(record, attname)) for record in records}


def astray(entity: Entity, where: str, places: Sequence[Any], limit: int) -> list[str]:
    """Records that lie in another territory than what they belong to, of those that a condition on ``t`` finds."""
    by, differs = entity.every[entity.territory].column, "IS NOT" if db.is_sqlite() else "IS DISTINCT FROM"
    sql = f"""SELECT t.id FROM {entity.rows} t LEFT JOIN "{_whole(entity)}" p ON p.id = t."{by}"
              WHERE {where} AND t.binned_at IS NULL AND t.territory_id {differs} p.territory_id LIMIT {limit}"""
    return [str(db.unkey(row[0])) for row in db.rows(sql, places)]


def _whole(entity: Entity) -> str:
    """The table of what records of this entity belong to."""
    return registry.get(str(entity.every[entity.territory].relation)).table
