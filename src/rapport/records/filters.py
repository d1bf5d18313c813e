"""The filter language: one tree for API, screens, import and segments.

``{"and": [{"field": "stage", "op": "in", "value": […]}, {"or": […]}, {"not": {…}}]}``; a field may be related:
``party.industry``, ``party.company.industry``. Everything unknown is answered with what is known.
"""

from dataclasses import dataclass, field
from typing import Any

from rapport.platform.actor import Actor
from rapport.records import scope, tagging
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Bad, BadQuery
from rapport.records.kinds import AboutKind, Place, TagsKind
from rapport.records.related import reached

DEEPEST, WIDEST = 6, 100


@dataclass(slots=True)
class Joins:
    """LEFT JOINs that a query needs, each relation once; related rows are joined within the actor's scope.

    ``verb``: what is done with them; ``mark``: what their aliases begin with.
    """

    entity: Entity
    actor: Actor
    verb: str = "view"
    mark: str = "j"
    made: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)
    params: list[Any] = field(default_factory=list)

    def column(self, name: str, *, raw: bool = False) -> tuple[str, Field]:
        """The qualified column of a field of the entity or of a related one; ``raw``: the stored, not the compared."""
        alias, _entity, known = self.reach(name)
        return known.raw(alias) if raw else known.compared(alias), known

    def reach(self, name: str) -> tuple[str, Entity, Field]:
        """(Alias of the rows that hold a field, their entity, the field there) of a name, own or over relations."""
        way, entity, known = reached(self.entity, name)
        alias = "t"
        for at, through in enumerate(way, 1):
            alias = self._joined(through, alias, tuple(each.name for each in way[:at]))
        return alias, entity, known

    def _joined(self, through: Field, outer: str, path: tuple[str, ...]) -> str:
        """The alias under which the records are joined that ``through`` of ``outer`` points to."""
        if path not in self.made:
            related, alias = registry.get(str(through.relation)), f"{self.mark}{len(self.made)}"
            verb = self.verb if related.is_record and not related.configuration else "view"
            where, places = scope.condition(related, self.actor, verb, alias)
            on = f"{alias}.id = {through.raw(outer)} AND {where}"
            self.made[path] = alias, f'LEFT JOIN "{related.table}" {alias} ON {on}'
            self.params += places
        return self.made[path][0]

    @property
    def text(self) -> str:
        return " ".join(sql for _alias, sql in self.made.values())


def compile_filter(tree: Any, joins: Joins, place: Place, depth: int = 0) -> tuple[str, list[Any]]:
    """SQL and parameters of a filter tree; raises BadQuery with what would have been understood."""
    if tree in (None, {}, []):
        return "1 = 1", []
    if not isinstance(tree, dict) or depth > DEEPEST:
        raise BadQuery('A filter is an object: {"field", "op", "value"}, {"and": […]}, {"or": […]} or {"not": {…}}.')
    for word in ("and", "or"):
        if word in tree:
            return _group(word, tree, joins, place, depth)
    if "not" in tree:
        if len(tree) != 1:
            raise BadQuery("“not” takes one filter and stands alone.")
        sql, params = compile_filter(tree["not"], joins, place, depth + 1)
        return f"(({sql}) IS NOT TRUE)", params
    return _leaf(tree, joins, place)


def _group(word: str, tree: dict[str, Any], joins: Joins, place: Place, depth: int) -> tuple[str, list[Any]]:
    parts = tree[word]
    if len(tree) != 1 or not isinstance(parts, list) or not parts or len(parts) > WIDEST:
        raise BadQuery(f"“{word}” takes a list of 1 to {WIDEST} filters and stands alone.")
    compiled = [compile_filter(part, joins, place, depth + 1) for part in parts]
    return "(" + f" {word.upper()} ".join(sql for sql, _p in compiled) + ")", [x for _s, p in compiled for x in p]


def _leaf(tree: dict[str, Any], joins: Joins, place: Place) -> tuple[str, list[Any]]:
    name, op = tree.get("field"), tree.get("op", "eq")
    if not isinstance(name, str) or set(tree) - {"field", "op", "value"}:
        raise BadQuery("A condition has “field”, “op” and “value”.")
    column, known = joins.column(name)
    value = tree.get("value", True if op == "is_empty" else None)
    if any(isinstance(each, str) and "\x00" in each for each in (value if isinstance(value, list) else [value])):
        raise BadQuery("A value cannot hold the character NUL.")
    if op not in known.kind.ops:
        raise BadQuery(
            f"“{name}” cannot be asked “{op}”. It knows: {', '.join(known.kind.ops)}.",
            errors=[{"field": name, "code": "unknown_operator", "message": ", ".join(known.kind.ops)}],
            operators=list(known.kind.ops),
        )
    try:
        if isinstance(known.kind, AboutKind) and op == "eq":
            return _about(column.partition(".")[0], value, known, place)
        if isinstance(known.kind, TagsKind):
            return tagging.where(column.partition(".")[0], op, value, joins.actor)
        return known.kind.where(column, op, value, place)
    except Bad as bad:
        raise BadQuery(f"{name}: {bad}", errors=[{"field": name, "code": bad.code, "message": str(bad)}]) from bad


def _about(alias: str, value: Any, known: Field, place: Place) -> tuple[str, list[Any]]:
    parsed = known.kind.parse(value, place)
    if parsed is None:
        return f"{alias}.about_id IS NULL", []
    key = bytes.fromhex(parsed["id"]) if place.sqlite else parsed["id"]
    return f"({alias}.about_entity = %s AND {alias}.about_id = %s)", [parsed["entity"], key]
