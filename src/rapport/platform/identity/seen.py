"""When a session or a token was last used, without a write on any request.

A request only notes in memory that one was used which the database has not heard of for a while; a thread of the
serving process writes all notes together, once a minute at most and only when there are any. A killed process
forgets a minute.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence

from rapport.platform import db
from rapport.platform.clock import now

log = logging.getLogger("rapport.seen")
STALE = dt.timedelta(minutes=10)
GATHER = 60.0
TABLES = {"ui": "user_session", "api": "api_token"}

_noted: dict[tuple[str, int], dt.datetime] = {}
_some = threading.Event()


def note(source: str, number: int) -> None:
    """The session (``"ui"``) or token (``"api"``) of this number is in use."""
    _noted[(source, number)] = now()
    wake()


def wake() -> None:
    """Something waits to be written."""
    _some.set()


def write() -> int:
    """Write what was noted; returns how much that was."""
    _some.clear()
    notes, found = dict(_noted), 0
    _noted.clear()
    if not notes:
        return 0
    with db.transaction():
        for (source, number), at in notes.items():
            moment = at.replace(tzinfo=None).isoformat(" ") if db.is_sqlite() else at
            places: Sequence[object] = (moment, number)
            found += db.execute(f"UPDATE {TABLES[source]} SET seen_at = %s WHERE id = %s", places)
    return found


class Writer(threading.Thread):
    """Writes the notes of its process, and what ``more`` have gathered likewise; sleeps while nobody comes."""

    def __init__(self, *more: Callable[[], object]) -> None:
        super().__init__(name="seen", daemon=True)
        self._ending = threading.Event()
        self._more = more

    def run(self) -> None:
        """Wait for a note, gather for a minute, write."""
        while not self._ending.is_set():
            _some.wait()
            self._ending.wait(GATHER)
            try:
                db.be_brief()
                for each in (write, *self._more):
                    self._one(each)
            finally:
                db.close()

    def _one(self, each: Callable[[], object]) -> None:
        try:
            each()
        except db.DatabaseError:
            log.info("%s.%s: nothing written; the next minute tells it", each.__module__, each.__qualname__)
            if not self._ending.is_set():
                wake()

    def end(self) -> None:
        """Write what there is and stop."""
        self._ending.set()
        _some.set()
