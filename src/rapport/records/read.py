"""Lists, single records, counts and aggregates, the JSON made by the database."""

from collections.abc import Generator, Sequence
from typing import Any

from rapport.platform import db, money
from rapport.platform.actor import as_system, current
from rapport.records import scope, shape
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, NotFound, Unseen
from rapport.records.filters import Joins
from rapport.records.kinds import ChoiceKind, Place, TextKind
from rapport.records.listing import Page, Plan, Query, names_of

__all__ = ["Page", "Query", "aggregate", "count", "everything", "one", "page", "tally", "written"]
MOST = 1000
GROUPS = 10_000


def page(query: Query) -> Page:
    """One page of a list."""
    if not 1 <= query.limit <= MOST:
        raise BadQuery(f"“limit” is a number from 1 to {MOST}.")
    return Plan(query, current()).run()


def everything(query: Query) -> Generator[bytes, None, None]:
    """All rows of a list in the order of their keys, in constant memory (exports)."""
    query.sort = ("created_at",)
    query.fields = query.fields or tuple(query.entity.fields)
    plan = Plan(query, current())
    select, joins, held = plan.select()
    source, params = plan.source(joins, held)
    for (row,) in db.stream(f"SELECT {select} {source} ORDER BY t.id", params):
        yield row.encode() if isinstance(row, str) else row


def one(entity: Entity, key: str, *, fields: Sequence[str] = (), expand: bool = False, binned: bool = False) -> bytes:
    """One record as JSON; raises NotFound also outside the scope."""
    actor = current()
    names = names_of(Query(entity, fields=fields)) if fields else tuple(entity.fields)
    place = Place(sqlite=db.is_sqlite())
    select, joins, held = shape.select(entity, names, expand, place, Joins(entity, actor, mark="d"))
    where, places = scope.condition(entity, actor)
    live = "" if binned or not entity.is_record else " AND t.binned_at IS NULL"
    cast = "" if place.sqlite else "::text"
    sql = f'SELECT {select}{cast} FROM "{entity.table}" t {joins} WHERE t.id = %s AND {where}{live}'
    row = db.one(sql, [*held, db.key(key), *places])
    if row is None:
        raise Unseen(f"There is no {str(entity.label).lower()} {key}.")
    return row[0].encode() if isinstance(row[0], str) else bytes(row[0])


def written(entity: Entity, key: str) -> bytes:
    """A record as it is stored after a write to it."""
    try:
        return one(entity, key)
    except NotFound:  # he gave it away with this very write
        with as_system("the answer to a write that took the record out of the writer's scope"):
            return one(entity, key)


def count(query: Query, *, most: int | None = None) -> int:
    """How many rows; ``most`` stops counting there."""
    return Plan(query, current()).count(most)


def tally(query: Query, total: str, most: int) -> tuple[int, int]:
    """How many rows and, of a money field in the base currency's minor units, their sum: in one pass, of at most
    ``most`` rows."""
    plan = Plan(query, current())
    column, _known = plan.joins.column(total)
    found, params = plan.counted(f"{column} AS amount")
    row = db.one(f"SELECT count(*), sum(amount) FROM ({found} LIMIT {most}) n", params)
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)


def aggregate(query: Query, group: Sequence[str], sums: Sequence[str]) -> list[dict[str, Any]]:
    """Count and sums per group. Money is summed in the base currency."""
    plan = Plan(query, current())
    keys: list[tuple[str, Field, str]] = []
    for name in group:
        raw, known = plan.joins.column(name, raw=True)
        if known.kind.name in ("money", "about", "long_text", "tags", "filter"):
            raise BadQuery(f"“{name}” cannot be grouped by.")
        keys.append((name, known, raw))
    totals = [(name, *plan.joins.column(name)) for name in sums]
    columns = [f"{raw} AS g{at}" for at, (_n, _k, raw) in enumerate(keys)]
    columns += [f"{column} AS s{at}" for at, (_n, column, _k) in enumerate(totals)]
    for name, _column, known in totals:
        if known.kind.name not in ("money", "number", "decimal", "amount"):
            raise BadQuery(f"“{name}” cannot be summed.")
    keys = [(name, known, f"g{at}") for at, (name, known, _raw) in enumerate(keys)]
    source, params = plan.counted(", ".join(columns) or "1 AS one")
    picked = [raw for _name, _known, raw in keys]
    selects = ", ".join([*picked, "count(*)", *(f"sum(s{at})" for at, _total in enumerate(totals))])
    tail = f" GROUP BY {', '.join(picked)} ORDER BY count(*) DESC, {_settled(keys, plan.place)}" if picked else ""
    found = db.rows(f"SELECT {selects} FROM ({source}) n{tail} LIMIT {GROUPS}", params)
    return [_group_of(row, keys, totals, plan.place) for row in found]


def _settled(keys: Sequence[tuple[str, Field, str]], place: Place) -> str:
    """Groups of the same size come in the same order on both engines: by value, empty ones last."""
    parts = []
    for _name, known, raw in keys:
        bytewise = not place.sqlite and isinstance(known.kind, TextKind | ChoiceKind)
        parts += [f"({raw} IS NULL)", f'{raw} COLLATE "C"' if bytewise else raw]
    return ", ".join(parts)


def _group_of(row: tuple[Any, ...], keys: Any, totals: Any, place: Place) -> dict[str, Any]:
    key = {}
    for (name, known, _raw), value in zip(keys, row, strict=False):
        is_key = known.relation or isinstance(value, bytes)
        key[name] = db.unkey(value) if is_key else _plain(known, value, place)
    result: dict[str, Any] = {"key": key, "count": row[len(keys)]}
    if totals:
        result["sum"] = {
            name: _sum_text(known, value, place)
            for (name, _column, known), value in zip(totals, row[len(keys) + 1 :], strict=True)
        }
    return result


def _sum_text(known: Field, value: Any, place: Place) -> Any:
    if known.kind.name == "money":
        return money.from_minor(int(value or 0), place.currency)
    return known.kind.wire(int(value or 0), place)


def _plain(known: Field, value: Any, place: Place) -> Any:
    """A group's value as JSON takes it (SQLite gives some dates as text already)."""
    if known.kind.name == "yes_no" and value is not None:
        return bool(value)
    if known.kind.name != "multi_choice" and (value is None or isinstance(value, str)):
        return value
    return known.kind.wire(value, place)
