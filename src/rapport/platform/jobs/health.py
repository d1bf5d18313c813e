"""How the queue is doing, for ``/readyz``, ``/metrics`` and ``rapport check``."""

import datetime as dt
from dataclasses import dataclass

from rapport.platform.clock import now
from rapport.platform.jobs.models import Job
from rapport.platform.jobs.states import Status


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """``late_seconds``: how long the oldest due job has been waiting; above a minute no worker is keeping up."""

    late_seconds: float
    running: int
    failed_today: int


def queue_health() -> QueueHealth:
    """Three indexed SELECTs; writes nothing."""
    moment = now()
    oldest = (
        Job.objects.filter(status=Status.WAITING, run_at__lte=moment)
        .order_by("run_at")
        .values_list("run_at", flat=True)
        .first()
    )
    return QueueHealth(
        late_seconds=0.0 if oldest is None else (moment - oldest).total_seconds(),
        running=Job.objects.filter(status=Status.RUNNING).count(),
        failed_today=Job.objects.filter(status=Status.FAILED, ended_at__gte=moment - dt.timedelta(days=1)).count(),
    )
