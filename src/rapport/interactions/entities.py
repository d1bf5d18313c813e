from django.utils.translation import gettext_lazy as _

from rapport.interactions.models import Interaction
from rapport.records import Card, Entity, KeepLatest, Section, View, register


@register
class InteractionEntity(Entity):
    model = Interaction
    key, plural = "interaction", "interactions"
    label, label_plural, icon = _("Interaction"), _("Interactions"), "message-square"
    title = "subject"
    parents = ("party", "party.company", "about")
    section = "relationships"
    teaches = _("Calls, mails, meetings and notes belong here, each with whom it was and what came of it.")
    views = (View("all", _("Interactions"), "message-square", go="i", one=_("interaction")),)
    filters = ("channel", "at", "party", "outcome", "owner", "direction")
    form = ("channel", "party", "subject", "body", "at", "direction", "outcome", "about", "owner")
    card = Card(
        header=("channel", "outcome"),
        sections=(
            Section(_("Contact"), ("channel", "direction", "party", "about", "at", "duration_s", "outcome", "owner")),
            Section(_("Text"), ("subject", "body")),
        ),
    )
    columns = ("subject", "channel", "party", "at", "outcome", "owner")
    sorts = ("created_at", "at")
    default_sort = "-at"
    search = {"subject": "B"}
    found_by = ("channel",)
    tells_itself = False
    keeps_latest = (KeepLatest(on="party", table="party", field="last_contact_at", of="at"),)
    grants = {
        "manager": "view add change delete export",
        "sales": "view add change",
        "service": "view:all add change",
        "readonly": "view",
    }
