"""The queue's own recurring job: ended jobs are not kept for ever."""

import datetime as dt

from rapport.platform.clock import now
from rapport.platform.jobs.models import Job
from rapport.platform.jobs.registry import job, schedule
from rapport.platform.jobs.run import Run
from rapport.platform.jobs.states import Status

KEPT = {
    Status.DONE: dt.timedelta(days=7),
    Status.CANCELLED: dt.timedelta(days=7),
    Status.FAILED: dt.timedelta(days=90),
}
SLICE = 500


@schedule(daily_at="02:40")
@job("platform.forget_ended_jobs")
def forget_ended_jobs(run: Run) -> None:
    """Delete ended jobs past their time, a slice per transaction."""
    for status, span in KEPT.items():
        old = Job.objects.filter(status=status, ended_at__lt=now() - span)
        while ids := list(old.order_by("ended_at").values_list("id", flat=True)[:SLICE]):
            run.check_cancelled()
            Job.objects.filter(id__in=ids).delete()
