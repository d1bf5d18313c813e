from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties import choices, primary, values
from rapport.records import fields
from rapport.records.errors import Bad, Refused
from rapport.records.layout import Consequence
from rapport.records.models import Record, external_once


class ContactPoint(Record):
    """A way to reach a party. ``is_primary`` is left open by who adds one: the first of its group becomes it."""

    party = fields.Relation("parties.Party", _("belongs to"), entity="party", null=False)
    kind = fields.Choice(_("kind"), options=choices.POINTS, default="email")
    value = fields.Text(_("value"), null=False, default="")
    value_key = models.TextField(default="", editable=False)
    label = fields.Choice(_("label"), options=choices.LABELS, null=True)
    is_primary = fields.YesNo(_("primary"), null=True)
    is_preferred = fields.YesNo(_("preferred"), default=False)
    preferred_when = fields.Text(_("when"), longest=120)
    is_valid = fields.YesNo(_("works"), default=True)
    permits = fields.MultiChoice(_("may be used for"), options=choices.PERMITS)
    permit_source = fields.Text(_("permitted by"), longest=200)
    permit_on = fields.Day(_("permitted on"))
    note = fields.Text(_("note"))

    class Meta:
        db_table = "contact_point"
        constraints = external_once("contact_point")
        indexes = [
            models.Index(fields=["party", "kind", "id"], name="contact_point_party"),
            models.Index(fields=["value_key"], name="contact_point_value"),
        ]

    def __str__(self) -> str:
        return self.value

    def settle(self, before: dict[str, Any] | None) -> None:
        if not self.value:
            raise Refused(_("This is needed."), field="value")
        try:
            self.value = values.normal(self.kind, self.value)
        except Bad as bad:
            raise Refused(str(bad), field="value") from bad
        self.value_key = values.key_of(self.kind, self.value)

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        primary.appoint(records, primary.of_point)

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        return primary.after(self, before, primary.of_point)

    def joins(self, held: list[Any]) -> bool:
        group = primary.of_point(self.kind)
        alike = [each for each in held if primary.of_point(each.kind) == group]
        if any(each.is_primary for each in alike):
            self.is_primary = False
        return all(each.value_key != self.value_key for each in alike)

    def repeats(self, other: Any) -> bool:
        same = self.party_id == other.party_id and self.value_key == other.value_key
        return same and primary.of_point(self.kind) == primary.of_point(other.kind)

    def amends(self) -> list[Consequence]:
        party = self.party_id
        return [] if primary.is_binned(party) else primary.amended(party, primary.of_point(self.kind))
