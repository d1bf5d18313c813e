"""Jobs that the tests run, here and in real worker processes."""

import os
import time

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.jobs import job
from rapport.platform.jobs.run import Run

WORK = "CREATE TABLE IF NOT EXISTS job_test_work (n integer NOT NULL, process integer NOT NULL)"
acted_as: list[tuple[str | None, str, str]] = []


def done_by() -> list[tuple[int, int]]:
    """What has been done, as (number, process)."""
    return [(n, process) for n, process in db.rows("SELECT n, process FROM job_test_work ORDER BY n")]


def note(n: int) -> None:
    db.execute("INSERT INTO job_test_work (n, process) VALUES (%s, %s)", (n, os.getpid()))


@job("test.note", retries=0)
def note_number(run: Run, n: int = 0) -> None:
    """The least job."""
    acted_as.append((current().id, current().scope, current().reason))
    note(n)


def count(run: Run, upto: int, pause: float) -> None:
    """Work in steps, each saved in the transaction of its work."""
    for n in range(run.state.get("next", 0), upto):
        run.check_cancelled()
        with db.transaction():
            note(n)
            run.progress(n + 1, upto, f"step {n}")
            run.save_state({"next": n + 1})
        time.sleep(pause)


job("test.count", lane="short")(count)


@job("test.count_long", lane="long")
def count_long(run: Run, upto: int, pause: float) -> None:
    """The same in the long lane."""
    count(run, upto, pause)


@job("test.stubborn")
def stubborn(run: Run) -> None:
    """Never asks whether it should stop."""
    note(0)
    time.sleep(60)


@job("test.flaky", retries=2, backoff=10)
def flaky(run: Run, good_at: int) -> None:
    """Fails until a given attempt."""
    if run.attempt < good_at:
        raise ValueError(f"attempt {run.attempt}")


@job("test.exits", retries=0)
def exits(run: Run) -> None:
    """Does what a handler must not do."""
    raise SystemExit(3)
