from django.utils.translation import gettext_lazy as _

from rapport.parties.entities.contact import WITH_PARTY
from rapport.parties.models import PartyRole
from rapport.records import Card, Entity, Section, register


@register
class PartyRoleEntity(Entity):
    model = PartyRole
    key, plural = "party_role", "party-roles"
    label, label_plural, icon = _("Role"), _("Roles"), "tag"
    title = "role"
    part_of = "party"
    parents = ("party",)
    columns = ("party", "role", "stage", "tier", "manager", "started_on", "ended_on")
    filters = ("role", "stage", "tier", "manager", "started_on", "ended_on", "party", "party.industry")
    form = ("party", "role", "stage", "tier", "manager", "started_on", "ended_on", "note")
    card = Card(
        header=("stage", "tier"),
        sections=(
            Section(_("Role"), ("party", "role", "stage", "tier", "manager")),
            Section(_("Time"), ("started_on", "ended_on", "note")),
        ),
    )
    read_only = ("owner",)
    required = ("party", "role")
    tells_itself = False
    grants = WITH_PARTY
