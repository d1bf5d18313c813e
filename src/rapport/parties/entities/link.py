from django.utils.translation import gettext_lazy as _

from rapport.parties.entities.contact import WITH_PARTY
from rapport.parties.models import PartyLink
from rapport.records import Card, Entity, Section, register


@register
class PartyLinkEntity(Entity):
    model = PartyLink
    key, plural = "party_link", "party-links"
    label, label_plural, icon = _("Link"), _("Links"), "link"
    title = "kind"
    part_of = "from_party"
    columns = ("from_party", "kind", "to_party", "title", "department", "started_on", "ended_on")
    filters = ("kind", "from_party", "to_party", "department", "started_on", "ended_on")
    form = ("from_party", "kind", "to_party", "title", "department", "started_on", "ended_on", "note")
    card = Card(
        header=("kind",),
        sections=(
            Section(_("Link"), ("from_party", "kind", "to_party", "title", "department")),
            Section(_("Time"), ("is_primary", "started_on", "ended_on", "note")),
        ),
    )
    read_only = ("owner",)
    required = ("from_party", "to_party")
    tells_itself = False
    grants = WITH_PARTY
