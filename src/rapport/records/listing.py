"""One list as asked: scope, filter, sort and cursor become conditions and values; `paging` makes the statement."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import cursors, custom, paging, related, scope, shape, shared, tagging
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.kinds import (
    AboutKind,
    ChoiceKind,
    Kind,
    LongTextKind,
    MomentKind,
    MultiChoiceKind,
    Place,
    TagsKind,
    TextKind,
)

SORTABLE = 10_000
Dressed = tuple[str, str, list[Any]]  # SQL of what a row gives, joins it needs, their parameters
GROUPS = ("address", "custom")  # names that stand for all fields within them


@dataclass(slots=True)
class Query:
    """A list as asked: a filter tree, sorts (``-name`` for descending), fields, limit, cursor.

    ``where``: conditions of our own code, in SQL over ``t``; ``ordered``: with them an index gives the order of
    the one sort; ``few``: they leave so few rows that the scope is looked at row by row; ``among``: a SELECT of the
    only ids that are looked at (as ``record``), few of them.
    """

    entity: Entity
    filter: Any = None
    sort: Sequence[str] = ()
    fields: Sequence[str] = ()
    limit: int = 50
    after: str | None = None
    binned: bool = False
    expand: bool = False
    verb: str = "view"
    ordered: bool = False
    few: bool = False
    among: shared.Ids | None = None
    where: list[tuple[str, list[Any]]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """Rows as JSON texts, and the cursor of the next page."""

    rows: list[bytes]
    next: str | None

    def items(self) -> list[dict[str, Any]]:
        """The rows as Python values."""
        return [orjson.loads(row) for row in self.rows]


class Plan:
    """One list, being compiled."""

    def __init__(self, query: Query, actor: Actor) -> None:
        self.query, self.entity, self.actor = query, query.entity, actor
        self.place: Place = place_for(actor)
        self.joins = Joins(query.entity, actor)
        self.names = names_of(query)
        self.sorts: list[paging.Order] = []
        self.sorted_by: list[Kind] = []
        self.sort_text = self._sorts()
        self.filter, self.params = self._filter()
        self.few = query.among or self._rare()

    def _rare(self) -> shared.Ids | None:
        """A SELECT of the few ids that the filter can let through because of one thing it asks for."""
        found = tagging.rare(self.query.filter, self.actor) if self.entity.has_tags else None
        return found or custom.rare(self.query.filter, self.entity, self.place)

    def _sorts(self) -> str:
        wanted = [name for name in (self.query.sort or [self.entity.default_sort]) if name]
        for name in wanted:
            down = name.startswith("-")
            plain = name.removeprefix("-")
            if plain == "created_at":
                self.sorts.append(paging.Order("t.id", False, down))
                self.sorted_by.append(self.entity.field("id").kind)
                continue
            column, known = self.joins.column(plain)
            if isinstance(known.kind, MultiChoiceKind | AboutKind | LongTextKind | TagsKind):
                raise BadQuery(f"{self.entity.plural} cannot be sorted by “{plain}”.")
            raw = known.compare == known.column
            column, kind = known.kind.sorting(column)
            if raw and not self.place.sqlite and isinstance(kind, TextKind | ChoiceKind):
                column = f'{column} COLLATE "C"'  # bytewise, as SQLite does, whatever the server's locale
            nullable = known.nullable or not raw or "." in plain
            self.sorts.append(paging.Order(column, nullable, down, isinstance(kind, MomentKind)))
            self.sorted_by.append(kind)
        return ",".join(wanted)

    def _filter(self) -> tuple[str, list[Any]]:
        sql, params = compile_filter(self.query.filter, self.joins, self.place)
        parts, places = [sql], list(params)
        if self.entity.is_record:
            parts.append("t.binned_at IS NOT NULL" if self.query.binned else "t.binned_at IS NULL")
        for extra, more in self.query.where:
            parts.append(extra)
            places += more
        return " AND ".join(part for part in parts if part != "1 = 1") or "1 = 1", places

    @property
    def indexed(self) -> bool:
        """True when one index gives the order."""
        if len(self.sorts) != 1:
            return False
        if self.query.ordered:
            return True
        name = self.sort_text.removeprefix("-")
        return name in self.entity.indexed_sorts

    def run(self) -> Page:
        """One page, its rows in order."""
        limit = self.query.limit
        found = db.rows(*self.statement(self.select(), limit + 1))
        more = len(found) > limit
        found = found[:limit]
        rows = [row[0].encode() if isinstance(row[0], str) else row[0] for row in found]
        return Page(rows, self._next(found[-1]) if more else None)

    def statement(self, dressed: Dressed, limit: int) -> tuple[str, list[Any]]:
        """SQL for the first rows in order, ``dressed`` as asked, with its parameters."""
        cursor = self._cursor()
        arms = self._arms()
        splits = self._splits(arms)
        if not self.indexed:
            self._guard_size()
        given = self.few
        if given is None and arms is not None:
            given = shared.ids(self.entity, self.actor, self.query.verb)
        arms = [(paging.ALL, [])] if arms is None else arms
        made, dressing, held = dressed
        text, layout = paging.statement(
            paging.Shape(
                table=self.entity.table,
                sqlite=self.place.sqlite,
                dressed=(made, dressing),
                joins=self.joins.text,
                filter=self.filter,
                arms=tuple(sql for sql, _held in arms),
                splits=tuple(sql for sql, _held in splits),
                given=given and given[0],
                alone=self.few is not None,
                sorts=tuple(self.sorts),
                indexed=self.indexed,
                cursor=None if cursor is None else tuple(value is not None for value in cursor),
                limit=limit,
            )
        )
        values = paging.Values(
            self.joins.params,
            self.params,
            given[1] if given else [],
            held,
            cursor or [],
            [held for _sql, held in arms],
            [held for _sql, held in splits],
        )
        return text, values.laid(layout)

    def _arms(self) -> list[scope.Arm] | None:
        """The runs that the scope is read in. What is asked to be one's own lies in one of them alone."""
        arms = scope.arms(self.entity, self.actor, self.query.verb)
        if arms is None or not (self.entity.is_record or self.few):
            return arms
        if self.query.few or self.few:
            return [scope.condition(self.entity, self.actor, self.query.verb)]
        return arms[:1] if _fixed(self.query.filter, "owner") in ("me", self.actor.id) else arms

    def select(self) -> Dressed:
        """(JSON text of a row, joins it needs, their parameters)."""
        joins = self.further()
        made, text, held = shape.select(self.entity, self.names, self.query.expand, self.place, joins)
        return (f"CAST({made} AS BLOB)" if self.place.sqlite else f"{made}::text"), text, held

    def further(self) -> Joins:
        """Joins of related records that are made for the rows that are shown, not to find them."""
        return Joins(self.entity, self.actor, self.query.verb, "d")

    def source(self, dressing: str = "", held: Sequence[Any] = ()) -> tuple[str, list[Any]]:
        """FROM and WHERE of everything in scope that fits the filter; ``dressing``: further joins."""
        where, places = scope.condition(self.entity, self.actor, self.query.verb)
        joins = f"{self.joins.text} {dressing}"
        sql = f'FROM "{self.entity.table}" t {joins} WHERE {self.filter} AND {where}'
        return sql, [*self.joins.params, *held, *self.params, *places]

    def counted(self, columns: str = "1 AS one") -> tuple[str, list[Any]]:
        """A SELECT of ``columns`` of the same rows, each part of the scope by its own index."""
        if self.few:
            where, places = scope.condition(self.entity, self.actor, self.query.verb)
            return self._picked(columns, [where, self.filter], [*places, *self.params], self.few)
        arms = scope.parts(self.entity, self.actor, self.query.verb) if self.place.sqlite else None
        given = shared.ids(self.entity, self.actor, self.query.verb)
        if arms is None or self.query.few or (len(arms) == 1 and given is None):
            source, params = self.source()
            return f"SELECT {columns} {source}", params
        found = [self._picked(columns, [sql, self.filter], [*held, *self.params]) for sql, held in arms]
        if given:
            others, held = scope.besides(scope.arms(self.entity, self.actor, self.query.verb) or [])
            found.append(self._picked(columns, [others, self.filter], [*held, *self.params], given))
        return " UNION ALL ".join(sql for sql, _held in found), [each for _sql, held in found for each in held]

    def _picked(
        self, columns: str, where: list[str], params: list[Any], given: shared.Ids | None = None
    ) -> tuple[str, list[Any]]:  # fmt: skip
        table = self.entity.table
        source, places = f'"{table}" t', []
        if given:
            source, places = paging.led_by(table, given[0], self.place.sqlite), given[1]
        sql = f"SELECT {columns} FROM {source} {self.joins.text} WHERE {' AND '.join(where)}"
        return sql, [*places, *self.joins.params, *params]

    def count(self, most: int | None = None) -> int:
        """How many rows; ``most`` stops counting there."""
        found, params = self.counted()
        row = db.one(f"SELECT count(*) FROM ({found}{'' if most is None else f' LIMIT {most}'}) n", params)
        return int(row[0]) if row else 0

    def _splits(self, arms: list[scope.Arm] | None) -> list[scope.Arm]:
        """One run per value of the choice that leads the indexes, unless the query fixes it (or reads by key alone)."""
        name = self.entity.split
        whole: list[scope.Arm] = [(paging.ALL, [])]
        if name is None or not self.indexed or self.query.ordered or self.query.binned:
            return whole
        if arms is None and self.sorts[0].column == "t.id" or _fixes(self.query.filter, name):
            return whole
        column = self.entity.field(name).column
        if any(sql.startswith((f"t.{column} =", f't."{column}" =')) for sql, _places in self.query.where):
            return whole
        kind: Any = self.entity.field(name).kind
        return [(f't."{column}" = %s', [value]) for value, _label in kind.choices]

    def _guard_size(self) -> None:
        """A sort without an index serves small results; above that a filter is asked for."""
        counted = self.count(most=SORTABLE + 1)
        if counted > SORTABLE:
            names = ", ".join(self.entity.sorts)
            raise BadQuery(
                f"More than {SORTABLE:,} {self.entity.plural} cannot be sorted by “{self.sort_text}”; "
                f"filter them, or sort by {names}.",
                sorts=list(self.entity.sorts),
            )

    def _mark(self) -> str:
        return hashlib.sha256(f"{self.entity.key}|{self.sort_text}".encode()).hexdigest()[:8]

    def _cursor(self) -> list[Any] | None:
        """The sort values to go on after, and the key; as the database takes them."""
        if not self.query.after:
            return None
        values = cursors.unpack(self.query.after, self._mark(), self.sorted_by, self.place)
        key = db.key(values.pop())
        return [*(key if sort.column == "t.id" else value for sort, value in zip(self.sorts, values, strict=True)), key]

    def _next(self, row: Sequence[Any]) -> str:
        return cursors.pack(self._mark(), row[2:], row[1])


def names_of(query: Query) -> tuple[str, ...]:
    """The fields that a query gives, of the record and of what it is related to."""
    if not query.fields:
        return query.entity.fields.usual
    names = []
    for name in dict.fromkeys(["id", *query.fields]):
        if name in GROUPS:
            names += [each for each in query.entity.fields if each.startswith(f"{name}.")]
        else:
            names.append(related.field_of(query.entity, name).name)
    return tuple(names)


def _fixes(tree: Any, name: str) -> bool:
    """True when a filter lets only one value of ``name`` through."""
    return _fixed(tree, name) is not None


def _fixed(tree: Any, name: str) -> Any:
    """The only value of ``name`` that a filter lets through; None where it names none."""
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("and"), list):
        return next((found for part in tree["and"] if (found := _fixed(part, name)) is not None), None)
    return tree.get("value") if tree.get("field") == name and tree.get("op", "eq") == "eq" else None
