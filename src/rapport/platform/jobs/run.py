"""What a handler holds in its hand while it runs."""

import copy
from typing import Any

from rapport.platform.clock import now
from rapport.platform.jobs.claims import LEASE, held
from rapport.platform.jobs.interrupts import Cancelled, LeaseLost, Stopping
from rapport.platform.jobs.models import Job


class Run:
    """One attempt at a job."""

    def __init__(self, job: Job) -> None:
        self.id = str(job.id)
        self.name = job.name
        self.args: dict[str, Any] = job.args
        self.attempt = job.attempt
        self.failures = job.failures
        self.state: dict[str, Any] = job.state
        self._saved = copy.deepcopy(self.state)
        self.actor: str | None = job.actor
        self.reason, self.scope = job.reason, job.scope
        self.lease = str(job.lease)
        self.lease_until = job.lease_until or now()
        self.done, self.total, self.note = job.done, job.total, job.note
        self.unsaid = False
        self.cancelled = self.stopping = self.lost = False

    def check_cancelled(self) -> None:
        """Leave (by exception) when the job was cancelled, the worker stops, or another worker holds the job.

        Costs nothing: call it in every turn of a loop, between transactions or inside one.
        """
        if self.lost:
            raise LeaseLost(self.id)
        if self.cancelled:
            raise Cancelled(self.id)
        if self.stopping:
            raise Stopping(self.id)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how far the job is. Costs nothing: the heartbeat writes it about once a second."""
        self.done, self.total, self.note = done, self.total if total is None else total, note[:200]
        self.unsaid = True

    def save_state(self, state: dict[str, Any]) -> None:
        """Save where to resume. Inside the transaction of the work, both are kept or neither.

        Leaves by LeaseLost, which rolls the work back, when another worker took the job over meanwhile.
        """
        until = now() + LEASE
        said = {"done": self.done, "total": self.total, "note": self.note}
        # A job that gets on may be interrupted any number of times.
        got_on = {} if state == self._saved else {"crashes": 0}
        if not held(self.lease).update(state=state, lease_until=until, **said, **got_on):
            self.lost = True
            raise LeaseLost(self.id)
        self.state, self._saved, self.lease_until = state, copy.deepcopy(state), until
