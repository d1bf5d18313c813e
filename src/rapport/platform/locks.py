"""Named locks on a data folder: they end with their process, however it ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVING = "serving"  # beside others by every server, alone by a restore
WORKING = "working"  # beside others by every worker of background jobs
# Whoever merely looks holds a lock for a moment, too.
PATIENCE = 1.0


@contextmanager
def held(folder: Path, name: str, *, shared: bool = False) -> Iterator[bool]:
    """Hold the lock ``name`` within the block, alone or beside others; False when somebody else has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / f"{name}.lock", "a") as file:
        until = time.monotonic() + PATIENCE
        while not (got := take(file.fileno(), shared)) and time.monotonic() < until:
            time.sleep(0.02)
        yield got


def is_held(folder: Path, name: str) -> bool:
    """Whether any process holds the lock."""
    try:
        with open(folder / f"{name}.lock") as file:
            return not take(file.fileno(), shared=False)
    except OSError:
        return False


def take(file: int, shared: bool) -> bool:
    """Take the lock on an open file without waiting; False when somebody else has it."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
