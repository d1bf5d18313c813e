from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties.models import Party
from rapport.platform.clock import now
from rapport.platform.keys import KeyField
from rapport.platform.mentions import plain
from rapport.platform.text import FoldedField
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.models import Record, Story, external_once, record_indexes

CHANNELS = (
    ("note", _("Note")), ("call", _("Call")), ("email", _("E-mail")), ("meeting", _("Meeting")), ("visit", _("Visit")),
    ("chat", _("Chat")), ("sms", _("SMS")), ("message", _("Message")), ("social", _("Social")), ("letter", _("Letter")),
    ("fax", _("Fax")), ("form", _("Web form")), ("event", _("Event")), ("point_of_sale", _("Point of sale")),
    ("portal", _("Portal")), ("ad", _("Ad click")),
)  # fmt: skip
DIRECTIONS = (("in", _("Incoming")), ("out", _("Outgoing")), ("internal", _("Internal")))
SHOWN = 600


class Interaction(Record):
    """What happened with a party, over whatever channel."""

    party = fields.Relation(Party, _("with"), entity="party")
    channel = fields.Choice(_("channel"), options=CHANNELS, default="note")
    direction = fields.Choice(_("direction"), options=DIRECTIONS, null=True)
    subject = fields.Text(_("subject"), folded="subject_key")
    subject_key = FoldedField(of="subject")
    body = fields.LongText(_("text"))
    at = fields.Moment(_("when"), default=now)
    duration_s = fields.Number(_("duration, seconds"), low=0, high=31_536_000)
    outcome = fields.Text(_("outcome"), longest=80)
    about_entity = models.TextField(null=True, editable=False)
    about_id = KeyField(null=True, editable=False)

    class Meta:
        db_table = "interaction"
        constraints = external_once("interaction")
        indexes = [
            *record_indexes("interaction", "at"),
            models.Index(fields=["party", "at", "id"], name="interaction_party"),
            models.Index(
                fields=["about_id", "at"],
                name="interaction_about",
                condition=models.Q(about_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(dict(CHANNELS)[self.channel])

    def settle(self, before: dict[str, Any] | None) -> None:
        if not self.subject and not self.body and self.channel == "note":
            raise Refused(_("Write something first."), field="body")
        if not self.subject:
            first = plain(self.body).strip().split("\n")[0]
            self.subject = first[:120] or str(dict(CHANNELS)[self.channel])

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        told = plain(self.body).startswith(self.subject or "")
        summary = {
            "subject": None if told else self.subject,
            "body": (self.body or "")[:SHOWN] or None,
            "direction": self.direction,
            "outcome": self.outcome,
            "duration_s": self.duration_s,
        }
        return [Story(self.channel, "logged", {k: v for k, v in summary.items() if v}, self.at)]
