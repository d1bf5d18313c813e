"""What is shared with whom, as SQL and as search tokens. A share widens which rows one reaches, not what a role may do.

Who was never given anything pays nothing: the snapshot knows the users and teams that something was ever shared with.
"""

from collections.abc import Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.identity import snapshot
from rapport.records.entity import Entity

Ids = tuple[str, list[object]]
ENOUGH = {"view": ("view", "change"), "export": ("view", "change"), "change": ("change",)}


@snapshot.part("grantees")
def _load() -> frozenset[str]:
    """Users and teams that something is shared with."""
    given = "SELECT x.id FROM {0} x WHERE EXISTS (SELECT 1 FROM record_share s WHERE s.{1} = x.id)"
    places = (("user_account", "user_id"), ("team", "team_id"))
    found = db.rows(" UNION ALL ".join(given.format(*place) for place in places))
    return frozenset(str(db.unkey(row[0])) for row in found)


def is_known(grantee: str) -> bool:
    """True when every worker reckons with something being shared with this user or team."""
    return grantee in snapshot.held().parts["grantees"]


def reached_through(actor: Actor) -> tuple[list[str], list[str]]:
    """(Users, teams) whose shares reach the actor: himself; his team, those he leads, and every team above them."""
    held = snapshot.held()
    known = held.parts["grantees"]
    if not known or actor.id is None:
        return [], []
    roots = [actor.team, *held.leaders.get(actor.id, ())]
    teams = dict.fromkeys(team for root in roots for team in held.path(root))
    return [actor.id] if actor.id in known else [], [team for team in teams if team in known]


def ids(entity: Entity, actor: Actor, verb: str) -> Ids | None:
    """A SELECT of the ids shared with the actor far enough for ``verb``; None when nothing can be."""
    if verb not in ENOUGH or not entity.is_shareable:
        return None
    enough = "" if len(ENOUGH[verb]) == 2 else " AND level = 'change'"
    parts, places = [], []
    for column, grantees in zip(("user_id", "team_id"), reached_through(actor), strict=True):
        for grantee in grantees:
            parts.append(f"SELECT record FROM record_share WHERE {column} = %s AND entity = %s{enough}")
            places += [db.key(grantee), entity.key]
    return (" UNION ALL ".join(parts), places) if parts else None


def among(entity: Entity, actor: Actor, verb: str, column: str) -> Ids | None:
    """The condition that ``column`` is one of those ids; an index of the key serves it, also beside OR."""
    found = ids(entity, actor, verb)
    if found is None:
        return None
    sql, places = found
    return (f"{column} IN ({sql})" if db.is_sqlite() else f"{column} = ANY(ARRAY({sql}))"), places


def reaches(entity: Entity, actor: Actor, verb: str, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that are shared with the actor far enough for ``verb``."""
    found = ids(entity, actor, verb)
    if found is None or not keys:
        return set()
    sql, places = found
    marks = ", ".join(["%s"] * len(keys))
    rows = db.rows(f"SELECT record FROM ({sql}) s WHERE record IN ({marks})", [*places, *map(db.key, keys)])
    return {str(db.unkey(row[0])) for row in rows}


def grantees_of(keys: Sequence[Any]) -> dict[str, list[str]]:
    """By record: the users and teams it is shared with; ``keys`` as the database has them."""
    if not keys or not snapshot.held().parts["grantees"]:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    found: dict[str, list[str]] = {}
    sql = f"SELECT record, coalesce(user_id, team_id) FROM record_share WHERE record IN ({marks}) ORDER BY id"
    for record, grantee in db.rows(sql, keys):
        found.setdefault(str(db.unkey(record)), []).append(str(db.unkey(grantee)))
    return found


def tokens(actor: Actor) -> list[str]:
    """What search entries shared with the actor carry."""
    return [token(grantee) for grantees in reached_through(actor) for grantee in grantees]


def token(grantee: str) -> str:
    """What a search entry shared with this user or team carries."""
    return f"s{grantee}"
