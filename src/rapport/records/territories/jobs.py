"""The clockwork of territories: what happens is followed; after a change of rules all records are looked at again."""

import functools
import time
from collections.abc import Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system, current
from rapport.platform.identity import snapshot
from rapport.platform.jobs import job, schedule
from rapport.platform.keys import new_key
from rapport.records import totals
from rapport.records.entity import Entity
from rapport.records.pace import Pace
from rapport.records.territories import hearing, placed, placing
from rapport.records.territories.rules import Asked, followers

EVERY, BUDGET = 0.5, 6.0
LOOK = 2000  # so many are looked at without a lock


@schedule(every=EVERY, only_if=hearing.behind)
@job("records.keep_territories")
def keep(run: Any) -> None:
    """Hear what has happened, for a few seconds; what is left follows at once."""
    snapshot.current()
    until = time.monotonic() + BUDGET
    while hearing.listen() and time.monotonic() < until:
        run.check_cancelled()


@job("records.follow_territory")
def follow(run: Any, key: str) -> None:
    """The territory ``key`` is new, or goes by another rule or place: everything is sorted anew."""
    snapshot.current()
    hearing.begin()
    hearing.sort_all()


@job(hearing.SORT, lane="long")
def sort(run: Any) -> None:
    """Every record is put where the rules say, slice by slice; goes on where it was interrupted, safe to run twice."""
    snapshot.current()
    hearing.begin()
    with as_system("territories"):
        _Sorting(run).go()


class _Sorting:
    """One run over all records: looked at without a lock, those that are to move written in short transactions."""

    def __init__(self, run: Any) -> None:
        self.run, self.asked, self.pace = run, Asked(), Pace(size=placing.FIRST)
        self.seen, self.moved = (run.state.get(name, 0) for name in ("seen", "moved"))
        self.operation: str = run.state.get("operation") or new_key()
        self.total = _about(self.asked.entity)

    def go(self) -> None:
        """To the end, or until it is stopped."""
        last: str | None = self.run.state.get("last")
        while True:
            self.run.check_cancelled()
            wrong, end, looked = self.asked.page(last, LOOK)
            if end is None:
                return
            self.moved += placing.paced(self.pace, wrong, self._place)
            for entity in followers():
                self.moved += self._astray(entity, last, end)
            last, self.seen = end, self.seen + looked
            with db.transaction():
                self._note(last)
            self.run.progress(self.seen, max(self.seen, self.total))

    def _place(self, keys: Sequence[str]) -> int:
        self.run.check_cancelled()
        return placing.place(keys, key=self.operation)

    def _astray(self, entity: Entity, last: str | None, end: str) -> int:
        """What belongs to the records behind ``last`` up to ``end`` follows them."""
        later, places = ("p.id > %s AND ", [db.key(last)]) if last else ("", [])
        moved = 0
        while found := placed.astray(entity, f"{later}p.id <= %s", [*places, db.key(end)], self.pace.size):
            self.run.check_cancelled()
            moved += placing.paced(self.pace, found, functools.partial(placing.follow, entity, key=self.operation))
        return moved

    def _note(self, last: str) -> None:
        state = {"last": last, "seen": self.seen, "moved": self.moved, "operation": self.operation}
        self.run.save_state(state)


def _about(entity: Entity) -> int:
    """About how many records there are, of what is kept beside them."""
    return sum(held.count for held in totals.kept(entity, current()))
