"""Who has which record open: one row per web process, written only while somebody has a card open there.

A row says who is where in that process and is worth nothing once its process has been silent for a while, so a killed
process leaves nobody behind. The others notice a changed row by its ``turn``.
"""

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.keys import new_key
from rapport.records.operation import moment_param

Place = tuple[str, str]
BEAT = 5.0
SILENT = dt.timedelta(seconds=14)
LINGER = 3.0

_WRITE = """INSERT INTO presence (id, seen_at, turn, people) VALUES (%s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, turn = excluded.turn, people = excluded.people"""


@dataclass(slots=True)
class Presence:
    """What this process knows of who is where, here and elsewhere."""

    id: str = field(default_factory=new_key)
    turn: int = 0
    written: frozenset[tuple[str, str, str]] = frozenset()
    written_at: float = 0.0
    _left: dict[tuple[str, str, str], float] = field(default_factory=dict)
    _others: dict[str, tuple[int, dict[Place, set[str]]]] = field(default_factory=dict)

    def tell(self, here: set[tuple[str, str, str]]) -> bool:
        """Write who (user, entity, record) is here now, when that changed or must be repeated; True while anybody is.

        Who leaves lingers a moment: going from page to page is no coming and going.
        """
        moment = time.monotonic()
        for gone in self.written - here:
            self._left.setdefault(gone, moment + LINGER)
        self._left = {who: until for who, until in self._left.items() if who not in here and until > moment}
        wanted = frozenset(here | set(self._left))
        if not wanted:
            if self.written:
                db.be_brief()
                db.execute("DELETE FROM presence WHERE id = %s OR seen_at < %s", (db.key(self.id), _bound()))
                self.written = frozenset()
        elif wanted != self.written or moment > self.written_at + BEAT:
            db.be_brief()
            self.turn += wanted != self.written
            people = orjson.dumps(sorted(wanted)).decode()
            db.execute(_WRITE, (db.key(self.id), moment_param(now()), self.turn, people))
            self.written, self.written_at = wanted, moment
        return bool(wanted)

    def leave(self) -> None:
        """Nobody is here any more: the process stops."""
        if self.written:
            db.execute("DELETE FROM presence WHERE id = %s", (db.key(self.id),))
            self.written = frozenset()

    def look(self) -> dict[Place, frozenset[str]]:
        """Who is where in all processes; reads only rows that changed."""
        rows = db.rows("SELECT id, turn FROM presence WHERE seen_at >= %s", (_bound(),))
        turns = {str(db.unkey(key)): int(turn) for key, turn in rows}
        for key, turn in turns.items():
            if self._others.get(key, (-1,))[0] != turn:
                row = db.one("SELECT people FROM presence WHERE id = %s", (db.key(key),))
                self._others[key] = (turn, _places(orjson.loads(row[0]) if row else []))
        self._others = {key: held for key, held in self._others.items() if key in turns}
        found: dict[Place, set[str]] = {}
        for _turn, places in self._others.values():
            for place, users in places.items():
                found.setdefault(place, set()).update(users)
        return {place: frozenset(users) for place, users in found.items()}


def at(entity: str, record: str) -> list[str]:
    """Users who have this record open now."""
    rows = db.rows("SELECT people FROM presence WHERE seen_at >= %s", (_bound(),))
    found = (orjson.loads(people) for (people,) in rows)
    return sorted({user for people in found for user, *place in people if place == [entity, record]})


def _places(people: Iterable[tuple[str, str, str]]) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = {}
    for user, entity, record in people:
        found.setdefault((entity, record), set()).add(user)
    return found


def _bound() -> object:
    return moment_param(now() - SILENT)
