"""Who outside is told of what happens, and how that went."""

from typing import Any, ClassVar

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform import outgoing
from rapport.platform.actor import current
from rapport.platform.events.models import EventCursor
from rapport.platform.events.stream import latest
from rapport.platform.keys import KeyField, new_key
from rapport.records import fields
from rapport.records.actions import action
from rapport.records.entity import registry
from rapport.records.errors import BadQuery, Refused
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.models.record import Record, external_once

WAITING, SENT, FAILED, SKIPPED = "waiting", "sent", "failed", "skipped"
STATES = ((WAITING, _("Waiting")), (SENT, _("Delivered")), (FAILED, _("Failed")), (SKIPPED, _("Left out")))


class Webhook(Record):
    """An address outside that is told of events. It hears what its owner may see: whoever last said what it tells.

    ``events``: words parted by blanks or commas: a kind of record (``deal``), one event (``deal.created``), or ``*``.
    """

    name = fields.Text(_("name"), longest=100, null=False, default="")
    url = fields.Url(_("address"), null=False, default="")
    events = fields.Text(_("events"), longest=1000, null=False, default="*")
    filter = fields.Filter(_("filter"))
    is_active = fields.YesNo(_("active"), default=True)
    secret_number = fields.Number(_("secret"), low=1, default=1, null=False, editable=False)
    tags = None  # no tags on set-up

    class Meta:
        db_table = "webhook"
        constraints: ClassVar[list[Any]] = external_once("webhook")

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> list[str]:
        """What it listens to."""
        return self.events.replace(",", " ").split()

    @property
    def tree(self) -> Any:
        """Its filter."""
        return orjson.loads(self.filter) if self.filter else None

    def settle(self, before: dict[str, Any] | None) -> None:
        """What it names must be there; whoever says where it goes or what it tells is its owner from then on."""
        if why := outgoing.refused(self.url):
            raise Refused(why, field="url")
        kinds = self._kinds()
        if self.filter and len(kinds) != 1:
            raise Refused(_("A filter needs events of one kind of record."), field="filter")
        for kind in kinds if self.filter else ():
            try:
                compile_filter(self.tree, Joins(registry.get(kind), current()), place_for(current()))
            except BadQuery as problem:
                raise Refused(problem.detail, field="filter") from problem
        told = (self.url, self.events, self.filter)
        if before is None or told != (before["url"], before["events"], before["filter"]):
            self.owner_id = current().id
            if before is not None and self.owner_id != before["owner_id"]:
                self.secret_number += 1  # the receiver so far trusts the one before

    def _kinds(self) -> set[str]:
        """The kinds of records whose events it names; raises Refused for what is none."""
        found = {word.partition(".")[0] for word in self.words if word != "*"}
        unknown = sorted(kind for kind in found if kind not in registry)
        if unknown or not self.words:
            known = ", ".join(sorted(each.key for each in registry))
            words = {"name": unknown[0] if unknown else "", "known": known}
            raise Refused(_("“%(name)s” is no kind of record: %(known)s, or * for all.") % words, field="events")
        return set() if "*" in self.words else found

    @action(label=_("New secret"), said=_("“%(title)s” has a new secret"))
    def renew_secret(self) -> None:
        """From now on another secret signs."""
        self.secret_number += 1

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        """It hears of what happens from now on."""
        now = latest()
        EventCursor.objects.bulk_create([EventCursor(consumer=cursor_of(each.id), position=now) for each in records])


def cursor_of(webhook: str) -> str:
    """The name under which a webhook reads the stream of events."""
    return f"webhook:{webhook}"


class WebhookDelivery(models.Model):
    """One event for one webhook: what was sent, how often it was tried, what was answered.

    ``owner``: on whose behalf it was looked at; until then it is not known whether he may hear of it.
    """

    id = KeyField(primary_key=True, default=new_key)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="+", db_index=False)
    position = models.BigIntegerField()
    event = models.TextField()
    entity = models.TextField()
    record = KeyField(null=True)
    owner = KeyField(null=True)
    status = models.CharField(max_length=8, choices=STATES, default=WAITING)
    at = models.DateTimeField()
    first_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    code = models.PositiveSmallIntegerField(null=True)
    said = models.TextField(default="", blank=True)
    body = models.TextField(default="", blank=True)
    fact = models.JSONField(default=dict)

    class Meta:
        db_table = "webhook_delivery"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["webhook", "position"], name="webhook_delivery_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["webhook", "id"], name="webhook_delivery_log"),
            models.Index(fields=["next_at"], name="webhook_delivery_due", condition=models.Q(status=WAITING)),
        ]
