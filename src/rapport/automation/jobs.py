"""The clockwork: events are listened to, the clock is looked at, runs are carried on. Nothing is written while idle."""

import time
from typing import Any

from rapport.automation import listening, log, running, sweeping, timing
from rapport.platform.identity import snapshot
from rapport.platform.jobs import job, schedule

EVERY, BUDGET = 0.4, 6.0


def something_to_do() -> bool:
    """Whether events, dates, sweeps or runs are waiting; four short questions at most."""
    return listening.behind() or running.due() or sweeping.waiting() or timing.due()


@schedule(every=EVERY, only_if=something_to_do)
@job("automation.work")
def work(run: Any) -> None:
    """Listen, then carry on what is due, for a few seconds; what is left follows at once."""
    snapshot.current()
    until = time.monotonic() + BUDGET
    timing.tick()
    while time.monotonic() < until:
        run.check_cancelled()
        more = listening.listen()
        found = running.next_due()
        for key in found:
            run.check_cancelled()
            running.advance(key)
            if time.monotonic() > until:
                return
        more = sweeping.sweep() or more
        if not (found or more or listening.behind()):
            return


@schedule(daily_at="03:50", only_if=log.ended_long_ago)
@job("automation.forget")
def forget(run: Any) -> None:
    """Forget runs that ended long ago, a slice per transaction."""
    while log.forget():
        run.check_cancelled()
