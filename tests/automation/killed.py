"""A worker of its own that carries automations out and is killed between two steps, when asked to.

python -m tests.automation.killed AT     dies by SIGKILL before step AT is noted; without AT it does all there is
"""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from rapport.automation import jobs, running  # noqa: E402  after django.setup()
from rapport.platform.actor import as_system  # noqa: E402
from tests.automation.acting import Run  # noqa: E402


def main() -> None:
    """Work like the job does."""
    real = running._note

    def note(run: Any, *given: Any) -> None:
        if len(sys.argv) > 1 and run.step == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        real(run, *given)

    running._note = note
    with as_system("a worker that may be killed"):
        jobs.work(Run())


if __name__ == "__main__":
    main()
