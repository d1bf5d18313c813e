import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.interactions.recurrence import NONE, RECURRENCES, anchor, following
from rapport.parties.models import Party
from rapport.platform.actor import current
from rapport.platform.clock import now, wire
from rapport.platform.keys import KeyField
from rapport.platform.mentions import plain
from rapport.platform.text import FoldedField
from rapport.records import Consequence, Notice, action, fields
from rapport.records.errors import Refused
from rapport.records.models import Record, Story, external_once, record_indexes

PRIORITIES = (("low", _("Low")), ("normal", _("Normal")), ("high", _("High")), ("urgent", _("Urgent")))
STATUSES = (("open", _("Open")), ("done", _("Done")), ("cancelled", _("Cancelled")))
SHOWN = 600
CARRIED = ("title", "description", "priority", "recurrence", "recurs_every", "recurs_day")

OPEN = {"status": "open"}


class Task(Record):
    """Something to be done, by somebody or by a department, mostly by a time; an internal request with its answer.

    A day without a time of day is due when that day ends (23:59 where it was said). The owner is the assignee; while
    a department has it and nobody has taken it, the record belongs to that team.
    """

    title = fields.Text(_("task"), folded="title_key", null=False, default="")
    title_key = FoldedField(of="title")
    description = fields.LongText(_("description"))
    due_at = fields.Moment(_("due"), null=True, blank=True)
    priority = fields.Choice(_("priority"), options=PRIORITIES, ranked=True, default="normal")
    status = fields.Choice(_("status"), options=STATUSES, default="open")
    assignee = fields.Relation("platform.User", _("assignee"), entity="user")
    department = fields.Relation("platform.Team", _("department"), entity="team")
    answer = fields.LongText(_("answer"))
    party = fields.Relation(Party, _("with"), entity="party")
    about_entity = models.TextField(null=True, editable=False)
    about_id = KeyField(null=True, editable=False)
    recurrence = fields.Choice(_("repeats"), options=RECURRENCES, default=NONE)
    recurs_every = fields.Number(_("repeats every"), low=1, high=999, null=False, default=1)
    recurs_day = fields.Number(_("repeats on day"), low=1, high=31)
    remind_at = fields.Moment(_("reminder"), null=True, blank=True)
    remind_next = models.DateTimeField(null=True, editable=False)
    done_at = fields.Moment(_("done"), null=True, editable=False)
    done_by = fields.Relation("platform.User", _("done by"), entity="user", editable=False)

    class Meta:
        db_table = "task"
        constraints = external_once("task")
        indexes = [
            *record_indexes("task", "due_at", split="status"),
            models.Index(
                fields=["party", "status", "due_at", "id"], name="task_party",
                condition=models.Q(party__isnull=False),
            ),
            models.Index(
                fields=["about_id", "status", "due_at", "id"], name="task_about",
                condition=models.Q(about_id__isnull=False),
            ),
            models.Index(
                fields=["department", "status", "due_at", "id"], name="task_waiting",
                condition=models.Q(department__isnull=False, owner__isnull=True, binned_at__isnull=True),
            ),
            models.Index(
                fields=["remind_next", "id"], name="task_reminder",
                condition=models.Q(remind_next__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @action(label=_("Done"), when=OPEN, said=_("“%(title)s” done"))
    def complete(self, answer: str | None = None) -> None:
        """It is done; ``answer`` goes back to whoever asked."""
        if self.status == "cancelled":
            raise Refused(_("A cancelled task cannot be done; open it again first."))
        self.status = "done"
        self.answer = answer or self.answer

    @action(label=_("Open again"), said=_("“%(title)s” is open again"))
    def reopen(self) -> None:
        """It is to be done after all."""
        self.status = "open"

    @action(label=_("Cancel"), when=OPEN, said=_("“%(title)s” cancelled"))
    def cancel(self) -> None:
        """It need not be done any more."""
        if self.status == "done":
            raise Refused(_("It is done already."))
        self.status = "cancelled"

    @action(label=_("Take it"), when={"status": "open", "assignee": None}, said=_("“%(title)s” is yours"))
    def take(self) -> None:
        """I do it: a department's task becomes mine."""
        self._must_be_open()
        if self.assignee_id and self.assignee_id != current().id:
            raise Refused(_("Somebody has taken it already."))
        self.assignee_id = current().id

    @action(label=_("Put off"), when=OPEN, said=_("“%(title)s” put off"))
    def snooze(self, due_at: dt.datetime) -> None:
        """Put it off, this once: a series keeps its day."""
        self._must_be_open()
        self._put_off = True
        self.due_at = due_at

    @action(label=_("Pass on"), when=OPEN, said=_("“%(title)s” passed on"))
    def assign_to(self, assignee: str) -> None:
        """Somebody else does it."""
        self._must_be_open()
        self.assignee_id = assignee

    def _must_be_open(self) -> None:
        if self.status != "open":
            raise Refused(_("Only an open task can change hands or dates."))

    def settle(self, before: dict[str, Any] | None) -> None:
        old = before or {}
        self._settle_hands(old)
        self._settle_series(old)
        self._settle_reminder(old)
        if self.status != "done":
            self.done_at = self.done_by_id = None
        elif old.get("status") != "done":
            self.done_at, self.done_by_id = now(), current().id

    def _settle_hands(self, old: dict[str, Any]) -> None:
        """Assignee and owner are one; whichever was given or changed leads. Without either the department has it."""
        if old and self.owner_id != old["owner_id"] and self.assignee_id == old["assignee_id"]:
            self.assignee_id = self.owner_id
        if not old and not self.assignee_id and not self.department_id:
            self.assignee_id = self.owner_id
        if self.assignee_id:
            self.owner_id = self.assignee_id
        elif self.department_id:
            self.owner_id, self.team_id = None, self.department_id

    def wait_in(self, queue: str) -> None:
        """The queue is asked, as a department is."""
        super().wait_in(queue)
        self.assignee_id, self.department_id = None, queue

    def _settle_series(self, old: dict[str, Any]) -> None:
        """The day a series keeps to: that of the first due date, or of a date that was set anew."""
        if self.recurrence == NONE or self.due_at is None:
            return
        moved = self.due_at != old.get("due_at") and not getattr(self, "_put_off", False)
        other = self.recurrence != old.get("recurrence")
        if (moved or other) and (self.recurs_day is None or (old and self.recurs_day == old["recurs_day"])):
            self.recurs_day = anchor(self.recurrence, self.due_at, current().time_zone)

    def _settle_reminder(self, old: dict[str, Any]) -> None:
        """``remind_next`` is what the job looks for: empty once it has reminded, and while there is nothing to do."""
        if self.status != "open" or self.binned_at:
            self.remind_next = None
        elif self.remind_at != old.get("remind_at") or old.get("status") != "open" or old.get("binned_at"):
            self.remind_next = self.remind_at

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        if self.status != "done" or (before is not None and before["status"] == "done"):
            return []
        answer = self.answer[:SHOWN] if self.answer else None
        summary = {"subject": self.title, "body": answer, "status": self.status}
        return [Story("task", "done", {name: value for name, value in summary.items() if value}, self.done_at)]

    def notices(self, before: dict[str, Any] | None) -> list[Notice]:
        told = []
        old = before or {}
        told_of = {"due_at": wire(self.due_at)} if self.due_at else {}
        if self.assignee_id and self.assignee_id != old.get("assignee_id") and self.status == "open":
            told.append(Notice(self.assignee_id, "assigned", told_of))
        if before is not None and self.status == "done" and before["status"] != "done" and self.created_by:
            answer = {"text": plain(self.answer)[:SHOWN]} if self.answer else {}
            told.append(Notice(self.created_by, "answered" if self.answer else "done", answer))
        return told

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        """The next of a series, once this one is done; without a date the series counts from now."""
        done = before is not None and before["status"] == "open" and self.status == "done"
        if not done or self.recurrence == NONE:
            return []
        last, zone = self.due_at or now(), current().time_zone
        due = following(self.recurrence, self.recurs_every, self.recurs_day, last, now(), zone)
        if due is None:
            return []
        values = {name: getattr(self, name) for name in CARRIED}
        values |= {"due_at": due, "assignee": self.assignee_id, "department": self.department_id}
        values |= {"owner": self.owner_id, "party": self.party_id}
        if self.about_id:
            values["about"] = {"entity": self.about_entity, "id": self.about_id}
        if self.remind_at:
            values["remind_at"] = due - (last - self.remind_at)
        return [Consequence("task", values)]
