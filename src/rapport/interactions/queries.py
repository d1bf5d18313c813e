"""Tasks as screens ask for them: planned with a party or a deal, and what one has to do today. Each by an index."""

import datetime as dt
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import local_midnight, now, today
from rapport.records import read, registry
from rapport.records.operation import moment_param
from rapport.records.read import Query

SHOWN = (
    "title", "due_at", "priority", "status", "assignee", "department", "party", "recurrence", "version",
)  # fmt: skip
OPEN = {"field": "status", "op": "eq", "value": "open"}
MINE = {"field": "owner", "op": "eq", "value": "me"}
WEEK = 7
MOST_TEAMS = 60
# One run per team: each is read from the index of what waits.
_WAITING = """SELECT record FROM (SELECT id AS record FROM task
WHERE department_id = %s AND status = 'open' AND owner_id IS NULL AND binned_at IS NULL
ORDER BY due_at IS NULL, due_at, id LIMIT {limit}) w{number}"""


def _shown() -> tuple[str, ...]:
    return registry.get("task").seen(SHOWN)


def planned(entity_key: str, record: str, limit: int = 5) -> list[dict[str, Any]]:
    """Open tasks of a party, or about another record, the most urgent first; only those in scope."""
    query = Query(
        registry.get("task"), fields=_shown(), sort=("due_at",), limit=limit, expand=True, ordered=True, few=True
    )
    if entity_key == "party":
        query.where.append(("t.party_id = %s AND t.status = 'open'", [db.key(record)]))
    else:
        where = "t.about_id = %s AND t.about_entity = %s AND t.status = 'open'"
        query.where.append((where, [db.key(record), entity_key]))
    return _dressed(query)


def mine(first: dt.date | None, last: dt.date | None, limit: int) -> list[dict[str, Any]]:
    """My open tasks due from the day ``first`` (any time before, when None) to the day ``last``, both included."""
    zone = current().time_zone
    query = Query(
        registry.get("task"), {"and": [OPEN, MINE]}, ("due_at",), _shown(), limit=limit, expand=True, ordered=True
    )
    if first is not None:
        query.where.append(("t.due_at >= %s", [moment_param(local_midnight(first, zone))]))
    end = local_midnight((last or today(zone)) + dt.timedelta(days=1), zone)
    query.where.append(("t.due_at < %s", [moment_param(end)]))
    return _dressed(query)


def count_overdue(most: int) -> int:
    """How many of my open tasks were due before today, counted up to ``most``."""
    query = Query(registry.get("task"), {"and": [OPEN, MINE, {"field": "due_at", "op": "lt", "value": "today"}]})
    return read.count(query, most=most)


def undated(limit: int) -> list[dict[str, Any]]:
    """My open tasks without a date, the newest first."""
    no_date = {"field": "due_at", "op": "is_empty", "value": True}
    tree = {"and": [OPEN, MINE, no_date]}  # the index of due dates gives them by id
    return _dressed(
        Query(registry.get("task"), tree, ("-created_at",), _shown(), limit=limit, expand=True, ordered=True)
    )


def waiting(limit: int) -> list[dict[str, Any]]:
    """Open tasks of my departments that nobody has taken yet."""
    teams = current().teams[:MOST_TEAMS]
    if not teams:
        return []
    query = Query(registry.get("task"), fields=_shown(), sort=("due_at",), limit=limit, expand=True, ordered=True)
    runs = [_WAITING.format(limit=limit, number=number) for number in range(len(teams))]
    query.among = " UNION ALL ".join(runs), [db.key(team) for team in teams]
    return _dressed(query)


def _dressed(query: Query) -> list[dict[str, Any]]:
    """Tasks with what follows from the hour: whether they are late."""
    moment = now()
    found = read.page(query).items()
    for task in found:
        due = task["due_at"]
        task["late"] = bool(due) and dt.datetime.fromisoformat(due) < moment
    return found
