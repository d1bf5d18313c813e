from django.utils.translation import gettext_lazy as _

from rapport.automation.models import Approval, Automation
from rapport.records import Card, Entity, Panel, Section, View, register
from rapport.records.layout import ANY
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


WAITING = {"field": "status", "op": "eq", "value": "waiting"}


@register
class ApprovalEntity(Entity):
    model = Approval
    key, plural = "approval", "approvals"
    label, label_plural, icon = _("Approval"), _("Approvals"), "stamp"
    title = "question"
    parents = ("about",)
    section = "work"
    teaches = _("Where an automation asks for somebody's approval, it is asked here, and stays with the answer.")
    views = (
        View(
            "mine", _("Approvals"), "stamp", {"and": [WAITING, {"field": "owner", "op": "eq", "value": "me"}]},
            go="a", one=_("approval"),
        ),
        View("waiting", _("All that wait"), "hourglass", WAITING, one=_("approval")),
        View("asked", _("Asked by me"), "message-square", {"field": "asked_by", "op": "eq", "value": "me"}),
        View("all", _("All"), "stamp"),
    )  # fmt: skip
    columns = ("question", "status", "decider", "asked_by", "due_at", "created_at")
    filters = (
        "status", "decider", "deciders", "asked_by", "due_at", "automation", "decided_by", "decided_at", "owner",
    )  # fmt: skip
    form = ("question", "about", "decider", "deciders", "due_at")
    card = Card(
        header=("status", "due_at"),
        sections=(
            Section(_("Approval"), ("decider", "deciders", "due_at", "asked_by", "automation")),
            Section(_("Answer"), ("decided_by", "decided_at", "remark"), {"status": ("approved", "declined")}),
            Section(_("Answer"), ("decided_at", "remark"), {"status": ("expired", "withdrawn")}),
        ),
    )
    panels = (Panel(ANY, "about", _("Approvals"), fields=("status",), limit=4),)
    sorts = ("created_at", "due_at")
    search = {"question": "A"}
    found_by = ("status",)
    split = "status"
    grants = {
        "manager": "view change delete export",
        "sales": "view change",
        "service": "view change",
        "readonly": "view",
    }
