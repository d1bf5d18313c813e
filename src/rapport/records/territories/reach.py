"""What lies in the reader's territories, as SQL and as search tokens. Who has none pays nothing."""

from collections.abc import Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.actor import LEVELS, Actor
from rapport.platform.identity import territories
from rapport.records.entity import Entity

Arm = tuple[str, list[object]]
MANY = 40


def of(entity: Entity, actor: Actor, level: int) -> tuple[str, ...]:
    """The territories whose records a role that reaches as far as ``level`` reaches besides one's own."""
    return actor.territories if entity.territory and level == LEVELS["team"] else ()


def arms(entity: Entity, actor: Actor, level: int, alias: str) -> list[Arm]:
    """Conditions, each an equality that an index (territory, sort, id) serves; of very many territories one."""
    keys: list[object] = [db.key(each) for each in of(entity, actor, level)]
    if len(keys) > MANY:
        return [(f"{alias}.territory_id IN ({', '.join(['%s'] * len(keys))})", keys)]
    return [(f"{alias}.territory_id = %s", [each]) for each in keys]


def reaches(entity: Entity, actor: Actor, level: int, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that lie in the actor's territories; no statement for who has none."""
    mine = of(entity, actor, level)
    if not mine or not keys:
        return set()
    places, among = ", ".join(["%s"] * len(mine)), ", ".join(["%s"] * len(keys))
    sql = f'SELECT id FROM "{entity.table}" WHERE id IN ({among}) AND territory_id IN ({places})'
    return {str(db.unkey(row[0])) for row in db.rows(sql, [*map(db.key, keys), *map(db.key, mine)])}


def tokens(actor: Actor) -> list[str]:
    """What search entries in the actor's territories carry: the uppermost say it all."""
    known = territories.held() if actor.territories else {}
    return [token(key) for key in actor.territories if key in known and known[key].parent not in actor.territories]


def tokens_of(territory: Any) -> list[str]:
    """What the search entry of a record in this territory carries: it, and every one above it."""
    return [token(key) for key in territories.held().path(territory)] if territory else []


def token(key: str) -> str:
    """The mark of one territory on search entries."""
    return f"y{key}"
