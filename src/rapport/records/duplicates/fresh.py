"""Of records that an import has made: which are probably here already. Found for these alone, by indexed values.

An estimate that the next search among all records puts right; what that search has found, or somebody has dismissed,
stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import scope
from rapport.records.duplicates import pairs
from rapport.records.duplicates.evidence import Likeness
from rapport.records.duplicates.finding import Found, apart
from rapport.records.duplicates.manners import DIFFERENT, NEAR, SAME
from rapport.records.duplicates.nearby import EXACT, likenesses
from rapport.records.duplicates.traits import GAP, Traits
from rapport.records.entity import Entity

SLICE, MOST, EACH = 500, 100_000, 20
OWN, BESIDE, NAMED, AGAINST = 4.0, 2.0, 1.0, 1.5  # bits that a likeness tells, about


@dataclass(slots=True)
class Looked:
    """``last``: the change up to which was looked, None at the end; how many records, and how many are probably here
    already."""

    last: int | None
    records: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A record with what is compared: its cleaned values, and those that it is looked for by."""

    key: str
    apart: Any
    cleaned: list[str]
    sought: tuple[Any, ...]


def look(entity: Entity, operation: str, last: int = 0) -> Looked:
    """Look at the next SLICE records that ``operation`` made, among those that the actor sees; keeps the pairs."""
    steps = _made(entity, operation, last)
    if not steps:
        return Looked(None)
    traits = Traits(entity)
    fresh = _rows(entity, traits, f"t.id IN ({_marks(steps)})", [key for _number, key in steps])
    found = list(_alike(entity, traits, fresh))
    kept = [pairs.row_of(entity, traits, pair, now()) for pair in found]
    with db.transaction():
        db.execute_many(
            f"{db.insert_sql('duplicate_pair', pairs.COLUMNS)} ON CONFLICT (first, second) DO NOTHING", kept
        )
    return Looked(steps[-1][0], len(steps), len({pair.first for pair in found}))


def _made(entity: Entity, operation: str, last: int) -> list[tuple[int, Any]]:
    sql = """SELECT id, record FROM change WHERE operation = %s AND entity = %s AND verb = 'created' AND id > %s
             ORDER BY id LIMIT %s"""
    return db.rows(sql, (db.key(operation), entity.key, last, SLICE))


def _marks(found: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(found))


def _columns(entity: Entity, traits: Traits) -> list[str]:
    """What records are looked for by: numbers and addresses of their own table, and the title."""
    exact = [trait.field for trait in traits.all if trait.kind in EXACT and trait.field.mark is None]
    return [*(known.column for known in exact), entity.every[entity.title].compare]


def _rows(entity: Entity, traits: Traits, where: str, places: Sequence[Any], most: int = 10**6) -> list[_Row]:
    """Living records in the actor's scope."""
    seen, held = scope.condition(entity, current())
    columns = _columns(entity, traits)
    sought = ", ".join(f't."{column}"' for column in columns)
    sql = f"""SELECT t.id, {apart(entity)}, {sought}, {traits.columns()} FROM {entity.rows} t
              WHERE {where} AND t.binned_at IS NULL AND {seen} LIMIT {most}"""
    end = 2 + len(columns)
    return [
        _Row(str(db.unkey(row[0])), row[1], traits.row(row[end:]), tuple(row[2:end]))
        for row in db.rows(sql, [*places, *held])
    ]


def _alike(entity: Entity, traits: Traits, fresh: list[_Row]) -> Iterator[Found]:
    """Pairs of a new record and one that was here before it."""
    others = _candidates(entity, traits, fresh)
    for row in fresh:
        met = {other.key: other for at, value in enumerate(row.sought) for other in others.get((at, value), ())}
        for other in met.values():
            if other.key < row.key and other.apart == row.apart:
                told = [_weighed(traits, each) for each in likenesses(traits, row.cleaned, other.cleaned)]
                best = max(told, key=lambda each: each.bits)
                if best.bits > 0:
                    yield Found(row.key, other.key, best, (GAP.join(row.cleaned), GAP.join(other.cleaned)))


def _candidates(entity: Entity, traits: Traits, fresh: list[_Row]) -> dict[tuple[int, Any], list[_Row]]:
    """Records that share a value with a new one, by the place of the value and itself."""
    found: dict[tuple[int, Any], list[_Row]] = defaultdict(list)
    columns, told = _columns(entity, traits), entity.duplicates
    for at, column in enumerate(columns):
        by_apart: dict[Any, dict[Any, None]] = defaultdict(dict)
        is_title = at == len(columns) - 1
        for row in fresh:
            if row.sought[at]:
                by_apart[row.apart if is_title else None][row.sought[at]] = None
        for kind, values in by_apart.items():
            where, places = f't."{column}" IN ({_marks(list(values))})', list(values)
            if told and told.apart and kind is not None:  # the index of titles begins with it
                where, places = f"{apart(entity)} = %s AND {where}", [kind, *places]
            for row in _rows(entity, traits, where, places, EACH * len(values)):
                found[at, row.sought[at]].append(row)
    return found


def _weighed(traits: Traits, likeness: Likeness) -> Likeness:
    """About how much speaks for one record: a number or address of one's own, or the whole name, not against each
    other."""
    levels = list(zip(traits.all, likeness.levels, strict=True))
    named = [level for trait, level in levels if trait.kind in ("name", "title") and level is not None]
    exact = [(trait, level) for trait, level in levels if trait.kind in (*EXACT, "site", "code") and level is not None]
    own = sum(level == SAME and not trait.shared for trait, level in exact)
    beside = sum(level == SAME and trait.shared for trait, level in exact)
    against = sum(level == DIFFERENT and not trait.shared for trait, level in exact)
    persons = any(trait.kind == "name" and level is not None for trait, level in levels)
    whole = len(named) >= (traits.names if persons else 1)
    alike = whole and all(level <= NEAR for level in named)
    if (named and min(named) == DIFFERENT) or not (own or alike):
        return Likeness(-1.0, likeness.levels, likeness.swapped)
    bits = OWN * own + BESIDE * beside + NAMED * alike - AGAINST * against
    return Likeness(bits, likeness.levels, likeness.swapped)
