from django.utils.translation import gettext_lazy as _

from rapport.parties.models import Party
from rapport.records import Card, Duplicates, Entity, Map, Panel, Section, View, register

ORGANISATION, PERSON = {"kind": "organisation"}, {"kind": "person"}


@register
class PartyEntity(Entity):
    model = Party
    key, plural = "party", "parties"
    label, label_plural, icon = _("Organisation or person"), _("Organisations and people"), "building-2"
    parents = ("company",)
    section = "relationships"
    teaches = _("Customers, suppliers and partners belong here, and their people: each with all that was said.")
    views = (
        View(
            "organisations", _("Organisations"), "building-2", {"field": "kind", "op": "eq", "value": "organisation"},
            go="o", one=_("organisation"), new=ORGANISATION,
        ),
        View(
            "people", _("People"), "users", {"field": "kind", "op": "eq", "value": "person"}, go="p", one=_("person"),
            columns=("name", "title", "company", "email", "phone", "address.city", "last_contact_at", "owner"),
            form=(
                "name", "company", "title", "email", "phone", "roles", "address.city", "address.country", "owner",
                "description",
            ),
            new=PERSON,
        ),
    )  # fmt: skip
    columns = ("name", "roles", "industry", "address.city", "phone", "last_contact_at", "owner")
    filters = (
        "roles", "industry", "owner", "territory", "last_contact_at", "address.city", "address.country", "company",
        "created_at",
    )  # fmt: skip
    form = (
        "name", "roles", "email", "phone", "website", "industry", "address.street", "address.postcode",
        "address.city", "address.country", "owner", "description",
    )  # fmt: skip
    card = Card(
        header=("roles", "industry"),
        sections=(
            Section(_("Contact"), (
                "email", "phone", "website", "address.street", "address.postcode", "address.city", "address.region",
                "address.country",
            )),
            Section(_("Profile"), (
                "roles", "industry", "employees", "annual_revenue", "founded_on", "description",
            ), ORGANISATION),
            Section(_("Registration"), ("legal_name", "registration_number", "tax_number"), ORGANISATION),
            Section(_("Structure and plans"), ("sites", "plans"), ORGANISATION),
            Section(_("Profile"), (
                "given_name", "family_name", "company", "title", "roles", "birth_on", "sex", "description",
            ), PERSON),
            Section(_("Buying"), (
                "income_band", "interests", "purchase_purpose", "payment_way", "spending_pattern",
                "service_preferences", "use_frequency",
            ), PERSON),
            Section(_("Relationship"), (
                "owner", "territory", "tags", "last_contact_at", "language", "time_zone", "external_id",
            )),
        ),
        composer=True,
    )  # fmt: skip
    panels = (
        Panel(
            "party", "company", _("People"), "users", ("title",), sort="name", limit=12, only=ORGANISATION, new=PERSON
        ),
    )
    map = Map("address.country", within=("address.region", "address.city"))
    sorts = ("name", "created_at", "last_contact_at")
    default_sort = "name"
    search = {"name": "A", "email": "A", "phone": "B", "address.city": "B", "external_id": "B"}
    counted_by = split = "kind"
    found_by = ("kind", "address.city", "email", "phone")
    seldom = (
        "sex", "birth_on", "income_band", "interests", "purchase_purpose", "payment_way", "spending_pattern",
        "service_preferences", "use_frequency", "legal_name", "registration_number", "tax_number", "founded_on",
        "sites", "plans", "time_zone", "territory_fixed",
    )  # fmt: skip
    required = ("name",)
    territory = "own"
    offers = {"company": {"field": "kind", "op": "eq", "value": "organisation"}}
    match_on = ("external_id", "email", "name")
    plain = (
        "industry", "employees", "language", "time_zone", "sex", "income_band", "spending_pattern", "use_frequency",
        "purchase_purpose", "payment_way", "service_preferences", "founded_on",
    )  # fmt: skip
    duplicates = Duplicates(
        {
            "given_name": "name", "family_name": "name", "name": "title", "email": "email", "phone": "phone",
            "website": "site", "birth_on": "day", "tax_number": "code", "registration_number": "code",
            "company": "same", "address.street": "text", "address.postcode": "code", "address.city": "text",
            "address.region": "word",
        },
        apart="kind",
        shared=(
            "family_name", "company", "phone", "website", "address.street", "address.postcode", "address.city",
            "address.region",
        ),
    )  # fmt: skip
    grants = {
        "manager": "view add change delete export",
        "sales": "view add change",
        "service": "view:all add change:all",
        "readonly": "view",
    }
