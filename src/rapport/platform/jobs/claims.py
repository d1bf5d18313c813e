"""The worker's side of the queue table: look, claim, keep, give back. Every write is fenced by the lease token."""

import datetime as dt
import os
from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, QuerySet

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs.models import Job
from rapport.platform.jobs.states import Status
from rapport.platform.keys import new_key

LEASE = dt.timedelta(seconds=30)
CRASHES_ALLOWED = 5
_FREE = {"lease": None, "lease_until": None, "worker": ""}


def held(lease: str) -> QuerySet[Job]:
    """The job held under this lease: empty once somebody else holds it."""
    return Job.objects.filter(lease=lease, status=Status.RUNNING)


def due_lanes(names: Collection[str]) -> set[str]:
    """The lanes with a job that could start now (one cheap SELECT, no lock)."""
    return set(_startable(names).order_by().values_list("lane", flat=True).distinct())


def _startable(names: Collection[str]) -> QuerySet[Job]:
    """Waiting jobs that are due, whose key is not at work and which are first in their line. A worker takes only what
    it knows (a newer version may have written others)."""
    same_key = Job.objects.filter(status=Status.RUNNING, name=OuterRef("name"), key=OuterRef("key"))
    unfinished = Job.objects.filter(status__in=[Status.WAITING, Status.RUNNING])
    before = unfinished.filter(line=OuterRef("line"), id__lt=OuterRef("id"))
    free = Job.objects.filter(~Exists(same_key), ~Exists(before))
    return free.filter(status=Status.WAITING, run_at__lte=now(), name__in=names)


def claim(lane: str, names: Collection[str], worker: str) -> Job | None:
    """Take the job of ``lane`` that is due longest, or None. Jobs of one name and key run one after the other."""
    try:
        with db.transaction():
            moment = now()
            due = _startable(names).filter(lane=lane).select_for_update(skip_locked=True)
            job = due.order_by("run_at", "id").first()
            if job is None:
                return None
            job.status, job.lease, job.lease_until = Status.RUNNING, new_key(), moment + LEASE
            job.worker, job.attempt = worker[:100], job.attempt + 1
            job.started_at = job.started_at or moment
            job.save(update_fields=["status", "lease", "lease_until", "worker", "attempt", "started_at"])
            return job
    except db.IntegrityError:
        return None  # on PostgreSQL another worker took the other job of this key in the same instant


def reap() -> int:
    """Put jobs whose lease ran out back into the queue, and fail those that keep killing their worker.

    Looks first, so an idle installation is never written to.
    """
    lapsed = Job.objects.filter(status=Status.RUNNING, lease_until__lt=now())
    if not lapsed.exists():
        return 0
    return _bury(lapsed)


def reap_here(worker: str) -> int:
    """Before ``worker`` ("host:process") begins: put back at once what processes of this host held that are gone."""
    host, _colon, own = worker.rpartition(":")
    here = Job.objects.filter(status=Status.RUNNING, worker__startswith=f"{host}:")
    held_by = set(here.values_list("worker", flat=True))
    gone = [each for each in held_by if (number := each.rpartition(":")[2]) == own or not _lives(number)]
    return _bury(here.filter(worker__in=gone)) if gone else 0


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError):
        return True
    return True


def abandon(lease: str) -> int:
    """The process working under this lease died: do at once what :func:`reap` would do later."""
    return _bury(held(lease))


def _bury(dead: QuerySet[Job]) -> int:
    with db.transaction():
        failed = dead.filter(crashes__gte=CRASHES_ALLOWED).update(
            status=Status.FAILED, ended_at=now(), crashes=F("crashes") + 1,
            error="The worker died each time it ran this job.", **_FREE,
        )  # fmt: skip
        return failed + dead.update(status=Status.WAITING, run_at=now(), crashes=F("crashes") + 1, **_FREE)


def release(lease: str, after: float = 0.0) -> int:
    """Give a job back unfinished and blameless; it starts again ``after`` seconds with its saved state."""
    return held(lease).update(status=Status.WAITING, run_at=now() + dt.timedelta(seconds=after), **_FREE)


def retry(lease: str, error: str, delay: float) -> int:
    """An attempt failed: wait ``delay`` seconds and try again."""
    moment = now() + dt.timedelta(seconds=delay)
    return held(lease).update(status=Status.WAITING, run_at=moment, failures=F("failures") + 1, error=error, **_FREE)


def end(lease: str, status: Status, error: str = "", failures: int = 0) -> int:
    """The job is over: done, failed or cancelled."""
    return held(lease).update(
        status=status, ended_at=now(), error=error, failures=F("failures") + failures, **_FREE
    )  # fmt: skip
