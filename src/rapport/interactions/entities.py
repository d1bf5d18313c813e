from django.utils.translation import gettext_lazy as _

from rapport.interactions.models import Interaction
from rapport.records import Entity, KeepLatest, register


@register
class InteractionEntity(Entity):
    model = Interaction
    key, plural = "interaction", "interactions"
    label, label_plural, icon = _("Interaction"), _("Interactions"), "message-square"
    title = "subject"
    parents = ("party", "party.company", "about")
    columns = ("subject", "channel", "party", "at", "outcome", "owner", "tags")
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
