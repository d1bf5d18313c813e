"""One delivery: what the webhook's owner may know of the event, signed and sent; failures are tried again."""

import datetime as dt
import time
from typing import Any

import orjson

from rapport.platform import db, outgoing
from rapport.platform.actor import Actor, acting_as
from rapport.platform.clock import now, wire
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records import read
from rapport.records.entity import registry
from rapport.records.errors import Problem
from rapport.records.models import Webhook, WebhookDelivery
from rapport.records.models.webhooks import FAILED, SENT, SKIPPED, WAITING
from rapport.records.read import Query
from rapport.records.webhooks import signing

FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0
PATIENCE = dt.timedelta(days=1)
KEPT_ANSWER = 500


def attempt(delivery: WebhookDelivery) -> bool:
    """Send a delivery, or note when to try again; False when nobody answered at all."""
    webhook = delivery.webhook
    delivery.first_at = delivery.first_at or now()
    if not delivery.body or delivery.owner != webhook.owner_id:
        delivery.owner, body = webhook.owner_id, _body(webhook, delivery)
        if body is None:
            delivery.body = ""
            _end(delivery, SKIPPED, "")
            return True
        delivery.body = body
    delivery.attempts += 1
    raw = delivery.body.encode()
    secret = signing.secret_of(webhook.id, webhook.secret_number)
    try:
        reply = outgoing.post(webhook.url, raw, signing.headers(secret, delivery.id, int(time.time()), raw))
    except outgoing.Unreachable as error:
        delivery.code = None
        _failed(delivery, str(error))
        return False
    delivery.code = reply.status
    if 200 <= reply.status < 300:
        _end(delivery, SENT, reply.text)
    else:
        _failed(delivery, reply.text)
    return True


def again(delivery: WebhookDelivery) -> None:
    """Send it once more, with a day of patience."""
    delivery.status, delivery.next_at, delivery.first_at, delivery.attempts = WAITING, now(), None, 0
    delivery.ended_at = None
    delivery.save()


def wait_after(attempts: int) -> float:
    """Seconds until the next attempt: doubling, at most an hour."""
    return float(min(FIRST_WAIT * 2.0 ** (attempts - 1), LONGEST_WAIT))


def _failed(delivery: WebhookDelivery, said: str) -> None:
    due = now() + dt.timedelta(seconds=wait_after(delivery.attempts))
    if delivery.first_at and due > delivery.first_at + PATIENCE:
        _end(delivery, FAILED, said)
        return
    delivery.next_at, delivery.said = due, said[:KEPT_ANSWER]
    delivery.save()


def _end(delivery: WebhookDelivery, status: str, said: str) -> None:
    delivery.status, delivery.said, delivery.next_at, delivery.ended_at = status, said[:KEPT_ANSWER], None, now()
    delivery.save()


def _body(webhook: Webhook, delivery: WebhookDelivery) -> str | None:
    """What is sent, as JSON; None when the owner may not know of it, or the filter does not let it through."""
    actor = _owner(webhook)
    entity = registry.get(delivery.entity)
    if actor is None or not actor.may(entity.key, "view"):
        return None
    data: Any = None
    with acting_as(actor):
        if delivery.record and delivery.event != f"{entity.key}.erased":
            data = _data(webhook, delivery)
            if data is None:
                return None
        elif webhook.filter or actor.level(entity.key, "view") < 3:
            return None  # of many records at once, or of what is gone: for those who see all
        fields = [name for name in delivery.fact["fields"] if name in entity.fields]
    told = {
        "id": delivery.id, "event": delivery.event, "at": wire(delivery.at), "entity": delivery.entity,
        "record": delivery.record, **delivery.fact, "fields": fields, "data": data,
    }  # fmt: skip
    return orjson.dumps(told).decode()


def _data(webhook: Webhook, delivery: WebhookDelivery) -> Any:
    """The record as the owner sees it now, in the bin or not."""
    entity = registry.get(delivery.entity)
    for binned in (False, True):
        query = Query(entity, filter=webhook.tree, fields=tuple(entity.fields), sort=("created_at",), binned=binned)
        query.where.append(("t.id = %s", [db.key(delivery.record)]))
        try:
            found = read.page(query).items()
        except Problem:
            return None  # a filter that no longer fits the set-up lets nothing through
        if found:
            return found[0]
    return None


def _owner(webhook: Webhook) -> Actor | None:
    user = User.objects.filter(id=webhook.owner_id, is_active=True).first()
    return access.actor_of(user, source="webhook") if user else None
