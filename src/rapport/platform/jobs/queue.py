"""The caller's side: put a job in the queue, cancel it, run it again."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs.authorship import at_work
from rapport.platform.jobs.registry import kind_of
from rapport.platform.jobs.states import Status


def _jobs() -> Any:
    # Not imported at the top: this package is imported before Django is set up (python -m rapport.platform.jobs).
    return apps.get_model("platform", "Job")._default_manager.using(db.ALIAS)


def enqueue(
    name: str,
    args: dict[str, Any],
    *,
    run_at: dt.datetime | None = None,
    key: str | None = None,
    line: str | None = None,
) -> str:
    """Write a job into the queue and return its id; inside a transaction it exists only once that commits.

    With a ``key`` at most one job of that name and key is waiting to start, and never do two of them run at once: when
    one is waiting already, its id comes back and the earlier ``run_at`` counts. The waiting one starts after the open
    transaction, so it sees what was written here. The job runs on behalf of the current actor.

    Jobs of one ``line``, whatever their names, are done one after the other in the order they were written here, also
    when one of them was interrupted: what was asked for last has the last word.
    """
    kind = kind_of(name)
    table = _jobs()
    due = run_at or now()
    while True:
        row = table.model(name=name, lane=kind.lane, args=args, key=key, line=line, run_at=due, **at_work())
        if key is None:
            row.save(force_insert=True, using=db.ALIAS)
            return str(row.id)
        with db.transaction():
            table.bulk_create([row], ignore_conflicts=True)
            waiting = _hold(name, key)
            if waiting is not None:
                if waiting != row.id:
                    table.filter(id=waiting, run_at__gt=due).update(run_at=due)
                return waiting


def _hold(name: str, key: str) -> str | None:
    """Find the waiting job of a key and keep it from starting before this transaction ends (several may hold it)."""
    found = db.one(
        "SELECT id FROM job WHERE name = %s AND key = %s AND status = %s AND attempt = 0"
        + ("" if db.is_sqlite() else " FOR SHARE"),
        (name, key, Status.WAITING.value),
    )
    return None if found is None else db.unkey(found[0])


def cancel(job: str) -> bool:
    """Cancel a job: a waiting one at once, a running one at its next ``check_cancelled``; False when it has ended."""
    table = _jobs()
    with db.transaction():
        ended = table.filter(id=job, status=Status.WAITING).update(status=Status.CANCELLED, ended_at=now())
        return bool(ended or table.filter(id=job, status=Status.RUNNING).update(cancel_asked=True))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a job is, for those who wait for it."""

    status: str
    done: int
    total: int | None
    started_at: dt.datetime | None


def look(job: str) -> Standing | None:
    """How far a job is; None when it is forgotten."""
    row = _jobs().filter(id=job).values_list("status", "done", "total", "started_at").first()
    return Standing(*row) if row else None


def unfinished(name: str, key: str) -> str | None:
    """The newest job of this name and key that waits or runs."""
    held = _jobs().filter(name=name, key=key, status__in=[Status.WAITING, Status.RUNNING])
    found = held.order_by("-run_at").values_list("id", flat=True).first()
    return str(found) if found else None


def again(job: str) -> bool:
    """Let a failed or cancelled job run again from its saved state; False when it is neither."""
    count = (
        _jobs()
        .filter(id=job, status__in=[Status.FAILED, Status.CANCELLED])
        .update(
            status=Status.WAITING, run_at=now(), ended_at=None, failures=0, crashes=0, attempt=1,
            cancel_asked=False, error="",
        )
    )  # fmt: skip
    return bool(count)
