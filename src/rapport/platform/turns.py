"""Turns at SQLite's one write lock: what works in the background lets those go first for whom somebody waits.

SQLite's own way to wait asks at most every tenth of a second, so it seldom comes in between the transactions of an
import, however short they are. Whoever waits therefore holds a lock beside others on a file; the background looks
whether anybody does before it asks for the write lock again.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rapport.platform import locks

LONGEST = 0.5  # seconds the background gives way: however many write, it comes to its end
_background = False


def give_way() -> None:
    """From now on this process works in the background."""
    global _background
    _background = True


def waiting_place(database: str) -> IO[str] | None:
    """The file by which processes see each other wait; None where there is none (in memory, read only)."""
    place = Path(database)
    if not place.is_absolute():
        return None
    try:
        return open(place.with_name("writing.lock"), "a")
    except OSError:
        return None


@contextmanager
def turn(place: IO[str] | None, *, behind: bool | None = None) -> Iterator[None]:
    """Ask for the write lock within the block; ``behind`` others or as this process does."""
    if place is None:
        yield
        return
    if _background if behind is None else behind:
        until = time.monotonic() + LONGEST
        while _somebody(place) and time.monotonic() < until:
            time.sleep(0.005)
        yield
        return
    fcntl.flock(place, fcntl.LOCK_SH)
    try:
        yield
    finally:
        fcntl.flock(place, fcntl.LOCK_UN)


def _somebody(place: IO[str]) -> bool:
    if not locks.take(place.fileno(), shared=False):
        return True
    fcntl.flock(place, fcntl.LOCK_UN)
    return False
