"""What may be told to whom: of a record only to those in whose scope it is, of a bulk change only that it happened."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.events.stream import Fact
from rapport.records import scope
from rapport.records.entity import Entity, registry

Place = tuple[str, str]
# So many at once: a list is better read anew.
FLOOD = 50
SLICE = 500
MOVES = frozenset({"owner", "team", "territory"})


@dataclass(frozen=True, slots=True)
class Told:
    """A change as screens hear of it; ``id`` None: only that records of the entity changed."""

    entity: str
    id: str | None
    version: int | None = None
    operation: str | None = None
    verb: str = "changed"


def visible(entity: Entity, actor: Actor, keys: Collection[str]) -> set[str]:
    """Those of ``keys`` that lie in the actor's scope, binned or not."""
    level = actor.level(entity.key, "view")
    if not level or not keys:
        return set(keys) & {str(actor.id)} if entity.key == "user" else set()
    if level >= 3 or not entity.is_record:
        return set(keys)
    where, places = scope.condition(entity, actor)
    found: set[str] = set()
    for part in _sliced(sorted(keys)):
        sql = f'SELECT t.id FROM "{entity.table}" t WHERE t.id IN ({_places(part)}) AND {where}'
        found |= {str(db.unkey(row[0])) for row in db.rows(sql, [*map(db.key, part), *places])}
    return found


def standing(entity: Entity, actor: Actor, key: str) -> str:
    """How a record stands for the actor: ``"open"``, ``"binned"`` or ``"hidden"``."""
    if key not in visible(entity, actor, {key}):
        return "hidden"
    if not entity.is_record:
        return "open"
    row = db.one(f'SELECT binned_at FROM "{entity.table}" WHERE id = %s', [db.key(key)])
    return "hidden" if row is None else "binned" if row[0] else "open"


def coalesced(facts: Iterable[Fact]) -> list[Fact]:
    """The last of each operation's events on a record; its fields are those of all of them."""
    found: dict[tuple[str, str | None, str], Fact] = {}
    for fact in facts:
        place = (fact.entity, fact.record, fact.operation if fact.record else "")
        old = found.pop(place, None)
        if old and old.fields != fact.fields:
            fields = tuple(dict.fromkeys((*old.fields, *fact.fields)))
            fact = Fact(fact.position, fact.name, fact.entity, fact.record, fact.version, fact.count, fact.operation,
                        fact.actor, fields)  # fmt: skip
        found[place] = fact
    return list(found.values())


def told(fact: Fact) -> Told:
    """A fact as screens hear of it."""
    if fact.record is None:
        return Told(fact.entity, None)
    return Told(fact.entity, fact.record, fact.version, fact.operation, fact.name.rpartition(".")[2])


def above(entity: Entity) -> frozenset[str]:
    """Entities on whose cards records of ``entity`` appear."""
    if "about" in entity.parents:
        return frozenset(known.key for known in registry)
    return frozenset(str(entity.step(path)[0].relation) for path in entity.parents)


def parents(entity: Entity, keys: Collection[str]) -> dict[str, set[Place]]:
    """The records on whose cards each of ``keys`` appears: what the declaration calls its parents."""
    columns, joins, kinds = [], [], []
    for path in entity.parents:
        if path == "about":
            columns += ["t.about_id", "t.about_entity"]
            kinds += ["", ""]
            continue
        known, second = entity.step(path)
        first = known.key
        above = registry.get(str(known.relation))
        column = known.raw("t")
        if second:
            joins.append(f'LEFT JOIN "{above.table}" {first} ON {first}.id = {column}')
            column = f'{first}."{above.every[second].column}"'
            above = registry.get(str(above.every[second].relation))
        columns.append(column)
        kinds.append(above.key)
    found: dict[str, set[Place]] = {}
    for part in _sliced(sorted(keys)) if columns else ():
        source = f'"{entity.table}" t {" ".join(joins)}'
        sql = f"SELECT t.id, {', '.join(columns)} FROM {source} WHERE t.id IN ({_places(part)})"
        for key, *values in db.rows(sql, list(map(db.key, part))):
            found[str(db.unkey(key))] = set(_pairs(kinds, values))
    return found


def _pairs(kinds: list[str], values: list[object]) -> Iterator[Place]:
    """Columns to (entity, id); a pair of columns without a fixed entity is an "about"."""
    at = 0
    while at < len(kinds):
        if kinds[at]:
            if values[at]:
                yield kinds[at], str(db.unkey(values[at]))
            at += 1
            continue
        if values[at] and values[at + 1]:
            yield str(values[at + 1]), str(db.unkey(values[at]))
        at += 2


def _sliced(keys: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(keys), SLICE):
        yield keys[at : at + SLICE]


def _places(keys: list[str]) -> str:
    return ", ".join(["%s"] * len(keys))
