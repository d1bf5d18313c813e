"""The pairs that were found: kept with their reasons until somebody merges the two or says that they are two."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import rows, scope
from rapport.records.duplicates.evidence import Likeness, chance
from rapport.records.duplicates.finding import Found, Tell, find
from rapport.records.duplicates.manners import DIFFERENT, LEVELS, SAME
from rapport.records.duplicates.traits import Traits
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery, NotFound
from rapport.records.models.duplicates import DISMISSED, MERGED, OPEN
from rapport.records.operation import Operation, moment_param

COLUMNS = ("entity", "first", "second", "bits", "reasons", "compared", "state", "at")
SLICE = 2_000
MOST = 100_000
TENTHS = 10
TELLING = {kind: at for at, kind in enumerate(("email", "phone", "code", "site", "title", "name", "day", "datum"))}
_CURSOR = re.compile(r"(-?\d{1,6})-(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Reason:
    """One likeness or difference in words."""

    words: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of the queue."""

    id: str
    first: str
    second: str
    score: float
    reasons: tuple[Reason, ...]
    state: str = OPEN


def search(entity: Entity, tell: Tell = lambda done, total: None, *, most: int = MOST) -> int:
    """Look for duplicates among all records and keep the pairs, the most certain first; how many are open.

    What was dismissed stays so unless the records have changed; open pairs that are none any more go.
    """
    traits = Traits(entity)
    began = now()
    found = sorted(find(entity, tell), key=lambda pair: -pair.likeness.bits)[:most]
    for start in range(0, len(found), SLICE):
        with db.transaction():
            _keep(entity, [row_of(entity, traits, pair, began) for pair in found[start : start + SLICE]])
    with db.transaction():
        sql = "DELETE FROM duplicate_pair WHERE entity = %s AND state = %s AND at < %s"
        db.execute(sql, (entity.key, OPEN, moment_param(began)))
    return len(found)


def row_of(entity: Entity, traits: Traits, pair: Found, at: dt.datetime) -> tuple[Any, ...]:
    """A pair as it is stored, in COLUMNS."""
    first, second = sorted((pair.first, pair.second))
    compared = hashlib.md5("\n".join(sorted(pair.rows)).encode(), usedforsecurity=False).hexdigest()
    told = orjson.dumps(coded(traits, pair.likeness)).decode()
    bits = int(TENTHS * pair.likeness.bits)
    return entity.key, db.key(first), db.key(second), bits, told, compared, OPEN, moment_param(at)


def _keep(entity: Entity, found: list[tuple[Any, ...]]) -> None:
    sql = f"""{db.insert_sql("duplicate_pair", COLUMNS)} ON CONFLICT (first, second) DO UPDATE SET
        bits = excluded.bits, reasons = excluded.reasons, at = excluded.at,
        state = CASE WHEN duplicate_pair.state = '{DISMISSED}' AND duplicate_pair.compared = excluded.compared
                     THEN '{DISMISSED}' ELSE '{OPEN}' END,
        compared = excluded.compared, operation = NULL"""
    db.execute_many(sql, found)


def coded(traits: Traits, likeness: Likeness) -> list[list[str]]:
    """The levels of a likeness by field, the closest first: what is kept as reasons."""
    known = ((trait, level) for trait, level in zip(traits.all, likeness.levels, strict=True) if level is not None)
    levels = [
        [trait.field.name, "same_day" if trait.kind == "day" and level == SAME else LEVELS[level]]
        for trait, level in sorted(known, key=lambda each: (TELLING.get(each[0].kind, len(TELLING)), each[1]))
    ]
    if likeness.swapped:
        names = [trait.field.name for trait in traits.all[:2]]
        levels = [[names[0], "swapped"], *(each for each in levels if each[0] not in names)]
    return sorted(levels, key=lambda each: each[1] == LEVELS[DIFFERENT])


def said(entity: Entity, told: Iterable[Sequence[str]]) -> tuple[Reason, ...]:
    """The reasons in the reader's words."""
    words = {
        "same": _("same %(field)s"), "same_day": _("%(field)s on the same day"),
        "near": _("%(field)s nearly the same"), "part": _("%(field)s alike"),
        "different": _("another %(field)s"), "swapped": _("names the other way round"),
    }  # fmt: skip
    return tuple(
        Reason(words[level] % {"field": str(entity.fields[name].label).lower()}, level != "different")
        for name, level in told
        if name in entity.fields and level in words
    )


def queue(
    entity: Entity, *, state: str = OPEN, limit: int = 50, after: str | None = None, of: str | None = None,
    made_by: str | None = None,
) -> tuple[list[Pair], str | None]:  # fmt: skip
    """Pairs of living records in the reader's scope, the most certain first, and the cursor of further ones.

    ``of``: those of one record; ``made_by``: those of a record that this operation made.
    """
    where, places = scope.condition(entity, current())
    living = f"SELECT t.id FROM {entity.rows} t WHERE t.id = p.%s AND t.binned_at IS NULL AND {where}"
    sides = " AND ".join(f"EXISTS ({living.replace('p.%s', f'p.{side}')})" for side in ("first", "second"))
    params: list[Any] = [entity.key, state, *places, *places]
    more = ""
    if of:
        more += " AND (p.first = %s OR p.second = %s)"
        params += [db.key(of), db.key(of)]
    if made_by:
        same = "+c.operation = %s" if db.is_sqlite() else "c.operation = %s"  # by the record, not through a million
        more += f""" AND EXISTS (SELECT 1 FROM change c WHERE c.record IN (p.first, p.second) AND {same}
                     AND c.verb = 'created')"""
        params.append(db.key(made_by))
    if after:
        bits, last = _cursor(after)
        more += " AND (p.bits < %s OR (p.bits = %s AND p.id > %s))"
        params += [bits, bits, last]
    sql = f"""SELECT p.id, p.first, p.second, p.bits, p.reasons, p.state FROM duplicate_pair p
              WHERE p.entity = %s AND p.state = %s AND {sides}{more}
              ORDER BY p.bits DESC, p.id LIMIT {limit + 1}"""
    found = db.rows(sql, params)
    cursor = f"{found[limit - 1][3]}-{found[limit - 1][0]}" if len(found) > limit else None
    return [_pair(entity, row) for row in found[:limit]], cursor


def _cursor(text: str) -> tuple[int, int]:
    found = _CURSOR.fullmatch(text)
    if not found:
        raise BadQuery("The cursor is none of ours; start without “after”.")
    return int(found[1]), int(found[2])


def _pair(entity: Entity, row: tuple[Any, ...]) -> Pair:
    key, first, second, bits, told, state = row
    reasons = said(entity, orjson.loads(told))
    return Pair(str(key), str(db.unkey(first)), str(db.unkey(second)), chance(bits / TENTHS), reasons, state)


def wire(pair: Pair) -> dict[str, Any]:
    """A pair as programs read it."""
    return {
        "id": pair.id, "first": pair.first, "second": pair.second, "score": round(pair.score, 4), "state": pair.state,
        "reasons": [reason.words for reason in pair.reasons if reason.speaks_for],
        "differences": [reason.words for reason in pair.reasons if not reason.speaks_for],
    }  # fmt: skip


def between(entity: Entity, one: str, other: str) -> Pair | None:
    """The pair of these two, when it was found."""
    first, second = sorted((one, other))
    sql = "SELECT id, first, second, bits, reasons, state FROM duplicate_pair WHERE first = %s AND second = %s"
    row = db.one(sql, (db.key(first), db.key(second)))
    return _pair(entity, row) if row else None


def dismiss(entity: Entity, key: str, *, back: bool = False) -> None:
    """Say that the two are two (or, ``back``, that it is open again); whoever sees both may."""
    sql = "SELECT first, second FROM duplicate_pair WHERE id = %s AND entity = %s"
    row = db.one(sql, (int(key), entity.key)) if key.isascii() and key.isdigit() and len(key) < 19 else None
    if row is None:
        raise NotFound(_("There is no such pair any more."))
    actor = current()
    for raw in row:
        rows.load(entity, str(db.unkey(raw)), actor, "change")
    with db.transaction():
        sql = "UPDATE duplicate_pair SET state = %s, actor = %s, at = %s WHERE id = %s"
        db.execute(sql, (OPEN if back else DISMISSED, db.key(actor.id), moment_param(now()), int(key)))


def merged(done: Operation, winner: str, loser: str) -> None:
    """The pair of these two, if it was one, is dealt with."""
    first, second = sorted((winner, loser))
    sql = """UPDATE duplicate_pair SET state = %s, operation = %s, actor = %s, at = %s
             WHERE first = %s AND second = %s"""
    held = (MERGED, db.key(done.id), db.key(done.actor.id), done.at_param, db.key(first), db.key(second))
    db.execute(sql, held)
