"""Deliveries that wait for their moment, and those that were ended long ago."""

import datetime as dt

from rapport.platform import db
from rapport.platform.clock import now
from rapport.records.models import WebhookDelivery
from rapport.records.models.webhooks import WAITING
from rapport.records.operation import moment_param

LATE = dt.timedelta(minutes=1)
KEPT = dt.timedelta(days=30)


def due(webhook: str) -> WebhookDelivery | None:
    """What is to be sent next, when its moment has come; nothing while the webhook is switched off or in the bin."""
    found = WebhookDelivery.objects.filter(
        webhook=webhook, status=WAITING, next_at__lte=now(), webhook__is_active=True, webhook__binned_at=None
    )
    return found.select_related("webhook").order_by("next_at", "position").first()


def next_moment(webhook: str) -> dt.datetime | None:
    """When the next delivery is due; None when nothing waits, or the webhook is switched off."""
    found = WebhookDelivery.objects.filter(
        webhook=webhook, status=WAITING, webhook__is_active=True, webhook__binned_at=None
    )
    return found.order_by("next_at").values_list("next_at", flat=True).first()


def put_off(webhook: str, until: dt.datetime) -> None:
    """Nobody answers: what is due earlier waits as well."""
    WebhookDelivery.objects.filter(webhook=webhook, status=WAITING, next_at__lt=until).update(next_at=until)


def overdue() -> list[str]:
    """Webhooks with deliveries that their job should have sent by now."""
    sql = f"""SELECT DISTINCT d.webhook_id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
              WHERE d.status = '{WAITING}' AND d.next_at < %s AND w.is_active AND w.binned_at IS NULL"""
    return [str(db.unkey(row[0])) for row in db.rows(sql, (moment_param(now() - LATE),))]


def ended_long_ago() -> bool:
    """Whether there is anything to forget."""
    return WebhookDelivery.objects.filter(ended_at__lt=now() - KEPT).exists()


def forget() -> None:
    """Deliveries are kept for a month."""
    WebhookDelivery.objects.filter(ended_at__lt=now() - KEPT).delete()
