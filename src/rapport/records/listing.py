"""One list, compiled: scope, filter, sort and cursor become SQL.

Paging is by keyset. A list sorted by an indexed field reads only what it shows, whoever asks: each arm of the
scope is a run of an index, empty values come after the others in a run of their own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import cursors, scope, shape, shared, tagging
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.kinds import AboutKind, ChoiceKind, Kind, LongTextKind, MultiChoiceKind, Place, TagsKind, TextKind

SORTABLE = 10_000


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


@dataclass(slots=True)
class _Sort:
    column: str
    nullable: bool
    down: bool
    kind: Kind


class Plan:
    """One list, being compiled."""

    def __init__(self, query: Query, actor: Actor) -> None:
        self.query, self.entity, self.actor = query, query.entity, actor
        self.place: Place = place_for(actor)
        self.joins = Joins(query.entity, actor)
        self.names = names_of(query)
        self.sorts, self.sort_text = self._sorts()
        self.filter, self.params = self._filter()
        self.few = query.among or (tagging.rare(query.filter, actor) if self.entity.has_tags else None)

    def _sorts(self) -> tuple[list[_Sort], str]:
        wanted = [name for name in (self.query.sort or [self.entity.default_sort]) if name]
        found = []
        for name in wanted:
            down = name.startswith("-")
            plain = name.removeprefix("-")
            if plain == "created_at":
                found.append(_Sort("t.id", False, down, self.entity.field("id").kind))
                continue
            column, known = self.joins.column(plain)
            if isinstance(known.kind, MultiChoiceKind | AboutKind | LongTextKind | TagsKind):
                raise BadQuery(f"{self.entity.plural} cannot be sorted by “{plain}”.")
            raw = known.compare == known.column
            column, kind = known.kind.sorting(column)
            if raw and not self.place.sqlite and isinstance(kind, TextKind | ChoiceKind):
                column = f'{column} COLLATE "C"'  # bytewise, as SQLite does, whatever the server's locale
            found.append(_Sort(column, known.nullable or not raw or "." in plain, down, kind))
        return found, ",".join(wanted)

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
        limit = self.query.limit
        cursor = self._cursor()
        arms = self._arms()
        self.splits = self._splits(arms)
        if not self.indexed:
            self._guard_size()
        sql, params = self._candidates(arms, cursor, limit + 1)
        select, joins = self.select()
        keys = [f"c.k{i}" for i in range(len(self.sorts))]
        # The candidates come in order; the outer query only dresses them.
        text = f"""SELECT {", ".join([select, "c.id", *keys])}
            FROM ({sql}) c JOIN "{self.entity.table}" t ON t.id = c.id {joins}
            ORDER BY {self._order(keys, "c.id")}"""
        found = db.rows(text, params)
        more = len(found) > limit
        found = found[:limit]
        rows = [row[0].encode() if isinstance(row[0], str) else row[0] for row in found]
        return Page(rows, self._next(found[-1]) if more else None)

    def _arms(self) -> list[scope.Arm] | None:
        """The runs that the scope is read in. What is asked to be one's own lies in one of them alone."""
        arms = scope.arms(self.entity, self.actor, self.query.verb)
        if arms is None or not self.entity.is_record:
            return arms
        if self.query.few:
            return [scope.condition(self.entity, self.actor, self.query.verb)]
        return arms[:1] if _fixed(self.query.filter, "owner") in ("me", self.actor.id) else arms

    def select(self) -> tuple[str, str]:
        """(JSON text of a row, joins it needs)."""
        made, joins = shape.select(self.entity, self.names, self.query.expand, self.place.sqlite)
        return (made if self.place.sqlite else f"{made}::text"), joins

    def source(self) -> tuple[str, list[Any]]:
        """FROM and WHERE of everything in scope that fits the filter."""
        where, places = scope.condition(self.entity, self.actor, self.query.verb)
        sql = f'FROM "{self.entity.table}" t {self.joins.text} WHERE {self.filter} AND {where}'
        return sql, [*self.joins.params, *self.params, *places]

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
        source, places = self._led_by(given) if given else (f'"{self.entity.table}" t', [])
        sql = f"SELECT {columns} FROM {source} {self.joins.text} WHERE {' AND '.join(where)}"
        return sql, [*places, *self.joins.params, *params]

    def count(self, most: int | None = None) -> int:
        """How many rows; ``most`` stops counting there."""
        found, params = self.counted()
        row = db.one(f"SELECT count(*) FROM ({found}{'' if most is None else f' LIMIT {most}'}) n", params)
        return int(row[0]) if row else 0

    def _order(self, columns: list[str], key: str) -> str:
        parts = []
        for sort, column in zip(self.sorts, columns, strict=True):
            way = " DESC" if sort.down else ""
            if sort.nullable:
                parts.append(f"({column} IS NULL)")
            parts.append(f"{column}{way}")
        way = " DESC" if self.sorts and self.sorts[-1].down else ""
        if not self.sorts or self.sorts[-1].column != "t.id":
            parts.append(f"{key}{way}")
        return ", ".join(parts)

    def _candidates(self, arms: list[scope.Arm] | None, cursor: list[Any] | None, limit: int) -> tuple[str, list[Any]]:
        """Ids and sort values of the rows of this page: one run per arm and section, merged."""
        if self.few:
            return self._looked_up(self.few, cursor, limit)
        runs: list[tuple[str, list[Any]]] = []
        given = None if arms is None else shared.ids(self.entity, self.actor, self.query.verb)
        for arm, places in [("1 = 1", [])] if arms is None else arms:
            for split, value in self.splits:
                for section, cut, most in self._sections(cursor):
                    where = [part for part in (arm, split, self.filter, section) if part != "1 = 1"]
                    runs.append(self._run(where, [*places, *value, *self.params, *cut], most, limit))
        if given:  # few: looked up by their keys, then sorted
            for section, cut, most in self._sections(cursor):
                where = [part for part in (self.filter, section) if part != "1 = 1"]
                runs.append(self._run(where, [*self.params, *cut], most, limit, given))
        if len(runs) == 1:
            return runs[0]
        one_arm = (arms is None or len(arms) == 1) and not given
        word = "UNION ALL" if one_arm else "UNION"
        one_arm = one_arm and len(self.splits) == 1
        joined = f" {word} ".join(f"SELECT * FROM ({sql}) r{i}" for i, (sql, _p) in enumerate(runs))
        params = [place for _sql, places in runs for place in places]
        names = [f"k{i}" for i in range(len(self.sorts))]
        order = "" if one_arm else f" ORDER BY {self._order(names, 'id')}"
        return f"SELECT * FROM ({joined}) u{order} LIMIT {limit}", params

    def _looked_up(self, few: shared.Ids, cursor: list[Any] | None, limit: int) -> tuple[str, list[Any]]:
        """The page out of a few ids that the filter leaves: looked up by their keys, then sorted."""
        where, places = scope.condition(self.entity, self.actor, self.query.verb)
        runs = [
            self._run([where, self.filter, section], [*places, *self.params, *cut], most, limit, few)
            for section, cut, most in self._sections(cursor)
        ]
        joined = " UNION ALL ".join(f"SELECT * FROM ({sql}) r{i}" for i, (sql, _p) in enumerate(runs))
        return f"SELECT * FROM ({joined}) u LIMIT {limit}", [each for _sql, held in runs for each in held]

    def _splits(self, arms: list[scope.Arm] | None) -> list[scope.Arm]:
        """One run per value of the choice that leads the indexes, unless the query fixes it (or reads by key alone)."""
        name = self.entity.split
        whole: list[scope.Arm] = [("1 = 1", [])]
        if name is None or not self.indexed or self.query.ordered or self.query.binned:
            return whole
        if arms is None and self.sorts[0].column == "t.id" or _fixes(self.query.filter, name):
            return whole
        column = self.entity.field(name).column
        if any(sql.startswith((f"t.{column} =", f't."{column}" =')) for sql, _places in self.query.where):
            return whole
        kind: Any = self.entity.field(name).kind
        return [(f't."{column}" = %s', [value]) for value, _label in kind.choices]

    def _run(
        self, where: list[str], params: list[Any], order: str, limit: int, given: shared.Ids | None = None
    ) -> tuple[str, list[Any]]:  # fmt: skip
        """One ordered run; ``given``: a SELECT of the only ids that are looked at."""
        keys = "".join(f", {sort.column} AS k{i}" for i, sort in enumerate(self.sorts))
        condition = " AND ".join(where) or "1 = 1"
        source, places = self._led_by(given) if given else (f'"{self.entity.table}" t', [])
        sql = f"""SELECT t.id AS id{keys} FROM {source} {self.joins.text}
                  WHERE {condition} ORDER BY {order} LIMIT {limit}"""
        return sql, [*places, *self.joins.params, *params]

    def _led_by(self, given: shared.Ids) -> tuple[str, list[Any]]:
        """The table, entered through these ids and no other way, whatever index the order would offer."""
        table, (ids, places) = self.entity.table, given
        if self.place.sqlite:
            return f'(SELECT DISTINCT record FROM ({ids})) g CROSS JOIN "{table}" t ON t.id = g.record', places
        rows = f'SELECT * FROM "{table}" w WHERE w.id = ANY(ARRAY({ids})) OFFSET 0'
        return f"({rows}) t", places

    def _sections(self, cursor: list[Any] | None) -> list[tuple[str, list[Any], str]]:
        """(condition, parameters, order) of the runs to read: values after the cursor, then empty ones."""
        if len(self.sorts) != 1 or not self.indexed:
            cut, places = self._after(cursor)
            return [(cut, places, self._order([sort.column for sort in self.sorts], "t.id"))]
        sort = self.sorts[0]
        way, sign = (" DESC", "<") if sort.down else ("", ">")
        if sort.column == "t.id":
            cut = f"t.id {sign} %s" if cursor else "1 = 1"
            return [(cut, [self._key(cursor[-1])] if cursor else [], f"t.id{way}")]
        found = []
        order = f"{sort.column}{way}, t.id{way}"
        if cursor is None or cursor[0] is not None:
            cut = f"({sort.column}, t.id) {sign} (%s, %s)" if cursor else "1 = 1"
            places = [cursor[0], self._key(cursor[-1])] if cursor else []
            if sort.nullable:
                cut = f"{cut} AND {sort.column} IS NOT NULL" if cursor else f"{sort.column} IS NOT NULL"
            found.append((cut, places, order))
        if sort.nullable:
            resting = cursor is not None and cursor[0] is None
            cut = f"{sort.column} IS NULL" + (f" AND t.id {sign} %s" if resting else "")
            found.append((cut, [self._key(cursor[-1])] if resting and cursor else [], f"t.id{way}"))
        return found

    def _after(self, cursor: list[Any] | None) -> tuple[str, list[Any]]:
        """Rows after the cursor for any combination of sorts, empty values last."""
        if cursor is None:
            return "1 = 1", []
        terms, params = [], []
        same: list[str] = []
        held: list[Any] = []
        down = self.sorts[-1].down
        for sort, value in zip(self.sorts, cursor, strict=False):
            sign = "<" if sort.down else ">"
            if value is not None:
                beyond = f"({sort.column} {sign} %s" + (f" OR {sort.column} IS NULL)" if sort.nullable else ")")
                terms.append(" AND ".join([*same, beyond]))
                params += [*held, value]
                same.append(f"{sort.column} = %s")
                held.append(value)
            else:
                same.append(f"{sort.column} IS NULL")
        terms.append(" AND ".join([*same, f"t.id {'<' if down else '>'} %s"]))
        params += [*held, self._key(cursor[-1])]
        return "(" + " OR ".join(f"({term})" for term in terms) + ")", params

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

    def _key(self, text: Any) -> Any:
        return db.key(text)

    def _mark(self) -> str:
        return hashlib.sha256(f"{self.entity.key}|{self.sort_text}".encode()).hexdigest()[:8]

    def _cursor(self) -> list[Any] | None:
        if not self.query.after:
            return None
        values = cursors.unpack(self.query.after, self._mark(), [sort.kind for sort in self.sorts], self.place)
        for at, sort in enumerate(self.sorts):
            if sort.column == "t.id":
                values[at] = self._key(values[-1])
        return values

    def _next(self, row: Sequence[Any]) -> str:
        return cursors.pack(self._mark(), row[2:], row[1])


def names_of(query: Query) -> tuple[str, ...]:
    if not query.fields:
        return query.entity.usual
    names = []
    for name in dict.fromkeys(["id", *query.fields]):
        if name == "address":
            names += [each for each in query.entity.fields if each.startswith("address.")]
        else:
            names.append(query.entity.field(name).name)
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
