"""The rules of territories: filters that say which records lie where, asked in order; the first that fits wins.

All are asked at once: one statement says for each of some records which rule it fits first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import as_system, current
from rapport.platform.identity import territories
from rapport.records.entity import Entity, registry
from rapport.records.errors import Bad, BadQuery
from rapport.records.field import Field
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.kinds import FilterKind, Place
from rapport.records.related import reached

TIMELY = ("in_last", "in_next", "this", "last", "next")
PERSONAL = ("me", "my_team", "today")
FIXED = "territory_fixed"


def home() -> Entity:
    """The entity whose records rules put into territories."""
    return next(entity for entity in registry if entity.territory == "own")


def followers() -> list[Entity]:
    """The entities whose records lie in the territory of another."""
    return [entity for entity in registry if entity.territory not in ("", "own")]


class RuleKind(FilterKind):
    """A filter over what territories hold. It asks nothing that changes by itself or with who looks."""

    def parse(self, value: Any, place: Place) -> str | None:
        text = super().parse(value, place)
        if text is not None:
            check(orjson.loads(text))
        return text


def check(tree: Any) -> None:
    """Raise Bad for a filter that is no rule, with what is wrong."""
    entity = home()
    for leaf in leaves(tree):
        told, value = leaf.get("value"), str(leaf.get("field", ""))
        asked = told if isinstance(told, list) else [told]
        if leaf.get("op") in TIMELY or any(each in PERSONAL for each in asked if isinstance(each, str)):
            raise Bad(_("A rule cannot ask for “me” or for days counted from today: it holds for everybody, always."))
        first = value.partition(".")[0]
        if first in ("territory", FIXED) or first in _untold(entity):
            raise Bad(_("A rule cannot ask for “%(name)s”.") % {"name": value})
    try:
        with as_system("a rule is looked at"):
            compile_filter(tree, Joins(entity, current()), place_for(current()))
    except BadQuery as problem:
        raise Bad(problem.detail) from problem


def _untold(entity: Entity) -> set[str]:
    """Fields of which no event tells that they change."""
    kept = {each.field for other in registry for each in other.keeps_latest if each.on == entity.key}
    return {*kept, "updated_at", "version"}


def leaves(tree: Any) -> Iterator[dict[str, Any]]:
    """The conditions of a filter tree."""
    if not isinstance(tree, dict):
        return
    for word in ("and", "or"):
        for part in tree.get(word) or ():
            yield from leaves(part)
    if "not" in tree:
        yield from leaves(tree["not"])
    if "field" in tree:
        yield tree


def trees() -> dict[str, Any]:
    """Territory -> rule, in the order in which they are asked; those without rule are left out."""
    return {key: orjson.loads(place.rule) for key, place in territories.held().items() if place.rule}


class Asked:
    """All rules as one question: ``sql`` gives the place of the first that fits, over ``t`` and ``joins``.

    Opened as the system, since rules go past what anybody sees. A rule that is no longer understood (a field of it
    lies in the bin) lets nobody in and nobody out.
    """

    def __init__(self) -> None:
        self.entity, actor = home(), current()
        self.keys: list[str] = []
        self.broken: dict[str, str] = {}
        self.names: set[str] = set()
        self.joins = Joins(self.entity, actor)
        self.params: list[Any] = []
        parts, place = [], place_for(actor)
        for key, tree in trees().items():
            try:
                made = dict(self.joins.made), list(self.joins.params)
                sql, params = compile_filter(tree, self.joins, place)
            except BadQuery as problem:
                self.joins.made, self.joins.params = made
                self.broken[key] = problem.detail
                sql, params = "t.territory_id = %s", [db.key(key)]
            else:
                self.names |= {str(leaf["field"]) for leaf in leaves(tree)}
            parts.append(f"WHEN {sql} THEN {len(self.keys)}")
            self.keys.append(key)
            self.params += params
        self.sql = f"CASE {' '.join(parts)} END" if parts else "NULL"

    def fitting(self, keys: Sequence[str]) -> dict[str, str | None]:
        """Record -> the territory that rules put it into, None where none fits."""
        return {key: right for key, right, _was, _fixed in self._rows(f"t.id IN ({_marks(keys)})", map(db.key, keys))}

    def astray(self, keys: Sequence[str]) -> list[str]:
        """Those of some records that rules put elsewhere."""
        found = self._rows(f"t.id IN ({_marks(keys)}) AND t.binned_at IS NULL", map(db.key, keys))
        return [key for key, right, was, fixed in found if right != was and not fixed]

    def page(self, last: str | None, size: int) -> tuple[list[str], str | None, int]:
        """Of the next ``size`` records in order those that rules put elsewhere; the last looked at, and how many."""
        later, places = ("", []) if last is None else (" AND t.id > %s", [db.key(last)])
        found = list(self._rows(f"t.binned_at IS NULL{later}", places, f" ORDER BY t.id LIMIT {size}"))
        wrong = [key for key, right, was, fixed in found if right != was and not fixed]
        return wrong, found[-1][0] if found else None, len(found)

    def _rows(
        self, where: str, places: Iterable[Any], tail: str = ""
    ) -> Iterator[tuple[str, str | None, str | None, bool]]:  # fmt: skip
        sql = f"""SELECT t.id, {self.sql}, t.territory_id, t.territory_fixed FROM "{self.entity.table}" t
                  {self.joins.text} WHERE {where}{tail}"""
        for key, at, was, fixed in db.rows(sql, [*self.params, *self.joins.params, *places]):
            yield str(db.unkey(key)), None if at is None else self.keys[at], db.unkey(was), bool(fixed)

    def ways(self) -> list[tuple[tuple[Field, ...], Entity, str]]:
        """(Relations, the entity they lead to, its field) of everything that rules ask of related records."""
        found = []
        for name in sorted(self.names):
            way, entity, known = reached(self.entity, name)
            for at in range(1, len(way)):
                found.append((way[:at], registry.get(str(way[at - 1].relation)), way[at].name))
            if way:
                found.append((way, entity, known.name))
        return found

    def reads(self) -> set[str]:
        """The fields of the records themselves that rules look at."""
        return {self.entity.step(name)[0].name for name in self.names}


def naming(way: Sequence[Field], keys: Sequence[str]) -> tuple[str, list[Any]]:
    """The records (as ``t``) that lead to some others over these relations, as a condition."""
    sql, places = _marks(keys), [db.key(key) for key in keys]
    for at, known in reversed(list(enumerate(way))):
        alias = "t" if at == 0 else f"m{at}"
        if known.mark is None:
            found = f'{alias}."{known.column}" IN ({sql})'
        else:
            held = f"SELECT c.record FROM custom_value c WHERE c.field = {known.mark} AND c.key IN ({sql})"
            found = f"{alias}.id IN ({held})"
        if at:
            holder = registry.get(str(way[at - 1].relation))
            found = f'SELECT {alias}.id FROM "{holder.table}" {alias} WHERE {found}'
        sql = found
    return sql, places


def _marks(keys: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(keys))
