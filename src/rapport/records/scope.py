"""Every read starts here: the rows this actor may see, as SQL.

A level of "own" or "team" compiles to *arms*, each an equality that an index (owner, sort, id) or
(team, sort, id) serves in order; a list over several arms is a merge of short ordered runs, so it costs the
same for a user who sees 30 rows of a million as for an administrator. What is shared with somebody is one arm more,
found by the index of the shares; who was never given anything has no such arm. So are territories: "team" also reaches
the records in those that one works. What waits in a queue has that queue for its team and no owner: to the members of
the queue it is as their own, by the same index.
"""

from collections.abc import Iterable
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import shared
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden
from rapport.records.territories import reach

Arm = tuple[str, list[object]]
MANY_TEAMS = 40


def level(entity: Entity, actor: Actor, verb: str = "view") -> int:
    """How far the actor may do ``verb``; raises Forbidden when not at all."""
    found = actor.level(entity.key, verb)
    if not found:
        raise Forbidden(f"You may not {verb} {entity.plural}.")
    return found if entity.is_record else 3


def arms(entity: Entity, actor: Actor, verb: str = "view", alias: str = "t") -> list[Arm] | None:
    """Conditions whose union is the scope but for what is shared; None when all rows are in it."""
    mark = "arms", entity.key, verb, alias
    if mark not in actor.known:
        actor.known[mark] = _arms(entity, actor, verb, alias)
    found: list[Arm] | None = actor.known[mark]
    return found if found is None else [*found]


def _arms(entity: Entity, actor: Actor, verb: str, alias: str) -> list[Arm] | None:
    """Where a table is shared with other objects, every arm keeps to ours."""
    found = _reach(entity, actor, verb, alias)
    if not entity.within:
        return found
    ours: Arm = (f"{alias}.object = %s", [entity.within])
    if found is None:
        return [ours]
    return [(f"{ours[0]} AND {sql}", [*ours[1], *held]) for sql, held in found]


def _reach(entity: Entity, actor: Actor, verb: str, alias: str) -> list[Arm] | None:
    found = level(entity, actor, verb)
    if found >= 3 and not (entity.personal and actor.id):
        return None
    if entity.part_of:
        return _through(entity, actor, verb, alias)
    own: Arm = (f"{alias}.owner_id = %s", [db.key(actor.id)])
    if entity.personal:
        return [own, (f"{alias}.owner_id IS NULL", [])]
    return [own, *_of_teams(actor, found, alias), *reach.arms(entity, actor, found, alias)]


def _of_teams(actor: Actor, found: int, alias: str) -> list[Arm]:
    teams: list[object] = [db.key(team) for team in actor.reached(found)]
    if len(teams) > MANY_TEAMS:
        return [(f"{alias}.team_id IN ({', '.join(['%s'] * len(teams))})", teams)]
    return [(f"{alias}.team_id = %s", [team]) for team in teams]


def parts(entity: Entity, actor: Actor, verb: str) -> list[Arm] | None:
    """The arms on ``t`` without overlap, so that what each finds can be added up; None when all rows are in it.

    SQLite uses no partial index within an OR: there, part by part is the way by the indexes.
    """
    found = arms(entity, actor, verb)
    if found is None:
        return None
    placed = len(reach.arms(entity, actor, actor.level(entity.key, verb), "t"))
    first = found[: len(found) - placed]  # a record has one team: of these only one's own overlap
    own, *teams = first
    more, held_by = besides(first) if placed else ("", [])
    return [
        own,
        *((f"{sql} AND ({own[0]}) IS NOT TRUE", [*held, *own[1]]) for sql, held in teams),
        *((f"{sql} AND {more}", [*held, *held_by]) for sql, held in found[len(first) :]),
    ]


def besides(found: list[Arm]) -> Arm:
    """The condition of rows that none of the arms reaches."""
    return f"({' OR '.join(sql for sql, _held in found)}) IS NOT TRUE", [each for _sql, held in found for each in held]


def _through(entity: Entity, actor: Actor, verb: str, alias: str) -> list[Arm] | None:
    """A part is in scope as what it is part of; who may change that may do anything to its parts."""
    outer = f"{alias}w"
    found = arms(entity.whole, actor, "view" if verb in ("view", "export") else "change", outer)
    if found is None:
        return None
    sql = " OR ".join(arm for arm, _places in found)
    column = entity.field(entity.part_of).column
    within = f'{alias}."{column}" IN (SELECT {outer}.id FROM "{entity.whole.table}" {outer} WHERE {sql})'
    return [(within, [place for _arm, places in found for place in places])]


def condition(entity: Entity, actor: Actor, verb: str = "view", alias: str = "t") -> Arm:
    """The scope as one condition (single records, counts)."""
    found = arms(entity, actor, verb, alias)
    if found is None:
        return "1 = 1", []
    given = shared.among(entity, actor, verb, f"{alias}.id")
    found += [given] if given else []
    sql = " OR ".join(arm for arm, _places in found)
    return f"({sql})", [place for _arm, places in found for place in places]


def permits(entity: Entity, actor: Actor, verb: str, record: Any) -> bool:
    """True when this record is within the actor's scope for ``verb``."""
    if entity.part_of:
        return may_part(entity, actor, verb, record.id)
    return not entity.is_record or holds(entity, actor, verb, record.owner_id, record.team_id, record.id)


def may_part(part: Entity, actor: Actor, verb: str, key: str) -> bool:
    """True when a stored part is within the actor's scope for ``verb``, through what it is part of."""
    return key in _parts_within(part, actor, verb, [key])


def _parts_within(part: Entity, actor: Actor, verb: str, keys: list[str]) -> set[str]:
    if not keys or not actor.may(part.key, verb):
        return set()
    where, places = condition(part, actor, verb)
    if where == "1 = 1":
        return set(keys)
    marks = ", ".join(["%s"] * len(keys))
    sql = f'SELECT t.id FROM "{part.table}" t WHERE t.id IN ({marks}) AND {where}'
    return {str(db.unkey(key)) for (key,) in db.rows(sql, [*map(db.key, keys), *places])}


def may_join(part: Entity, actor: Actor, record: Any) -> bool:
    """True when the actor may change what a new record is to be part of."""
    where, places = condition(part.whole, actor, "change")
    if where == "1 = 1":
        return True
    key = db.key(getattr(record, part.field(part.part_of).attname))
    return db.one(f'SELECT 1 FROM "{part.whole.table}" t WHERE t.id = %s AND {where}', [key, *places]) is not None


def holds(
    entity: Entity, actor: Actor, verb: str, owner: str | None, team: str | None, key: str | None = None,
    *, given: bool = True,
) -> bool:  # fmt: skip
    """True when a record with this owner and team is within the actor's scope for ``verb``.

    ``key``: its id, which a part is found by, and what has been shared; without ``given`` a share does not suffice.
    """
    if entity.part_of:
        return key is not None and may_part(entity, actor, verb, key)
    found = actor.level(entity.key, verb)
    if entity.personal and actor.id:
        return bool(found) and (owner == actor.id or (owner is None and (found >= 3 or verb == "view")))
    if not entity.is_record:
        return found > 0
    if _within(found, actor, owner, team) or (key is not None and reach.reaches(entity, actor, found, [key])):
        return True
    return given and bool(found) and key is not None and bool(shared.reaches(entity, actor, verb, [key]))


def _within(level: int, actor: Actor, owner: str | None, team: str | None) -> bool:
    """True when a role that reaches as far as ``level`` reaches a record with this owner and team."""
    return level >= 3 or (level > 0 and owner == actor.id) or team in actor.reached(level)


def changeable(entity: Entity, actor: Actor, owned: Iterable[tuple[str, str | None, str | None]]) -> set[str]:
    """Ids of those of (id, owner, team) that the actor may change; at most two queries, for what lies in his
    territories and what is shared."""
    known = list(owned)
    level = actor.level(entity.key, "change")
    if entity.part_of:
        return _parts_within(entity, actor, "change", [key for key, _owner, _team in known])
    if entity.personal or not entity.is_record:
        found = {key for key, owner, team in known if holds(entity, actor, "change", owner, team)}
    else:
        found = {key for key, owner, team in known if _within(level, actor, owner, team)}
        found |= reach.reaches(entity, actor, level, [key for key, _owner, _team in known if key not in found])
    left = [key for key, _owner, _team in known if key not in found]
    return found | (shared.reaches(entity, actor, "change", left) if actor.may(entity.key, "change") else set())


def guard_owner(entity: Entity, actor: Actor, record: Any) -> None:
    """Only who has a record by his role gives it to somebody else, or into a territory; a share does not suffice."""
    if not entity.is_record:
        return
    if not holds(entity, actor, "change", record.owner_id, record.team_id, record.id, given=False):
        refuse(entity, "hand over")


def refuse(entity: Entity, verb: str) -> None:
    """Say no to ``verb`` on a record that the actor can see."""
    raise Forbidden(f"You may not {verb} this {str(entity.label).lower()}.")
