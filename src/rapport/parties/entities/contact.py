from django.utils.translation import gettext_lazy as _

from rapport.parties.models import Address, ContactPoint
from rapport.records import Card, Entity, Section, register

# Who may change a party may do anything to its parts: see ``Entity.part_of``.
WITH_PARTY = {
    "manager": "view add change delete export",
    "sales": "view add change delete",
    "service": "view:all add change:all delete:all",
    "readonly": "view",
}


@register
class ContactPointEntity(Entity):
    model = ContactPoint
    key, plural = "contact_point", "contact-points"
    label, label_plural, icon = _("Contact point"), _("Contact points"), "at-sign"
    title = "value"
    part_of = "party"
    lends = "value"
    copies = ("email", "phone", "website")
    columns = ("value", "kind", "party", "label", "is_primary", "is_preferred", "is_valid", "permits")
    filters = ("kind", "party", "is_primary", "is_preferred", "is_valid", "permits", "label")
    form = (
        "party",
        "kind",
        "value",
        "label",
        "is_preferred",
        "preferred_when",
        "permits",
        "permit_source",
        "permit_on",
    )
    card = Card(
        header=("kind", "label"),
        sections=(
            Section(_("Contact point"), ("party", "kind", "value", "label", "note")),
            Section(_("Use"), ("is_primary", "is_preferred", "preferred_when", "is_valid")),
            Section(_("Permission"), ("permits", "permit_source", "permit_on")),
        ),
    )
    read_only = ("owner",)
    required = ("party", "value")
    match_on = ("external_id", "value")
    tells_itself = False
    grants = WITH_PARTY


@register
class AddressEntity(Entity):
    model = Address
    key, plural = "address", "addresses"
    label, label_plural, icon = _("Address"), _("Addresses"), "map-pin"
    title = "kind"
    part_of = "party"
    copies = ("address.street", "address.postcode", "address.city", "address.region", "address.country")
    columns = ("kind", "party", "street", "postcode", "city", "region", "country", "is_primary")
    filters = ("kind", "party", "city", "region", "country", "is_primary", "valid_to")
    form = ("party", "kind", "street", "postcode", "city", "region", "country", "valid_from", "valid_to", "note")
    card = Card(
        sections=(
            Section(_("Address"), ("party", "kind", "street", "postcode", "city", "region", "country")),
            Section(_("Use"), ("is_primary", "valid_from", "valid_to", "note")),
        )
    )
    read_only = ("owner",)
    required = ("party",)
    tells_itself = False
    grants = WITH_PARTY
