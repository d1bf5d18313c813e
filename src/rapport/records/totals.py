"""Kept totals: count and sums per board column, owner, team, territory, currency and closing month, which every write
keeps."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.records import scope, shared
from rapport.records.entity import Entity
from rapport.records.models.proof import NOBODY
from rapport.records.territories import reach

MOST_SHARED = 10_000
Bucket = tuple[str, str, str, str, str, str]

_KEEP = """INSERT INTO kept_total (entity, column_key, owner, team, territory, currency, period, count, amount, base)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (entity, column_key, owner, team, currency, period, territory) DO UPDATE SET
count = kept_total.count + excluded.count, amount = kept_total.amount + excluded.amount,
base = kept_total.base + excluded.base"""
_SUMMED = """SELECT column_key, period, sum(count), sum(base) FROM kept_total{by}
WHERE entity = %s{where} GROUP BY column_key, period"""


def column_of(word: str) -> str:
    """The bucket key of a choice value."""
    return hashlib.md5(word.encode(), usedforsecurity=False).hexdigest()


def bucket_of(entity: Entity, value: str) -> str:
    """The bucket key of a board column: a relation's id as it is, a choice's value by its digest."""
    return value if entity.kept_board and entity.field(entity.kept_board.by).relation else column_of(value)


class Tally:
    """Differences gathered over one or many writes, written in one go in a fixed order (so that none deadlock)."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self._found: dict[Bucket, Counter[str]] = {}
        by = entity.kept_board.by if entity.kept_board else entity.counted_by
        self._by = entity.field(by).attname if by else ""
        self._plain = bool(by and entity.field(by).relation)

    def add(self, values: dict[str, Any] | None, sign: int) -> None:
        """Count a row in (+1) or out (-1); ``values`` are its columns by attribute name; binned rows do not count."""
        if not self._by or values is None or values.get("binned_at"):
            return
        board = self.entity.kept_board
        closed = values[board.period] if board and board.period else None
        bucket = (
            values[self._by] if self._plain else column_of(values[self._by]),
            values["owner_id"] or NOBODY,
            values["team_id"] or NOBODY,
            values.get("territory_id") or NOBODY,
            values["currency"] if board and board.total else "",
            closed.isoformat()[:7] if closed else "",
        )
        found = self._found.setdefault(bucket, Counter())
        found["count"] += sign
        if board and board.total:
            found["amount"] += sign * (values[board.total] or 0)
            found["base"] += sign * (values[f"{board.total}_base"] or 0)

    def write(self) -> None:
        """Bring the table up to date, inside the transaction."""
        rows = [(bucket, found) for bucket, found in sorted(self._found.items()) if any(found.values())]
        if not rows:
            return
        db.execute_many(_KEEP, [_row(self.entity.key, bucket, found) for bucket, found in rows])


def _row(entity: str, bucket: Bucket, found: Counter[str]) -> tuple[Any, ...]:
    column, owner, team, territory, currency, period = bucket
    return (
        entity, db.key(column), db.key(owner), db.key(team), db.key(territory), currency, period,
        found["count"], found["amount"], found["base"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for one column and closing month: how many, and their value in the base currency (minor units)."""

    column: str
    period: str
    count: int
    base: int


def by_territory(entity: Entity) -> dict[str, tuple[int, int]]:
    """How many of what is not closed lie in each territory, with their value in the base currency (minor units)."""
    sql = f"""SELECT territory, sum(count), sum(base) FROM kept_total{_by("place")}
              WHERE entity = %s AND territory > {_none()} AND period = '' GROUP BY territory"""
    return {str(db.unkey(key)): (int(count), int(base)) for key, count, base in db.rows(sql, [entity.key])}


Among = tuple[Sequence[str], str]


def kept(entity: Entity, actor: Actor, *, owner: str | None = None, among: Sequence[Among] = ()) -> list[Kept]:
    """The kept totals of everything the actor may see (of one ``owner`` when given), by column and closing month;
    there may be several for the same.

    ``among``: (buckets of columns, first month that counts or an empty text) - the only ones that are asked for.
    """
    also, mine = (" AND owner = %s", [db.key(owner)]) if owner else ("", [])
    parts, params = [], []
    # Each run is read and summed from an index alone; an OR of them would not be.
    for by, run, places in _runs(entity, actor):
        for only, held in [_only(*each) for each in among] or [("", [])]:
            parts.append(_SUMMED.format(by=by, where=f"{run}{also}{only}"))
            params += [entity.key, *places, *mine, *held]
    return _shared(entity, actor, owner) + [
        Kept(str(db.unkey(c)), period, int(count), int(base))
        for c, period, count, base in db.rows(" UNION ALL ".join(parts), params)
    ]


def _only(buckets: Sequence[str], month: str) -> tuple[str, list[Any]]:
    later = (" AND period >= %s", [month]) if month else ("", [])
    sql = f" AND column_key IN ({', '.join(['%s'] * len(buckets))}){later[0]}"
    return sql, [*(db.key(bucket) for bucket in buckets), *later[1]]


def _shared(entity: Entity, actor: Actor, owner: str | None) -> list[Kept]:
    """What the actor sees only because it is shared with him, counted by its keys: at most MOST_SHARED rows."""
    arms, given, board = scope.arms(entity, actor), shared.ids(entity, actor, "view"), entity.kept_board
    if arms is None or given is None or (board is None and entity.counted_by is None):
        return []
    month, dated = "''", bool(board and board.period)
    if board and dated:
        day = f"t.{board.period}"
        month = f"coalesce({f'substr({day}, 1, 7)' if db.is_sqlite() else f'to_char({day}, %s)'}, '')"
    by = entity.field(board.by if board else str(entity.counted_by))
    column = f't."{by.column}"'
    base = f"coalesce(sum(t.{board.total}_base), 0)" if board and board.total else "0"
    seen = " OR ".join(sql for sql, _places in arms)
    also, mine = (" AND t.owner_id = %s", [db.key(owner)]) if owner else ("", [])
    sql = f"""SELECT {column}, {month}, count(*), {base}
              FROM (SELECT DISTINCT record FROM ({given[0]}) s LIMIT {MOST_SHARED}) g
              CROSS JOIN "{entity.table}" t
              WHERE t.id = g.record AND t.binned_at IS NULL AND ({seen}) IS NOT TRUE{also} GROUP BY 1, 2"""
    first = ["YYYY-MM"] if dated and not db.is_sqlite() else []
    places = [*first, *given[1], *(place for _sql, held in arms for place in held), *mine]
    return [
        Kept(str(db.unkey(key)) if by.relation else column_of(key), period, int(count), int(total))
        for key, period, count, total in db.rows(sql, places)
    ]


def _runs(entity: Entity, actor: Actor) -> list[tuple[str, str, list[Any]]]:
    """What the actor may see: (how it is read where SQLite must be told, condition, parameters), without overlap."""
    level = actor.level(entity.key, "view")
    if level >= 3:
        return [("", "", [])]
    own, me = " AND owner = %s", db.key(actor.id)
    teams = [db.key(team) for team in actor.reached(level)]
    among = ", ".join(["%s"] * len(teams))
    besides = f" AND team NOT IN ({among})" if teams else ""
    found = [("", f"{own}{besides}", [me, *teams])]
    if teams:
        found.insert(0, (_by("team"), f" AND team IN ({among})", teams))
    if places := [db.key(each) for each in reach.of(entity, actor, level)]:
        within = f" AND territory IN ({', '.join(['%s'] * len(places))}) AND territory > {_none()}"
        found.append((_by("place"), f"{within} AND owner <> %s{besides}", [*places, me, *teams]))
    return found


def _by(index: str) -> str:
    """SQLite would rather walk the totals of everybody."""
    return f" INDEXED BY kept_total_{index}" if db.is_sqlite() else ""


def _none() -> str:
    """What stands for no territory, written out as in the condition of the index."""
    return f"X'{NOBODY}'" if db.is_sqlite() else f"'{NOBODY}'"


def recount(entity: Entity) -> list[str]:
    """Buckets whose kept totals differ from the rows themselves, in words: empty when all is well."""
    board = entity.kept_board
    if board is None and entity.counted_by is None:
        return []
    by = entity.field(board.by if board else str(entity.counted_by))
    period = board.period if board else None
    month = f"substr({period}, 1, 7)" if db.is_sqlite() else f"to_char({period}, 'YYYY-MM')"
    month = f"coalesce({month}, '')" if period else "''"
    currency, total, base = "''", "0", "0"
    if board and board.total:
        currency, total, base = "currency", f"coalesce(sum({board.total}), 0)", f"coalesce(sum({board.total}_base), 0)"
    place = "territory_id" if entity.territory else "NULL"
    true = f"""SELECT {by.column}, owner_id, team_id, {place}, {currency}, {month}, count(*), {total}, {base}
               FROM "{entity.table}" WHERE binned_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6"""
    held = """SELECT column_key, owner, team, territory, currency, period, count, amount, base FROM kept_total
              WHERE entity = %s AND (count <> 0 OR amount <> 0 OR base <> 0)"""
    name = db.unkey if by.relation else column_of
    counted = {
        (str(name(c)), *(db.unkey(each) or NOBODY for each in who), m, p): (int(count), int(amount), int(sum_))
        for c, *who, m, p, count, amount, sum_ in db.rows(true)
    }
    known = {
        (*(str(db.unkey(each)) for each in keys), m, p): (int(count), int(amount), int(sum_))
        for *keys, m, p, count, amount, sum_ in db.rows(held, (entity.key,))
    }
    return [
        f"kept total of {entity.plural} {place}: kept {known.get(place)}, counted {counted.get(place)}"
        for place in sorted(counted.keys() | known.keys())
        if counted.get(place) != known.get(place)
    ]
