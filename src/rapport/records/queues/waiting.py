"""What waits in queues: the oldest of each, and how much of which sort, counted no further than one wants to know.

Each is read from the index (team, id) of its table. Who asks sees what is in his scope: what waits in his queues is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.clock import wire
from rapport.records import scope
from rapport.records.entity import Entity, registry
from rapport.records.kinds import ChoiceKind, MomentKind, Place
from rapport.records.layout import View

MOST_QUEUES = 8
LOOKED_AT, ASKED = 50, 500
# Of changes that moved a record to another team, the last.
_CAME = """SELECT record, at, after FROM change WHERE record IN ({}) AND verb <> 'reverted' AND before IS NOT NULL
AND after LIKE %s ORDER BY id"""
_THERE = "{rows} t WHERE t.team_id = %s AND t.owner_id IS NULL AND t.binned_at IS NULL{only}"
_OLDEST = f"""SELECT * FROM (SELECT {{number}} AS sort, t.id, t."{{title}}", {{at}} FROM {_THERE}
ORDER BY t.id LIMIT {{limit}}) w{{number}}"""
_COUNTED = f"SELECT {{number}}, (SELECT count(*) FROM (SELECT 1 FROM {_THERE} LIMIT {{most}}) c{{number}})"


@dataclass(frozen=True, slots=True, eq=False)
class Sort:
    """Records of an object as one list of it holds them: people and organisations are lists of their own."""

    entity: Entity
    view: View | None = None

    @property
    def label(self) -> str:
        return str(self.view.label if self.view else self.entity.label_plural)

    @property
    def one(self) -> str:
        """What one of them is called."""
        said = str((self.view and self.view.one) or self.entity.label)
        return said[:1].upper() + said[1:]

    @property
    def icon(self) -> str:
        return (self.view and self.view.icon) or self.entity.icon

    @property
    def only(self) -> str:
        """SQL of what belongs to it and is not done with: what is closed waits for nobody."""
        given = {**(self.view.new if self.view else {}), **({"status": "open"} if self._opens else {})}
        return "".join(f""" AND t."{self.entity.every[name].column}" = '{word}'""" for name, word in given.items())

    @property
    def _opens(self) -> bool:
        status = self.entity.every.get("status")
        return status is not None and status.mark is None and "open" in dict(getattr(status.kind, "choices", ()))

    def url(self, queue: str) -> str:
        """The list of what waits there."""
        there = {"field": "team", "op": "eq", "value": queue}
        tree = {"and": [there, {"field": "status", "op": "eq", "value": "open"}]} if self._opens else there
        view = {"view": self.view.key} if self.view else {}
        return f"/{self.entity.plural}?{urlencode({**view, 'filter': orjson.dumps(tree).decode()})}"


@dataclass(frozen=True, slots=True)
class Waits:
    """A record that waits in a queue; ``since``: when it came there."""

    sort: Sort
    queue: str
    id: str
    title: str
    since: str


def sorts(entity: Entity) -> list[Sort]:
    """The lists into which an object's records fall by a choice that each of its lists begins them with."""
    own = [view for view in entity.views if view.shape == "table" and _by_choice(entity, view)]
    return [Sort(entity, view) for view in own] if len(own) > 1 else [Sort(entity)]


def _by_choice(entity: Entity, view: View) -> bool:
    return len(view.new) == 1 and all(isinstance(entity.every[name].kind, ChoiceKind) for name in view.new)


def kinds_of(actor: Actor) -> list[Entity]:
    """What can wait in queues, as far as the actor sees any of it."""
    return [entity for entity in registry if entity.is_queueable and actor.may(entity.key, "view")]


def oldest(actor: Actor, limit: int) -> dict[str, list[Waits]]:
    """By queue of the actor's own: what waits longest, at most ``limit`` of each sort; where more than LOOKED_AT of one
    wait, of the oldest records."""
    found: dict[str, list[Waits]] = {queue: [] for queue in actor.queues[:MOST_QUEUES]}
    known = [sort for entity in kinds_of(actor) for sort in sorts(entity)] if found else []
    at = MomentKind().json_sql("t.created_at", Place(sqlite=db.is_sqlite()))
    for queue, waits in found.items():
        parts = [
            _OLDEST.format(number=number, rows=sort.entity.rows, only=sort.only, at=at, limit=LOOKED_AT,
                           title=sort.entity.field(sort.entity.title).column)
            for number, sort in enumerate(known)
        ]  # fmt: skip
        places = [db.key(queue)] * len(known)
        for number, key, title, since in db.rows(" UNION ALL ".join(parts), places) if parts else ():
            sort = known[number]
            waits.append(Waits(sort, queue, str(db.unkey(key)), _titled(sort.entity, title), since))
    came = _came([each for waits in found.values() for each in waits])
    for queue, waits in found.items():
        told = [replace(each, since=came.get((queue, each.id), each.since)) for each in waits]
        told.sort(key=lambda each: (each.since, each.id))
        first = {id(each) for sort in known for each in [one for one in told if one.sort is sort][:limit]}
        found[queue] = [each for each in told if id(each) in first]
    return found


def _came(waits: Sequence[Waits]) -> dict[tuple[str, str], str]:
    """When records came into their queues, by (queue, record); what was made there is in none. An undo that puts one
    back does not begin its waiting anew."""
    found: dict[tuple[str, str], str] = {}
    keys = [each.id for each in waits]
    for at in range(0, len(keys), ASKED):
        some = keys[at : at + ASKED]
        sql = _CAME.format(", ".join(["%s"] * len(some)))
        for key, moment, told in db.rows(sql, [*map(db.key, some), '%"team_id"%']):
            after = orjson.loads(told)
            if after.get("team_id") and not after.get("owner_id"):
                when = moment if isinstance(moment, dt.datetime) else dt.datetime.fromisoformat(str(moment))
                said = wire(when if when.tzinfo else when.replace(tzinfo=dt.UTC))
                found[after["team_id"], str(db.unkey(key))] = str(said)
    return found


def counts(queues: Sequence[str], *, most: int) -> dict[str, list[tuple[Sort, int]]]:
    """By queue: how many of each sort wait, counted up to ``most``; past every scope."""
    found: dict[str, list[tuple[Sort, int]]] = {queue: [] for queue in queues}
    known = [sort for entity in registry if entity.is_queueable for sort in sorts(entity)]
    for queue, waits in found.items():
        parts = [
            _COUNTED.format(number=number, rows=sort.entity.rows, only=sort.only, most=most)
            for number, sort in enumerate(known)
        ]
        places = [db.key(queue)] * len(known)
        waits += [(known[number], int(count)) for number, count in db.rows(" UNION ALL ".join(parts), places) if count]
    return {queue: waits for queue, waits in found.items() if waits}


def takeable(waits: Waits, actor: Actor) -> bool:
    """True when the actor may take it."""
    return scope.holds(waits.sort.entity, actor, "change", None, waits.queue, waits.id, given=False)


def _titled(entity: Entity, title: Any) -> str:
    kind: Any = entity.field(entity.title).kind
    return str(kind.label(title)) if hasattr(kind, "label") and title else str(title or entity.label)
