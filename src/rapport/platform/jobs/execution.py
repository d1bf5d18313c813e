"""One attempt at a job from claim to outcome."""

import logging
import random
import time
import traceback
from collections.abc import Callable

from rapport.platform import db
from rapport.platform.jobs import behalf, claims
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.interrupts import Cancelled, LeaseLost, Stopping
from rapport.platform.jobs.models import Job
from rapport.platform.jobs.registry import JobKind, kind_of
from rapport.platform.jobs.run import Run
from rapport.platform.jobs.states import Status

log = logging.getLogger("rapport.jobs")
LONGEST_WAIT = 3600.0
ERROR_KEPT = 8000


def execute(job: Job, heart: Heart) -> None:
    """Run the handler of a claimed job and write down what came of it."""
    kind = kind_of(job.name)
    run = Run(job)
    heart.watch(run)
    try:
        outcome = _attempt(kind, run)
    finally:
        heart.forget(run)
    _insist(outcome)


def wait_before(kind: JobKind, failures: int) -> float:
    """Seconds before the next attempt: doubling, at most an hour, a quarter of chance either way."""
    wait: float = min(kind.backoff * 2.0 ** (failures - 1), LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.25)


def _attempt(kind: JobKind, run: Run) -> Callable[[], int]:
    try:
        with behalf.restored(run):
            kind.handler(run, **run.args)
    except Cancelled:
        return lambda: _close(run, Status.CANCELLED)
    except Stopping:
        return lambda: _give_back(run)
    except LeaseLost:
        log.warning("job %s %s was taken over by another worker", run.name, run.id)
        return lambda: 0
    except BaseException as error:  # a handler that says sys.exit() must not take its slot with it
        return _failed(kind, run, error)
    return lambda: _close(run, Status.DONE)


def _failed(kind: JobKind, run: Run, error: BaseException) -> Callable[[], int]:
    trace = "".join(traceback.format_exception(error))
    text = f"{type(error).__name__}: {error}\n\n{trace[-ERROR_KEPT:]}".replace("\x00", "")
    failures = run.failures + 1
    if failures > kind.retries:
        log.error("job %s %s failed for good: %s", run.name, run.id, error)
        return lambda: _close(run, Status.FAILED, text, 1)
    wait = wait_before(kind, failures)
    log.warning("job %s %s failed, again in %.0f s: %s", run.name, run.id, wait, error)
    return lambda: claims.retry(run.lease, text, wait)


def _close(run: Run, status: Status, error: str = "", failures: int = 0) -> int:
    with db.transaction():
        _say(run)
        return claims.end(run.lease, status, error, failures)


def _give_back(run: Run) -> int:
    with db.transaction():
        _say(run)
        return claims.release(run.lease)


def _say(run: Run) -> None:
    if run.unsaid:
        claims.held(run.lease).update(done=run.done, total=run.total, note=run.note)


def _insist(outcome: Callable[[], int], tries: int = 5) -> None:
    """Write the outcome even when the database stumbles; failing that, the lease lapses and the job runs again."""
    for turn in range(tries):
        try:
            outcome()
            return
        except Exception:
            log.exception("the outcome of a job could not be written")
            db.close()
            time.sleep(0.2 * 2**turn)
