"""A worker of its own that sorts all records and is killed after some slices, when asked to.

python -m tests.territories.killed AFTER     dies by SIGKILL before slice AFTER is stored; without it does all there is
"""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from rapport.platform.jobs import claims, execution  # noqa: E402  after django.setup()
from rapport.platform.jobs.registry import kinds  # noqa: E402
from rapport.records.bulk import saving  # noqa: E402
from rapport.records.pace import Pace  # noqa: E402
from rapport.records.territories import jobs, placing  # noqa: E402
from tests.imports.screens import Heart  # noqa: E402


def main() -> None:
    """Work like the worker does, in small slices."""
    jobs.LOOK, done, real = 20, 0, saving.save
    jobs.Pace = lambda size: Pace(size=10)  # type: ignore[assignment,misc]

    def save(*given: Any, **more: Any) -> set[str]:
        nonlocal done
        found = real(*given, **more)
        done += 1
        if len(sys.argv) > 1 and done > int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    placing.saving.save = save  # type: ignore[assignment]
    claims.reap()
    for lane in ("short", "long", "short"):
        while job := claims.claim(lane, list(kinds()), "a test"):
            execution.execute(job, Heart())


if __name__ == "__main__":
    main()
