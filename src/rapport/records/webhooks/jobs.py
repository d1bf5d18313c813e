"""The clockwork of webhooks: events are noted every few seconds, each webhook is served by a job of its own."""

import datetime as dt
import time
from typing import Any

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import snapshot
from rapport.platform.jobs import enqueue, job, schedule
from rapport.records.models import WebhookDelivery
from rapport.records.models.webhooks import WAITING
from rapport.records.operation import moment_param
from rapport.records.webhooks import dispatch, sending

EVERY, BUDGET, LATE = 3, 8.0, 60
KEPT = dt.timedelta(days=30)


def something_to_do() -> bool:
    """Whether events are waiting, or a delivery that its job should have sent by now."""
    return dispatch.behind() or bool(_overdue())


def _overdue() -> list[str]:
    late = moment_param(now() - dt.timedelta(seconds=LATE))
    sql = f"""SELECT DISTINCT d.webhook_id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
              WHERE d.status = '{WAITING}' AND d.next_at < %s AND w.is_active AND w.binned_at IS NULL"""
    return [str(db.unkey(row[0])) for row in db.rows(sql, (late,))]


@schedule(every=EVERY, only_if=something_to_do)
@job("webhooks.dispatch")
def note(run: Any) -> None:
    """Note who is to be told of what, and let it be sent."""
    for key in dict.fromkeys([*dispatch.dispatch(), *_overdue()]):
        enqueue("webhooks.deliver", {"key": key}, key=key)


@job("webhooks.deliver")
def deliver(run: Any, key: str) -> None:
    """Send what is due to one webhook; when nobody answers there the rest waits as well."""
    snapshot.current()
    until = time.monotonic() + BUDGET
    waiting = WebhookDelivery.objects.filter(webhook=key, status=WAITING).order_by("next_at", "position")
    while time.monotonic() < until:
        run.check_cancelled()
        due = waiting.filter(next_at__lte=now()).select_related("webhook").first()
        if due is None:
            break
        if not due.webhook.is_active or due.webhook.binned_at:
            return
        if not sending.attempt(due) and due.next_at:
            waiting.filter(next_at__lt=due.next_at).update(next_at=due.next_at)
    following = waiting.first()
    if following is not None:
        enqueue("webhooks.deliver", {"key": key}, key=key, run_at=following.next_at)


def ended_long_ago() -> bool:
    """Whether there is anything to forget."""
    return WebhookDelivery.objects.filter(ended_at__lt=now() - KEPT).exists()


@schedule(daily_at="03:40", only_if=ended_long_ago)
@job("webhooks.forget")
def forget(run: Any) -> None:
    """Deliveries are kept for a month."""
    WebhookDelivery.objects.filter(ended_at__lt=now() - KEPT).delete()
