"""What recurs: one worker moves the clock hand and enqueues, in one transaction."""

import datetime as dt
import logging

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs.models import JobSchedule
from rapport.platform.jobs.queue import enqueue
from rapport.platform.jobs.registry import recurrences

KEY = "schedule"
log = logging.getLogger("rapport.jobs")


def prepare() -> None:
    """Give each schedule its first moment; bring one forward whose period became shorter. Writes only then."""
    known = dict(JobSchedule.objects.values_list("name", "next_at"))
    for name, recurrence in recurrences().items():
        due = recurrence.after(now())
        if name not in known:
            JobSchedule.objects.bulk_create([JobSchedule(name=name, next_at=due)], ignore_conflicts=True)
        elif due < known[name]:
            JobSchedule.objects.filter(name=name, next_at__gt=due).update(next_at=due)


def start_due() -> int:
    """Enqueue what is due, each once however many workers look; returns how many this worker started."""
    due = JobSchedule.objects.filter(next_at__lte=now(), name__in=recurrences())
    return sum(_start(name, seen) for name, seen in due.values_list("name", "next_at") if _wanted(name))


def _wanted(name: str) -> bool:
    """Whether it has something to do; one that cannot tell keeps nothing else from starting."""
    only_if = recurrences()[name].only_if
    try:
        return only_if is None or only_if()
    except Exception:
        log.exception("whether %s has something to do cannot be told", name)
        return False


def _start(name: str, seen: dt.datetime) -> int:
    with db.transaction():
        hand = JobSchedule.objects.filter(name=name, next_at=seen)
        if not hand.update(next_at=recurrences()[name].after(now())):
            return 0
        enqueue(name, {}, key=KEY)
        return 1
