"""What a webhook was told and what came of it, for whoever may know all of that; and telling it again."""

from typing import Any

from rapport.platform import db
from rapport.platform.actor import LEVELS, Actor, current
from rapport.platform.clock import wire
from rapport.platform.jobs import enqueue
from rapport.records import rows
from rapport.records.entity import registry
from rapport.records.errors import Forbidden, Unseen
from rapport.records.logs import Page, page_of
from rapport.records.models import Webhook, WebhookDelivery
from rapport.records.models.webhooks import SKIPPED, STATES
from rapport.records.webhooks import sending, signing


def deliveries(webhook: str, *, limit: int = 50, after: str | None = None, status: str = "") -> Page:
    """What the webhook was told, or is to be told."""
    known = _webhook(webhook)
    return page_of(_told(known), _entry, STATES, limit=limit, after=after, status=status)


def replay(webhook: str, delivery: str) -> dict[str, Any]:
    """Send a delivery once more, with the same id and body; returns it as it is now."""
    known = _webhook(webhook)
    found = _told(known).filter(id=delivery).first()
    if found is None:
        raise Unseen(f"There is no delivery {delivery}.")
    with db.transaction():
        sending.again(found)
        enqueue("webhooks.deliver", {"key": known.id}, key=known.id)
    return _entry(found)


def secret(webhook: str) -> str:
    """What the receiver checks signatures with."""
    known = _webhook(webhook)
    return signing.secret_of(known.id, known.secret_number)


def may_look(owner: str | None, actor: Actor) -> bool:
    """Whether somebody may know what was told on behalf of ``owner``: he, and who may see everything anyway."""
    return actor.may("webhook", "change") and (actor.id == owner or _sees_all(actor))


def _sees_all(actor: Actor) -> bool:
    return actor.level("*", "view") == LEVELS["all"]


def _told(webhook: Webhook) -> Any:
    """Its deliveries; those that were left out, or told on behalf of another owner, only for who sees all anyway."""
    found = WebhookDelivery.objects.filter(webhook=webhook.id)
    if _sees_all(current()):
        return found
    return found.filter(owner=webhook.owner_id).exclude(status=SKIPPED)


def _webhook(key: str) -> Webhook:
    actor = current()
    found: Webhook = rows.load(registry.get("webhook"), key, actor, "change", binned=True)
    if not may_look(found.owner_id, actor):
        raise Forbidden("What a webhook is told is for its owner.")
    return found


def _entry(each: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": each.id, "event": each.event, "entity": each.entity, "record": each.record, "at": wire(each.at),
        "status": each.status, "attempts": each.attempts, "code": each.code, "answer": each.said or None,
        "next_at": _when(each.next_at), "ended_at": _when(each.ended_at), "body": each.body or None,
    }  # fmt: skip


def _when(moment: Any) -> str | None:
    return wire(moment) if moment else None
