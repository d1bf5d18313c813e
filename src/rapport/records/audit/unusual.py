"""Who took out far more in the last week than he usually does, and than colleagues do.

No rule to set: a person's week is held against the median of his own twelve weeks before, and against the median of
colleagues' last week, each with the median of the distances from it (MAD), which a single outlier does not move.
Rows of exports and rows handed out to programs count alike.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapport.platform import db
from rapport.platform.clock import today
from rapport.records.operation import moment_param

WEEK, WEEKS = 7, 12
# So many rows are nobody's worry; so many deviations, and so many times the usual, are unusual.
LEAST, DEVIATIONS, TIMES = 500, 6, 3
SPREAD = 1.4826  # makes the MAD of a normal distribution its standard deviation

_EXPORTED = """SELECT e.actor, {day}, sum(e.rows) FROM export_run e
WHERE e.id >= %s AND e.at >= %s AND e.actor IS NOT NULL GROUP BY 1, 2"""
_READ = "SELECT user_id, day, sum(rows) FROM read_tally WHERE day >= %s GROUP BY user_id, day"


@dataclass(frozen=True, slots=True)
class Unusual:
    """The evidence: rows of the last week, and what would have been usual."""

    user: str
    name: str
    rows: int
    own: int
    others: int
    people: int


def found() -> list[Unusual]:
    """People whose last week stands out, the most rows first."""
    weeks = _weeks(today())
    now = {user: taken[0] for user, taken in weeks.items()}
    told = []
    for user, rows in now.items():
        own = weeks[user][1:]
        others = [count for other, count in now.items() if other != user]
        if rows > max(LEAST, bound(own), bound(others)):
            told.append((user, rows, round(median(own)), round(median(others)) if others else 0, len(others)))
    names = _names([user for user, *_figures in told])
    return sorted((Unusual(user, names.get(user, ""), *figures) for user, *figures in told), key=lambda one: -one.rows)


def bound(counts: Sequence[int]) -> float:
    """Up to which a count is usual among such."""
    if not counts:
        return 0
    middle = median(counts)
    spread = SPREAD * median(abs(count - middle) for count in counts)
    return max(middle + DEVIATIONS * spread, TIMES * middle)


def _weeks(day: dt.date) -> dict[str, list[int]]:
    """Rows per person and week, this week first."""
    first = day - dt.timedelta(days=WEEK * (WEEKS + 1) - 1)
    begun = dt.datetime(first.year, first.month, first.day, tzinfo=dt.UTC)
    on = "date(e.at)" if db.is_sqlite() else "(e.at AT TIME ZONE 'UTC')::date"
    lowest = f"{int(begun.timestamp() * 1000) << 80:032x}"
    taken = db.rows(_EXPORTED.format(day=on), [db.key(lowest), moment_param(begun)])
    taken += db.rows(_READ, [first.isoformat()])
    weeks: dict[str, list[int]] = defaultdict(lambda: [0] * (WEEKS + 1))
    for user, at, rows in taken:
        week = (day - dt.date.fromisoformat(str(at))).days // WEEK
        if 0 <= week <= WEEKS:
            weeks[str(db.unkey(user))][week] += int(rows)
    return weeks


def _names(users: Sequence[str]) -> dict[str, str]:
    if not users:
        return {}
    marks = ", ".join(["%s"] * len(users))
    sql = f"SELECT id, name FROM user_account WHERE id IN ({marks})"
    return {str(db.unkey(key)): name for key, name in db.rows(sql, [db.key(each) for each in users])}
