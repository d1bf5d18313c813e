"""Which of some records fit a condition, answered by the database within the rights of who asks."""

from collections.abc import Collection
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records.entity import Entity
from rapport.records.listing import Plan, Query

Condition = tuple[str, list[Any]]


def fitting(entity: Entity, tree: Any, keys: Collection[str], *, binned: bool = False) -> set[str]:
    """Those of ``keys`` that the actor sees and that fit; raises BadQuery when the condition asks for what is gone."""
    if not keys:
        return set()
    marks = ", ".join(["%s"] * len(keys))
    return set(found(entity, tree, [(f"t.id IN ({marks})", [db.key(key) for key in keys])], binned=binned))


def fits(entity: Entity, tree: Any, key: str) -> bool:
    """Whether one record fits."""
    return key in fitting(entity, tree, [key])


def found(
    entity: Entity, tree: Any, where: list[Condition], *, limit: int = 0, newest: bool = False, binned: bool = False
) -> list[str]:  # fmt: skip
    """Ids of the records that fit, in their order; ``newest`` first when asked so."""
    query = Query(entity, filter=tree, binned=binned)
    query.where += where
    source, params = Plan(query, current()).source()
    tail = f" ORDER BY t.id{' DESC' if newest else ''} LIMIT {limit}" if limit else ""
    return [str(db.unkey(row[0])) for row in db.rows(f"SELECT t.id {source}{tail}", params)]


def titles(entity: Entity, keys: Collection[str]) -> dict[str, str]:
    """The titles of records by id, those of the actor's scope."""
    if not keys:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    query = Query(entity)
    query.where.append((f"t.id IN ({marks})", [db.key(key) for key in keys]))
    source, params = Plan(query, current()).source()
    column = entity.field(entity.title).column
    return {str(db.unkey(key)): title or "" for key, title in db.rows(f'SELECT t.id, t."{column}" {source}', params)}
