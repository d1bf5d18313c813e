"""How much programs read: per day, token and kind of record, counted in memory, written at intervals.

A read costs no write. The thread of the serving process that notes when tokens were last used writes these, too, a
minute after the first of them at the latest: a killed process forgets that minute.
"""

import datetime as dt
import threading
from collections import defaultdict
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.clock import today
from rapport.platform.identity import seen

_lock = threading.Lock()
_noted: dict[tuple[str, str, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
_WRITE = """INSERT INTO read_tally (day, user_id, token, source, entity, requests, rows)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (day, user_id, token, source, entity)
DO UPDATE SET requests = read_tally.requests + excluded.requests, rows = read_tally.rows + excluded.rows"""


def note(entity: str, rows: int, actor: Actor) -> None:
    """This user was handed out so many records of a kind by a door for programs."""
    if actor.id is None:
        return
    with _lock:
        found = _noted[today().isoformat(), actor.id, actor.token, actor.source, entity]
        found[0] += 1
        found[1] += rows
    seen.wake()


def write() -> int:
    """Write what was noted, in one transaction; returns how many lines. What fails is kept for the next time."""
    with _lock:
        notes = dict(_noted)
        _noted.clear()
    if not notes:
        return 0
    try:
        with db.transaction():
            db.execute_many(_WRITE, [_line(*place, *counts) for place, counts in notes.items()])
    except db.DatabaseError:
        with _lock:
            for place, counts in notes.items():
                _noted[place][0] += counts[0]
                _noted[place][1] += counts[1]
        raise
    return len(notes)


def _line(day: str, user: str, token: int, source: str, entity: str, requests: int, rows: int) -> tuple[Any, ...]:
    return day, db.key(user), token, source, entity, requests, rows


_READ = """SELECT t.id, t.day, t.user_id, u.name, t.token, a.name, t.source, t.entity, t.requests, t.rows
FROM read_tally t LEFT JOIN user_account u ON u.id = t.user_id LEFT JOIN api_token a ON a.id = t.token
WHERE {where} ORDER BY t.day DESC, t.id DESC LIMIT %s"""


def kept(limit: int, after: tuple[dt.date, int] | None = None, person: str = "") -> list[dict[str, Any]]:
    """What was read, the newest day first, behind the line ``after`` (its day and number)."""
    where, places = ["1 = 1"], list[Any]()
    if after:
        where.append("(t.day, t.id) < (%s, %s)")
        places += [after[0].isoformat(), after[1]]
    if person:
        where.append("t.user_id = %s")
        places.append(db.key(person))
    return [
        {
            "id": key, "day": str(day), "user": {"id": str(db.unkey(user)), "title": name or ""}, "token": token or "",
            "source": source, "entity": entity, "requests": requests, "rows": rows, "by_token": bool(number),
        }
        for key, day, user, name, number, token, source, entity, requests, rows
        in db.rows(_READ.format(where=" AND ".join(where)), [*places, limit])
    ]  # fmt: skip
