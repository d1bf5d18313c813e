from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties import choices, primary, working
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.layout import Consequence
from rapport.records.models import Record, external_once


class PartyLink(Record):
    """How one party belongs to another, read from ``from_party``. ``ended_on``: the first day it no longer does.

    ``is_primary`` tells, of several places of work, the one that the party itself names.
    """

    from_party = fields.Relation("parties.Party", _("who"), entity="party", null=False)
    kind = fields.Choice(_("kind"), options=choices.LINKS, default="works_at")
    to_party = fields.Relation("parties.Party", _("whom"), entity="party", null=False)
    title = fields.Text(_("job title"))
    department = fields.Text(_("department"))
    is_primary = fields.YesNo(_("primary"), null=True)
    started_on = fields.Day(_("since"))
    ended_on = fields.Day(_("until"))
    note = fields.Text(_("note"))

    class Meta:
        db_table = "party_link"
        constraints = external_once("party_link")
        indexes = [
            models.Index(fields=["from_party", "kind", "id"], name="party_link_from"),
            models.Index(fields=["to_party", "kind", "id"], name="party_link_to"),
        ]

    def __str__(self) -> str:
        return str(dict(choices.LINKS)[self.kind])

    def settle(self, before: dict[str, Any] | None) -> None:
        if self.from_party_id == self.to_party_id:
            raise Refused(_("A party is not linked with itself."), field="to_party")
        if self.started_on and self.ended_on and self.ended_on < self.started_on:
            raise Refused(_("It cannot end before it began."), field="ended_on")

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        working.appoint(records)

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        return working.after(self, before)

    def joins(self, held: list[Any]) -> bool:
        if self.is_primary and any(each.is_primary for each in held):
            self.is_primary = False
        return all(
            (each.kind, each.to_party_id, each.ended_on) != (self.kind, self.to_party_id, self.ended_on)
            for each in held
        )  # fmt: skip

    def amends(self) -> list[Consequence]:
        return [] if primary.is_binned(self.from_party_id) else working.amended(self.from_party_id)
