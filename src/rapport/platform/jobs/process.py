"""A worker as a process: signals in, exit code out."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from django.conf import settings

from rapport.platform import locks, turns
from rapport.platform.jobs.child import run_one
from rapport.platform.jobs.runner import CHILD, GRACE, run_worker


def main(arguments: Sequence[str] | None = None, child: Sequence[str] = CHILD, grace: float = GRACE) -> None:
    """Run a worker until SIGTERM or Ctrl-C, or one job for a parent worker; never returns."""
    parser = argparse.ArgumentParser(prog="rapport-jobs", description="Rapport's background worker")
    parser.add_argument("--one", nargs=2, metavar=("JOB", "LEASE"), help="run one claimed job and exit")
    parser.add_argument("--attached", action="store_true", help="stop when standard input closes")
    chosen = parser.parse_args(arguments)
    turns.give_way()
    if chosen.one:
        _leave(run_one(*chosen.one))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if chosen.attached:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    with locks.held(settings.DATA, locks.WORKING, shared=True):
        run_worker(stop, child=child, grace=grace)
    _leave(0)


def _until_closed(stop: threading.Event) -> None:
    """Stop with whoever started us, even when he was killed: his end of our standard input closes."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    stop.set()


def _leave(code: int) -> None:
    """Exit without waiting for threads that are still busy: their jobs have been given back."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
