"""Looking for duplicates among everybody."""

import json
import resource
import time
from collections.abc import Iterator

from bench import place as places
from bench.registry import Bench, Result, row

MOST_SECONDS = 60
COMMAND = "import sys; from rapport.config.cli import run; sys.exit(run(['duplicates', 'parties']))"


@row("duplicates")
def duplicates(bench: Bench) -> Iterator[Result]:
    """The command over all parties, alone on the installation; its memory."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    made = places.python(["-c", COMMAND], bench.place.environment)
    used, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    told = json.loads(made.stdout.strip().split("\n")[-1])
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    goal, seconds = MOST_SECONDS * bench.place.scale, told["seconds"]
    yield Result(
        "duplicates", "among all parties", f"{seconds:.0f} s", f"{goal:.0f} s", goal / seconds, f"≤ {goal:.0f} s",
        seconds <= goal, f"{told['pairs']} pairs; CPU {cpu:.0f} s of {wall:.0f}; {used.ru_maxrss / 1024:.0f} MB",
        {"seconds": seconds, "pairs": told["pairs"], "cpu": cpu},
    )  # fmt: skip
