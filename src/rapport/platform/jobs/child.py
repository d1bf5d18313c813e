"""The child process of the long lane: one claimed job, then exit."""

import os
import signal
import sys
import threading
import time

from rapport.platform import db
from rapport.platform.jobs.claims import held
from rapport.platform.jobs.execution import execute
from rapport.platform.jobs.heart import Heart
from rapport.platform.jobs.registry import discover

GRACE = 3.5


def run_one(job: str, lease: str) -> int:
    """Run the job held under ``lease``; the parent's closing of our standard input means stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    discover()
    row = held(lease).filter(id=job).first()
    if row is None:
        return 0
    heart = Heart()
    threading.Thread(target=_obey, args=(heart,), name="jobs-parent", daemon=True).start()
    execute(row, heart)
    db.close()
    return 0


def _obey(heart: Heart) -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    until = time.monotonic() + GRACE
    while time.monotonic() < until:
        for run in heart.runs():
            run.stopping = True
        time.sleep(0.05)
    os._exit(1)
