from django.utils.translation import gettext_lazy as _

from rapport.automation.models import Automation
from rapport.records import Card, Entity, Section, register
from rapport.records.objects import ObjectKind


@register
class AutomationEntity(Entity):
    model = Automation
    key, plural = "automation", "automations"
    label, label_plural, icon = _("Automation"), _("Automations"), "zap"
    teaches = _("An automation does by itself what somebody would have to think of: when this, if that, then so.")
    column_kinds = {"entity": ObjectKind(own=True)}
    columns = ("name", "is_active", "entity", "owner", "updated_at")
    filters = ("entity", "is_active", "owner")
    form = ("name", "entity")
    card = Card(sections=(Section(_("Automation"), ("name", "entity", "is_active", "all_rights", "owner")),))
    sorts = ("created_at",)
    default_sort = "name"
    required = ("name", "entity")
    read_only = ("owner",)
    configuration = True
    tells_itself = False
