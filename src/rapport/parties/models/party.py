from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties import born, choices, holding, primary, working
from rapport.parties.tongues import LANGUAGES, ZONES
from rapport.platform.text import FoldedField
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.layout import Consequence
from rapport.records.models import (
    Record,
    Story,
    external_once,
    merged_index,
    record_indexes,
    territory_indexes,
)


class Party(Record):
    """A person or an organisation we deal with. E-mail, phone and address are the primary ones."""

    kind = fields.Choice(_("kind"), options=choices.KINDS, default="organisation")
    name = fields.Text(_("name"), folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    given_name = fields.Text(_("given name"))
    family_name = fields.Text(_("family name"))
    email = fields.Email(_("e-mail"))
    phone = fields.Phone(_("phone"))
    website = fields.Url(_("website"))
    company = fields.Relation("self", _("works at"), entity="party")
    title = fields.Text(_("job title"))
    roles = fields.MultiChoice(_("roles"), options=choices.ROLES)
    industry = fields.Text(_("industry"), folded="industry_key")
    industry_key = FoldedField(of="industry")
    employees = fields.Number(_("employees"), low=0)
    annual_revenue = fields.Money(_("annual revenue"), base="annual_revenue_base")
    annual_revenue_base = models.BigIntegerField(null=True, editable=False)
    currency = fields.Currency(_("currency"))
    language = fields.Choice(_("language"), options=LANGUAGES, null=True)
    time_zone = fields.Choice(_("time zone"), options=ZONES, null=True)
    description = fields.LongText(_("description"))
    address_street = fields.Text(_("street"))
    address_city = fields.Text(_("city"), folded="city_key")
    city_key = FoldedField(of="address_city")
    address_region = fields.Text(_("region"))
    address_postcode = fields.Text(_("postcode"), longest=20)
    address_country = fields.Country(_("country"))
    last_contact_at = fields.Moment(_("last contact"), null=True, editable=False)
    territory = fields.Relation("platform.Territory", _("territory"), entity="territory")
    territory_fixed = fields.YesNo(_("territory chosen by hand"), null=True, editable=False)
    # Of persons.
    sex = fields.Choice(_("sex"), options=choices.SEXES, null=True)
    birth_on = fields.Day(_("born"))
    income_band = fields.Choice(_("income"), options=choices.INCOMES, null=True)
    interests = fields.Text(_("interests"), longest=600)
    purchase_purpose = fields.MultiChoice(_("buys for"), options=choices.PURPOSES)
    payment_way = fields.MultiChoice(_("pays by"), options=choices.PAYMENTS)
    spending_pattern = fields.Choice(_("spending"), options=choices.SPENDING, null=True)
    service_preferences = fields.MultiChoice(_("prefers service"), options=choices.SERVICE)
    use_frequency = fields.Choice(_("uses our products"), options=choices.FREQUENCIES, null=True)
    # Of organisations.
    legal_name = fields.Text(_("legal name"))
    registration_number = fields.Text(_("registration number"), longest=60)
    tax_number = fields.Text(_("tax number"), longest=60)
    founded_on = fields.Day(_("founded"))
    sites = fields.LongText(_("sites"))
    plans = fields.LongText(_("plans"))

    class Meta:
        db_table = "party"
        constraints = external_once("party")
        indexes = [
            *record_indexes("party", "name_key", "last_contact_at", split="kind"),
            merged_index("party"),
            *territory_indexes("party", "name_key", "last_contact_at", split="kind"),
            models.Index(fields=["email"], name="party_email", condition=models.Q(email__isnull=False)),
            models.Index(fields=["phone"], name="party_phone", condition=models.Q(phone__isnull=False)),
            models.Index(
                fields=["company", "name_key", "id"],
                name="party_company",
                condition=models.Q(company__isnull=False),
            ),
            models.Index(
                fields=["city_key", "kind", "name_key", "id"],
                name="party_city",
                condition=models.Q(city_key__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def settle(self, before: dict[str, Any] | None) -> None:
        if self.kind == "person":
            self._settle_person_name(before)
        if not self.name and self.email:
            self.name = self.email
        if not self.name:
            raise Refused(_("Give a name or an e-mail address."), field="name")
        if self.company_id and self.company_id == self.id:
            raise Refused(_("Nobody works at himself."), field="company")
        if self.birth_on and self.birth_on > holding.today():
            raise Refused(_("Nobody is born in the future."), field="birth_on")
        if self.interests:
            self.interests = ", ".join(
                dict.fromkeys(filter(None, (each.strip() for each in self.interests.split(","))))
            )

    def _settle_person_name(self, before: dict[str, Any] | None) -> None:
        """Keep name and its parts in step: whichever was given or changed leads."""
        old = before or {}
        parts = " ".join(filter(None, (self.given_name, self.family_name)))
        parts_moved = (self.given_name, self.family_name) != (old.get("given_name"), old.get("family_name"))
        name_moved = self.name != old.get("name") or old.get("kind") != "person"
        if parts and parts_moved and (not self.name or self.name == old.get("name")):
            self.name = parts
        elif name_moved and self.name and self.name != parts and not parts_moved:
            given, _space, family = self.name.rpartition(" ")
            self.given_name, self.family_name = given or None, family or None

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        if before is None:
            return [Story("party", "created", {"subject": self.name}, self.created_at)]
        return []

    def children(self, before: dict[str, Any] | None) -> list[models.Model]:
        return born.with_party(self) if before is None else []

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        if before is None:
            return []
        if before["binned_at"] and not self.binned_at:
            return self.amends()
        return [
            *primary.carried_down(self, before),
            *holding.carried_down(self, before),
            *working.carried_down(self, before),
        ]

    def amends(self) -> list[Consequence]:
        if self.binned_at:
            return []
        return [*primary.amended(self.id), *holding.amended(self.id), *working.amended(self.id)]
