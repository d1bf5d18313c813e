"""Background jobs: work that starts after commit, survives a crash and never makes a person wait.

    @job("import.apply", lane="long")
    def apply_import(run, import_id):
        ...

    enqueue("import.apply", {"import_id": key})

A handler may run more than once (at least once is the promise), so it is idempotent or saves its place with
``run.save_state`` in the transaction of its work.
"""

from rapport.platform.jobs.interrupts import Cancelled, Interrupted, LeaseLost, Stopping
from rapport.platform.jobs.queue import Standing, again, cancel, enqueue, look, unfinished
from rapport.platform.jobs.registry import UnknownJob, discover, job, schedule

__all__ = [
    "Cancelled", "Interrupted", "LeaseLost", "Standing", "Stopping", "UnknownJob", "again", "cancel", "discover",
    "enqueue", "job", "look", "schedule", "unfinished",
]  # fmt: skip
