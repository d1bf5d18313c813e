"""The heartbeat: one thread per process that keeps the leases of running jobs, and sleeps when there are none."""

import logging
import threading

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs.claims import LEASE, held
from rapport.platform.jobs.models import Job
from rapport.platform.jobs.run import Run
from rapport.platform.jobs.states import Status

log = logging.getLogger("rapport.jobs")
TURN = 1.0


class Heart:
    """Keeps leases alive, writes progress, brings word of a cancel."""

    def __init__(self, turn: float = TURN) -> None:
        self._turn = turn
        self._runs: dict[str, Run] = {}
        self._change = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._beat, name="jobs-heart", daemon=True)
        self._thread.start()

    def watch(self, run: Run) -> None:
        """Keep this run's lease from now on."""
        with self._change:
            self._runs[run.lease] = run
            self._change.notify()

    def forget(self, run: Run) -> None:
        """This run is over."""
        with self._change:
            self._runs.pop(run.lease, None)

    def runs(self) -> list[Run]:
        """What runs in this process now."""
        with self._change:
            return list(self._runs.values())

    def stop(self) -> None:
        """End the thread."""
        with self._change:
            self._stopped = True
            self._change.notify()
        self._thread.join(self._turn * 2)

    def _beat(self) -> None:
        while True:
            with self._change:
                if not self._runs:
                    db.close()
                self._change.wait_for(lambda: self._stopped or bool(self._runs))
                self._change.wait_for(lambda: self._stopped, self._turn)
                if self._stopped:
                    break
            try:
                self._turn_once(self.runs())
            except Exception:
                log.exception("heartbeat failed; trying again")
                db.close()
        db.close()

    def _turn_once(self, runs: list[Run]) -> None:
        asked = dict(
            Job.objects.filter(lease__in=[run.lease for run in runs], status=Status.RUNNING).values_list(
                "lease", "cancel_asked"
            )
        )
        for run in runs:
            if run.lease not in asked:
                run.lost = True
                continue
            run.cancelled = run.cancelled or asked[run.lease]
            if run.unsaid or run.lease_until < now() + LEASE * 2 / 3:
                self._renew(run)

    def _renew(self, run: Run) -> None:
        run.unsaid = False
        until = now() + LEASE
        if held(run.lease).update(lease_until=until, done=run.done, total=run.total, note=run.note):
            run.lease_until = until
