"""Learning new words, once a minute where there are any."""

import time
from typing import Any

from rapport.platform.jobs import job, schedule
from rapport.records.spelling import vocabulary

EVERY, BUDGET = 60, 4.0


@schedule(every=EVERY, only_if=vocabulary.behind)
@job("search.learn")
def learn(run: Any) -> None:
    """Learn what is new, for a few seconds; the next minute goes on."""
    until = time.monotonic() + BUDGET
    while time.monotonic() < until and vocabulary.learn():
        run.check_cancelled()
