"""The clockwork of webhooks: events are noted every few seconds, each webhook is served by a job of its own."""

import time
from typing import Any

from rapport.platform.identity import snapshot
from rapport.platform.jobs import enqueue, job, schedule
from rapport.records.webhooks import dispatch, sending, waiting

EVERY, BUDGET = 3, 8.0


def something_to_do() -> bool:
    """Whether events are waiting, or a delivery that its job should have sent by now."""
    return dispatch.behind() or bool(waiting.overdue())


@schedule(every=EVERY, only_if=something_to_do)
@job("webhooks.dispatch")
def note(run: Any) -> None:
    """Note who is to be told of what, and let it be sent."""
    for key in dict.fromkeys([*dispatch.dispatch(), *waiting.overdue()]):
        enqueue("webhooks.deliver", {"key": key}, key=key)


@job("webhooks.deliver")
def deliver(run: Any, key: str) -> None:
    """Send what is due to one webhook; when nobody answers there the rest waits as well."""
    snapshot.current()
    until = time.monotonic() + BUDGET
    while time.monotonic() < until:
        run.check_cancelled()
        due = waiting.due(key)
        if due is None:
            break
        if not sending.attempt(due) and due.next_at:
            waiting.put_off(key, due.next_at)
    moment = waiting.next_moment(key)
    if moment is not None:
        enqueue("webhooks.deliver", {"key": key}, key=key, run_at=moment)


@schedule(daily_at="03:40", only_if=waiting.ended_long_ago)
@job("webhooks.forget")
def forget(run: Any) -> None:
    """Forget what ended long ago."""
    waiting.forget()
