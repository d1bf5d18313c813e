from django.utils.translation import gettext_lazy as _

from rapport.parties.models import Party
from rapport.records import Entity, register


@register
class PartyEntity(Entity):
    model = Party
    key, plural = "party", "parties"
    label, label_plural, icon = _("Party"), _("Parties"), "building-2"
    parents = ("company",)
    columns = ("name", "roles", "industry", "address.city", "email", "phone", "last_contact_at", "owner", "tags")
    sorts = ("name", "created_at", "last_contact_at")
    default_sort = "name"
    search = {"name": "A", "email": "A", "phone": "B", "address.city": "B", "external_id": "B"}
    counted_by = split = "kind"
    found_by = ("kind", "address.city", "email", "phone")
    required = ("name",)
    match_on = ("external_id", "email", "name")
    grants = {
        "manager": "view add change delete export",
        "sales": "view add change",
        "service": "view:all add change:all",
        "readonly": "view",
    }
