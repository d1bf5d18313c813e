from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties import choices, primary
from rapport.platform.text import FoldedField, fold
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.layout import Consequence
from rapport.records.models import Record, external_once


class Address(Record):
    """Where a party is found, gets its post, its goods or its invoices."""

    party = fields.Relation("parties.Party", _("belongs to"), entity="party", null=False)
    kind = fields.Choice(_("kind"), options=choices.ADDRESSES, default="visiting")
    street = fields.Text(_("street"))
    postcode = fields.Text(_("postcode"), longest=20)
    city = fields.Text(_("city"), folded="city_key")
    city_key = FoldedField(of="city")
    region = fields.Text(_("region"))
    country = fields.Country(_("country"))
    is_primary = fields.YesNo(_("primary"), null=True)
    valid_from = fields.Day(_("valid from"))
    valid_to = fields.Day(_("valid to"))
    note = fields.Text(_("note"))

    class Meta:
        db_table = "address"
        constraints = external_once("address")
        indexes = [models.Index(fields=["party", "id"], name="address_party")]

    def __str__(self) -> str:
        town = " ".join(filter(None, (self.postcode, self.city)))
        return ", ".join(filter(None, (self.street, town, self.region, self.country)))

    def settle(self, before: dict[str, Any] | None) -> None:
        if not str(self):
            raise Refused(_("Give at least a street, a city or a country."), field="city")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise Refused(_("It cannot end before it began."), field="valid_to")

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        primary.appoint(records, primary.of_address)

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        return primary.after(self, before, primary.of_address)

    def joins(self, held: list[Any]) -> bool:
        if any(each.is_primary for each in held):
            self.is_primary = False
        return all(fold(str(each)) != fold(str(self)) or each.kind != self.kind for each in held)

    def repeats(self, other: Any) -> bool:
        return self.party_id == other.party_id and fold(str(self)) == fold(str(other))

    def amends(self) -> list[Consequence]:
        party = self.party_id
        return [] if primary.is_binned(party) else primary.amended(party, primary.of_address(self.kind))
