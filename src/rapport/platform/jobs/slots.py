"""Where jobs run: threads for the short lane, one child process at a time for the long lane."""

import logging
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from rapport.platform import db
from rapport.platform.jobs import claims
from rapport.platform.jobs.execution import execute
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.models import Job

log = logging.getLogger("rapport.jobs")


class Slot(threading.Thread, ABC):
    """A place of one lane; sleeps until woken, then works until its lane is empty."""

    def __init__(self, lane: str, names: Collection[str], worker: str, stop: threading.Event) -> None:
        super().__init__(name=f"jobs-{lane}", daemon=True)
        self.lane, self.names, self.worker, self.stop_event = lane, names, worker, stop
        self._bell = threading.Event()
        self.busy = False

    def wake(self) -> None:
        """There may be work."""
        self.busy = True
        self._bell.set()

    def run(self) -> None:
        """Sleep and work until told to stop."""
        while not self.stop_event.is_set():
            self._bell.wait()
            self._bell.clear()
            try:
                self._empty_lane()
            except Exception:
                log.exception("a job slot stumbled")
            db.close()
            self.busy = False

    def _empty_lane(self) -> None:
        while not self.stop_event.is_set():
            job = claims.claim(self.lane, self.names, self.worker)
            if job is None:
                return
            self.work(job)

    @abstractmethod
    def work(self, job: Job) -> None:
        """Do one claimed job."""


class ThreadSlot(Slot):
    """Runs the handler in this thread."""

    heart: Heart

    def work(self, job: Job) -> None:
        execute(job, self.heart)


class ChildSlot(Slot):
    """Runs the handler in a child: its memory goes with it, a crash stays in it, short jobs keep the interpreter.

    The child's standard input is its line to us: it stops when the line closes, also when we are killed.
    """

    command: Sequence[str]
    grace = 4.0

    def work(self, job: Job) -> None:
        db.close()
        child = subprocess.Popen([*self.command, "--one", str(job.id), str(job.lease)], stdin=subprocess.PIPE)
        code = self._wait(child)
        if code == 0:
            return
        if self.stop_event.is_set():
            claims.release(str(job.lease))
        elif claims.abandon(str(job.lease)):
            log.error("the process of job %s %s died with code %s", job.name, job.id, code)

    def _wait(self, child: "subprocess.Popen[bytes]") -> int:
        while not self.stop_event.wait(0.1):
            if child.poll() is not None:
                break
        assert child.stdin is not None
        child.stdin.close()
        try:
            return child.wait(self.grace)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()
