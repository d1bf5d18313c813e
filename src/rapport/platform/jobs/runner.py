"""The worker: looks for due work, wakes the slot of its lane, starts what recurs, and stops cleanly."""

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Sequence

from rapport.platform import db
from rapport.platform.jobs import claims, recurring, upkeep
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.registry import discover, kinds
from rapport.platform.jobs.slots import ChildSlot, Slot, ThreadSlot
from rapport.platform.jobs.states import Lane

log = logging.getLogger("rapport.jobs")
OWN_JOBS = (upkeep.forget_ended_jobs,)
SHORT_SLOTS = 2
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 0.6
GRACE = 4.0
CHILD = (sys.executable, "-m", "rapport.platform.jobs")


def run_worker(stop: threading.Event, *, child: Sequence[str] = CHILD, grace: float = GRACE) -> bool:
    """Work until ``stop`` is set, then at most ``grace`` seconds and a little more (five in all).

    True when all that ran came to an end or gave its place back; False when a handler is still busy: its job is
    released, and the process should exit at once (the job starts again a moment later).
    """
    discover()
    worker = Worker(stop, child)
    while not stop.wait(worker.turn()):
        pass
    return worker.close(grace)


class Worker:
    """One worker process: two short slots, one long slot, one heart."""

    def __init__(self, stop: threading.Event, child: Sequence[str] = CHILD) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._names = frozenset(kinds())
        self._stop = stop
        self._pause = FIRST_PAUSE
        self._prepared = False
        self._heart = Heart()
        self._slots = [self._short_slot() for _ in range(SHORT_SLOTS)] + [self._long_slot(child)]
        for slot in self._slots:
            slot.start()

    def turn(self) -> float:
        """Look once and wake who has work; returns how long to pause."""
        try:
            busy = self._look()
        except Exception:
            log.exception("looking for jobs failed; trying again")
            db.close()
            self._pause = LONGEST_PAUSE
            return self._pause
        self._pause = FIRST_PAUSE if busy else min(self._pause * 1.5, LONGEST_PAUSE)
        return self._pause

    def close(self, grace: float = GRACE) -> bool:
        """Stop the slots, wait for what runs, release what does not end. See :func:`run_worker`."""
        until = time.monotonic() + grace
        for slot in self._slots:
            slot.wake()
        while any(slot.is_alive() for slot in self._slots) and time.monotonic() < until:
            for run in self._heart.runs():
                run.stopping = True
            time.sleep(0.02)
        left = self._heart.runs()
        if left:
            releasing = threading.Thread(target=_release, args=([run.lease for run in left],), daemon=True)
            releasing.start()
            releasing.join(0.7)  # a handler inside a transaction may hold the lock; then its lease lapses
        else:
            self._heart.stop()
        db.close()
        return not left

    def _look(self) -> bool:
        if not self._prepared:
            recurring.prepare()
            claims.reap_here(self.name)
            self._prepared = True
        started = recurring.start_due()
        reaped = claims.reap()
        lanes = claims.due_lanes(self._names)
        idle = [slot for slot in self._slots if slot.lane in lanes and not slot.busy]
        for slot in idle:
            slot.wake()
        return bool(started or reaped or idle)

    def _short_slot(self) -> Slot:
        slot = ThreadSlot(Lane.SHORT.value, self._names, self.name, self._stop)
        slot.heart = self._heart
        return slot

    def _long_slot(self, child: Sequence[str]) -> Slot:
        slot = ChildSlot(Lane.LONG.value, self._names, self.name, self._stop)
        slot.command = child
        return slot


def _release(leases: list[str]) -> None:
    try:
        for lease in leases:
            claims.release(lease, after=1.0)
    finally:
        db.close()
