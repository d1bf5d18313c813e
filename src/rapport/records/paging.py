"""The statement that finds a page of a list, compiled once per shape.

Paging is by keyset. A list sorted by an indexed field reads only what it shows, whoever asks: each arm of the
scope is a run of an index, empty values come after the others in a run of their own, and the runs are merged.
Values come in groups (`Values`); the layout of a statement names the groups its places take, in order.
"""

import functools
from dataclasses import dataclass
from typing import Any

JOINS, FILTER, GIVEN, DRESSED, FIRST = range(5)
ALL = "1 = 1"
Part = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Order:
    """One sort: the column as it is compared, whether it may be empty, whether it falls, whether it holds moments."""

    column: str
    nullable: bool
    down: bool
    moments: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the text of the statement depends on; each condition is SQL over ``t``.

    ``given``: a SELECT of few ids, one run more; ``alone``: that run is the only one. ``cursor``: which of its sort
    values are not empty. ``dressed``: the JSON of a row and the joins it needs, made for the rows of the page alone.
    """

    table: str
    sqlite: bool
    dressed: tuple[str, str]
    joins: str
    filter: str
    arms: tuple[str, ...]
    splits: tuple[str, ...]
    given: str | None
    alone: bool
    sorts: tuple[Order, ...]
    indexed: bool
    cursor: tuple[bool, ...] | None
    limit: int

    @property
    def down(self) -> bool:
        """True when equal rows come newest first."""
        return bool(self.sorts) and self.sorts[-1].down


@dataclass(frozen=True, slots=True)
class Section:
    """Runs that are read together: their condition, the order of what they find, the columns of it that an index keeps.

    ``kept`` is empty where all has to be sorted.
    """

    cut: Part
    order: str
    kept: str = ""


@dataclass(slots=True)
class Values:
    """What the places of a statement take, in groups."""

    joins: list[Any]
    filter: list[Any]
    given: list[Any]
    dressed: list[Any]
    cursor: list[Any]
    arms: list[list[Any]]
    splits: list[list[Any]]

    def laid(self, layout: tuple[int, ...]) -> list[Any]:
        """The parameters in the order of the places."""
        fixed = (self.joins, self.filter, self.given, self.dressed)
        groups = [*fixed, *([each] for each in self.cursor), *self.arms, *self.splits]
        return [each for group in layout for each in groups[group]]


@functools.lru_cache(maxsize=500)
def statement(shape: Shape) -> Part:
    """The rows of a page, dressed; the candidates come in order, the outer query only dresses them."""
    sql, layout = _candidates(shape)
    keys = [f"c.k{i}" for i in range(len(shape.sorts))]
    select, joins = shape.dressed
    # Only the last row's become a cursor: no objects are made of moments and days.
    given = [
        f"+{key}" if shape.sqlite else f"{key}::text" if at.moments else key
        for key, at in zip(keys, shape.sorts, strict=True)
    ]
    text = f"""SELECT {", ".join([select, "c.id", *given])}
        FROM ({sql}) c JOIN "{shape.table}" t ON t.id = c.id {joins}
        ORDER BY {_order(shape, keys, "c.id")}"""
    return text, (*layout, DRESSED)


def led_by(table: str, ids: str, sqlite: bool) -> str:
    """The table as ``t``, entered through these ids and no other way, whatever index the order or the scope offers.

    SQLite would rather find each of them by the scope's index than by its key; that index has a name of its own.
    """
    if sqlite:
        by_key = f'"{table}" t INDEXED BY "sqlite_autoindex_{table}_1"'
        return f"(SELECT DISTINCT record FROM ({ids})) g CROSS JOIN {by_key} ON t.id = g.record"
    return f'(SELECT * FROM "{table}" w WHERE w.id = ANY(ARRAY({ids})) OFFSET 0) t'


def _candidates(shape: Shape) -> Part:
    """Ids and sort values of the rows of this page, section after section."""
    found = [_merged(shape, _runs(shape, section), section) for section in _sections(shape)]
    if len(found) == 1:
        return found[0]
    joined = " UNION ALL ".join(f"SELECT * FROM ({sql}) s{i}" for i, (sql, _layout) in enumerate(found))
    return f"SELECT * FROM ({joined}) u LIMIT {shape.limit}", tuple(group for _sql, groups in found for group in groups)


def _runs(shape: Shape, section: Section) -> list[Part]:
    """A run per arm and split."""
    asked = (shape.filter, (FILTER,))
    arms = FIRST + len(shape.cursor or ())
    splits = arms + len(shape.arms)
    if shape.alone:
        return [_run(shape, [(shape.arms[0], (arms,)), asked, section.cut], looked_up=True)]
    runs = [
        _run(shape, [(arm, (arms + a,)), (split, (splits + s,)), asked, section.cut])
        for a, arm in enumerate(shape.arms)
        for s, split in enumerate(shape.splits)
    ]
    if shape.given:  # few: looked up by their keys, then sorted
        runs.append(_run(shape, [asked, section.cut], looked_up=True))
    return runs


def _merged(shape: Shape, runs: list[Part], section: Section) -> Part:
    """The first rows of all runs. Where an index keeps the order, each is read only as far as the page reaches."""
    sqlite_merges = shape.sqlite and section.kept and len(runs) > 1
    ordered = f"ORDER BY {section.order} LIMIT {shape.limit}"
    layout = tuple(group for _sql, groups in runs for group in groups)
    texts = [sql if sqlite_merges else f"{sql} {ordered}" for sql, _layout in runs]
    if len(runs) == 1:
        return texts[0], layout
    apart = len(shape.arms) == 1 and not shape.given  # no row is in two runs
    if sqlite_merges:
        return f"{(' UNION ALL ' if apart else ' UNION ').join(texts)} {ordered}", layout
    distinct = "" if apart else f"DISTINCT ON ({section.kept}) " if section.kept else ""
    word = " UNION ALL " if apart or distinct else " UNION "
    joined = word.join(f"SELECT * FROM ({sql}) r{i}" for i, sql in enumerate(texts))
    return f"SELECT {distinct}* FROM ({joined}) u {ordered}", layout


def _run(shape: Shape, where: list[Part], looked_up: bool = False) -> Part:
    """What a run reads, in no order yet."""
    parts = [part for part in where if part[0] != ALL]
    keys = "".join(f", {sort.column} AS k{i}" for i, sort in enumerate(shape.sorts))
    condition = " AND ".join(sql for sql, _layout in parts) or ALL
    source = led_by(shape.table, shape.given or "", shape.sqlite) if looked_up else f'"{shape.table}" t'
    sql = f"SELECT t.id AS id{keys} FROM {source} {shape.joins} WHERE {condition}"
    head = (GIVEN, JOINS) if looked_up else (JOINS,)
    return sql, head + tuple(group for _sql, layout in parts for group in layout)


def _sections(shape: Shape) -> list[Section]:
    """What to read one after the other: values after the cursor, then empty ones."""
    names = [f"k{i}" for i in range(len(shape.sorts))]
    if len(shape.sorts) != 1 or not shape.indexed:
        return [Section(_after(shape), _order(shape, names, "id"))]
    sort, cursor = shape.sorts[0], shape.cursor
    way, sign = (" DESC", "<") if sort.down else ("", ">")
    value, key = (FIRST,), (FIRST + 1,)
    if sort.column == "t.id":
        return [Section((f"t.id {sign} %s", key) if cursor else (ALL, ()), f"id{way}", "id")]
    found: list[Section] = []
    if cursor is None or cursor[0]:
        cut = f"({sort.column}, t.id) {sign} (%s, %s)" if cursor else ""
        full = f"{sort.column} IS NOT NULL" if sort.nullable else ""
        condition = " AND ".join(part for part in (cut, full) if part) or ALL
        found.append(Section((condition, value + key if cursor else ()), f"k0{way}, id{way}", "k0, id"))
    if sort.nullable:
        resting = cursor is not None and not cursor[0]
        cut = f"{sort.column} IS NULL" + (f" AND t.id {sign} %s" if resting else "")
        found.append(Section((cut, key if resting else ()), f"id{way}", "id"))
    return found


def _after(shape: Shape) -> Part:
    """Rows after the cursor for any combination of sorts, empty values last."""
    if shape.cursor is None:
        return ALL, ()
    terms: list[str] = []
    layout: list[int] = []
    same: list[str] = []
    held: list[int] = []
    for at, (sort, full) in enumerate(zip(shape.sorts, shape.cursor, strict=False), FIRST):
        if not full:
            same.append(f"{sort.column} IS NULL")
            continue
        sign = "<" if sort.down else ">"
        beyond = f"({sort.column} {sign} %s" + (f" OR {sort.column} IS NULL)" if sort.nullable else ")")
        terms.append(" AND ".join([*same, beyond]))
        layout += [*held, at]
        same.append(f"{sort.column} = %s")
        held.append(at)
    terms.append(" AND ".join([*same, f"t.id {'<' if shape.down else '>'} %s"]))
    layout += [*held, FIRST + len(shape.sorts)]
    return "(" + " OR ".join(f"({term})" for term in terms) + ")", tuple(layout)


def _order(shape: Shape, columns: list[str], key: str) -> str:
    parts = []
    for sort, column in zip(shape.sorts, columns, strict=True):
        parts.append(f"{column}{' DESC' if sort.down else ''}{' NULLS LAST' if sort.nullable else ''}")
    if not shape.sorts or shape.sorts[-1].column != "t.id":
        parts.append(f"{key}{' DESC' if shape.down else ''}")
    return ", ".join(parts)
