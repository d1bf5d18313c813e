from django.utils.translation import gettext_lazy as _

from rapport.interactions.models import Interaction, Task
from rapport.interactions.recurrence import NONE, RECURRENCES
from rapport.records import Calendar, Card, Entity, KeepLatest, Section, View, register


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
    calendar = Calendar("at")
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


REPEATING = tuple(value for value, _label in RECURRENCES if value != NONE)
OPEN = {"field": "status", "op": "eq", "value": "open"}
MINE = {"field": "owner", "op": "eq", "value": "me"}


@register
class TaskEntity(Entity):
    model = Task
    key, plural = "task", "tasks"
    label, label_plural, icon = _("Task"), _("Tasks"), "square-check"
    title = "title"
    parents = ("party", "about")
    section = "work"
    views = (
        View("mine", _("My tasks"), "square-check", {"and": [OPEN, MINE]}, sort="due_at", go="t", one=_("task")),
        View(
            "overdue", _("Overdue"), "clock",
            {"and": [OPEN, MINE, {"field": "due_at", "op": "lt", "value": "now"}]}, sort="due_at", one=_("task"),
        ),
        View(
            "today", _("Today"), "calendar",
            {"and": [OPEN, MINE, {"field": "due_at", "op": "this", "value": "day"}]}, sort="due_at", one=_("task"),
        ),
        View(
            "team", _("Waiting for my team"), "users",
            {"and": [
                OPEN, {"field": "owner", "op": "is_empty"}, {"field": "department", "op": "eq", "value": "my_team"},
            ]},
            sort="due_at", one=_("task"),
        ),
        View(
            "done", _("Done"), "check", {"and": [{"field": "status", "op": "eq", "value": "done"}, MINE]},
            columns=("title", "party", "done_at", "answer", "due_at"), sort="-due_at", one=_("task"),
        ),
        View("all", _("All tasks"), "square-check", sort="-due_at", one=_("task")),
    )  # fmt: skip
    columns = ("title", "due_at", "priority", "party", "assignee", "status")
    filters = (
        "status", "due_at", "assignee", "priority", "party", "department", "owner", "recurrence", "done_at",
    )  # fmt: skip
    form = (
        "title", "due_at", "assignee", "priority", "party", "about", "department", "description", "recurrence",
        "recurs_every", "remind_at",
    )  # fmt: skip
    card = Card(
        header=("status", "priority", "due_at"),
        sections=(
            Section(_("Task"), ("title", "due_at", "priority", "assignee", "department", "party", "about", "tags")),
            Section(_("Description"), ("description", "answer")),
            Section(_("Repeats and reminder"), ("recurrence", "remind_at"), {"recurrence": NONE}),
            Section(_("Repeats and reminder"), ("recurrence", "recurs_every", "remind_at"), {"recurrence": REPEATING}),
            Section(_("Done"), ("done_at", "done_by"), {"status": "done"}),
        ),
    )
    sorts = ("created_at", "due_at")
    default_sort = "due_at"
    plain = ("priority",)
    search = {"title": "A"}
    found_by = ("party.name", "status")
    split = "status"
    calendar = Calendar("due_at", live={"status": "open"})
    grants = {
        "manager": "view add change delete export",
        "sales": "view:team add change:team",
        "service": "view:team add change:team",
        "readonly": "view",
    }
