"""From the stream of events to the webhooks that want them: one row per webhook and event, whatever happens."""

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.events.models import EventCursor
from rapport.platform.events.stream import Fact
from rapport.records.entity import registry
from rapport.records.models import Webhook, WebhookDelivery, cursor_of

SLICE = 500
_BEHIND = """SELECT 1 FROM event_cursor WHERE consumer LIKE 'webhook:%%' AND position < %s LIMIT 1"""


def behind() -> bool:
    """Whether a webhook has not heard of something yet; one statement where there is no webhook."""
    if db.one("SELECT 1 FROM event_cursor WHERE consumer LIKE 'webhook:%%' LIMIT 1") is None:
        return False
    return db.one(_BEHIND, (stream.latest(),)) is not None


def dispatch() -> list[str]:
    """Note for every webhook what it is to be told; returns the ids of those that have something to send."""
    found = []
    live = list(Webhook.objects.filter(binned_at=None))
    for webhook in live:
        if _read(webhook):
            found.append(webhook.id)
    kept = [cursor_of(webhook.id) for webhook in live]
    EventCursor.objects.filter(consumer__startswith="webhook:").exclude(consumer__in=kept).delete()
    return found


def _read(webhook: Webhook) -> bool:
    """Go on to the end of the stream; True when something is to be sent. One that is switched off hears nothing."""
    told = False
    while True:
        with db.transaction():
            cursor = EventCursor.objects.select_for_update().filter(consumer=cursor_of(webhook.id)).first()
            listens = cursor is not None and webhook.is_active
            at = cursor.position if cursor and listens else stream.latest()
            facts = stream.after(at, SLICE) if listens else []
            last = facts[-1].position if facts else at
            wanted = [fact for fact in facts if wants(webhook, fact)]
            WebhookDelivery.objects.bulk_create([_row(webhook, fact) for fact in wanted], ignore_conflicts=True)
            EventCursor.objects.update_or_create(consumer=cursor_of(webhook.id), defaults={"position": last})
        told = told or bool(wanted)
        if len(facts) < SLICE:
            return told


def wants(webhook: Webhook, fact: Fact) -> bool:
    """Whether the webhook listens to this kind of event."""
    if fact.entity not in registry or not fact.name.startswith(f"{fact.entity}."):
        return False  # what concerns screens only
    return any(word in ("*", fact.entity, fact.name) for word in webhook.words)


def _row(webhook: Webhook, fact: Fact) -> WebhookDelivery:
    moment = now()
    return WebhookDelivery(
        webhook=webhook, position=fact.position, event=fact.name, entity=fact.entity, record=fact.record, at=moment,
        next_at=moment,
        fact={
            "version": fact.version, "count": fact.count, "operation": fact.operation, "actor": fact.actor,
            "fields": list(fact.fields),
        },
    )  # fmt: skip
