"""What an automation asks people to decide, and what they answer."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.automation.models.automation import WAITING as RUNS
from rapport.automation.models.automation import Automation, AutomationRun
from rapport.platform.actor import LEVELS, Actor, current
from rapport.platform.clock import now, wire
from rapport.platform.identity import snapshot
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField
from rapport.records import Notice, action, fields
from rapport.records.errors import Refused
from rapport.records.models import Correction, Record, Story, external_once, record_indexes

WAITING, APPROVED, DECLINED, EXPIRED, WITHDRAWN = "waiting", "approved", "declined", "expired", "withdrawn"
STATUSES = (
    (WAITING, gettext_lazy("Waiting")), (APPROVED, gettext_lazy("Approved")), (DECLINED, gettext_lazy("Declined")),
    (EXPIRED, gettext_lazy("Not answered in time")), (WITHDRAWN, gettext_lazy("Withdrawn")),
)  # fmt: skip
LONGEST, SHOWN = 300, 600
OPEN = {"status": WAITING}
DECIDED = (APPROVED, DECLINED)
# What was asked, and by whom: it stays as the one who answered has read it.
ASKED = ("question", "about_entity", "about_id", "asked_by_id", "automation_id", "due_at")


class Approval(Record):
    """A question that somebody is to say yes or no to, and the automation that waits for it.

    ``decider`` is asked alone and is its owner; or ``deciders``, of whom the first to answer decides (a queue's members
    as well). ``asked_by``: whose deed led to it. What is answered stays answered: something has followed from it.
    """

    question = fields.Text(gettext_lazy("question"), longest=LONGEST, folded="question_key", null=False, default="")
    question_key = FoldedField(of="question")
    about_entity = models.TextField(null=True, editable=False)
    about_id = KeyField(null=True, editable=False)
    decider = fields.Relation("platform.User", gettext_lazy("who decides"), entity="user")
    deciders = fields.Relation("platform.Team", gettext_lazy("whoever of"), entity="team")
    due_at = fields.Moment(gettext_lazy("answer by"), null=True, blank=True)
    status = fields.Choice(gettext_lazy("status"), options=STATUSES, default=WAITING, editable=False)
    remark = fields.LongText(gettext_lazy("remark"))
    asked_by = fields.Relation("platform.User", gettext_lazy("asked for by"), entity="user")
    automation = fields.Relation(Automation, gettext_lazy("automation"), entity="automation")
    decided_by = fields.Relation("platform.User", gettext_lazy("decided by"), entity="user", editable=False)
    decided_at = fields.Moment(gettext_lazy("decided"), null=True, editable=False)

    class Meta:
        db_table = "approval"
        constraints: ClassVar[list[Any]] = external_once("approval")
        indexes: ClassVar[list[Any]] = [
            *record_indexes("approval", "due_at", split="status"),
            models.Index(fields=["about_id", "id"], name="approval_about", condition=models.Q(about_id__isnull=False)),
            models.Index(
                fields=["deciders", "id"], name="approval_deciders",
                condition=models.Q(deciders__isnull=False, status=WAITING, binned_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.question

    @action(label=gettext_lazy("Approve"), when=OPEN, said=gettext_lazy("“%(title)s” approved"), final=True)
    def approve(self, remark: str | None = None) -> None:
        """Yes: what waits for it goes on."""
        self._decide(APPROVED, remark)

    @action(label=gettext_lazy("Decline"), when=OPEN, said=gettext_lazy("“%(title)s” declined"), final=True)
    def decline(self, remark: str | None = None) -> None:
        """No, and why: what waits for it ends."""
        self._must_be_mine()
        if not remark:
            raise Refused(_("Say why you decline."), field="remark", demands=["remark"])
        self._decide(DECLINED, remark)

    @action(label=gettext_lazy("Pass on"), when=OPEN, said=gettext_lazy("“%(title)s” passed on"))
    def pass_on(self, decider: str) -> None:
        """Somebody else decides."""
        self._must_wait()
        self.decider_id = decider

    @action("delete", label=gettext_lazy("Withdraw"), when=OPEN, said=gettext_lazy("“%(title)s” withdrawn"))
    def withdraw(self, remark: str | None = None) -> None:
        """Nobody need decide any more: what waits for it ends."""
        self._must_wait()
        self._close(WITHDRAWN, remark)

    @action("delete", label=gettext_lazy("Let it lapse"), when=OPEN)
    def lapse(self) -> None:
        """Nobody has answered in time, which counts as no."""
        self._must_wait()
        if self.due_at is None or self.due_at > now():
            raise Refused(_("There is time left to answer."))
        self._close(EXPIRED, None)

    def _decide(self, status: str, remark: str | None) -> None:
        self._must_be_mine()
        self._close(status, remark)
        self.decided_by_id = current().id

    def _close(self, status: str, remark: str | None) -> None:
        self.status, self.remark, self.decided_at = status, remark, now()

    def _must_wait(self) -> None:
        if self.status == WITHDRAWN:
            raise Refused(_("It was withdrawn; nobody need decide any more."))
        if self.status != WAITING:
            raise Refused(_("It is decided already: %(status)s.") % {"status": dict(STATUSES)[self.status]})

    def _must_be_mine(self) -> None:
        self._must_wait()
        actor = current()
        if actor.id is None or actor.source == "automation":
            raise Refused(_("A person decides, not a program of Rapport's own."))
        if self.due_at and self.due_at <= now():
            raise Refused(_("The time to answer is over."))
        if not self.is_asked(actor):
            raise Refused(_("This is for somebody else to decide."))
        if self.asked_by_id == actor.id and not self.decider_id:
            raise Refused(_("You asked for this yourself; somebody else of the team decides."))

    def is_asked(self, actor: Actor) -> bool:
        """Whether the actor is the one who is asked, or one of those."""
        if self.decider_id or not self.deciders_id:
            return self.decider_id is not None and self.decider_id == actor.id
        leads = snapshot.held().leaders.get(actor.id or "", ())
        return self.deciders_id in (actor.team, *actor.queues, *leads)

    def settle(self, before: dict[str, Any] | None) -> None:
        if before is not None:
            self._keep(before)
        self._settle_hands(before or {})
        if self.status != WAITING and self.owner_id is None:  # it waits for nobody any more, in no queue either
            self.owner_id = self.decided_by_id
            self.team_id = self.team_id if self.owner_id else None

    def _keep(self, before: dict[str, Any]) -> None:
        """What was asked, and what was answered, stays."""
        asked = self.automation_id or before["status"] != WAITING
        if asked and any(getattr(self, name) != before[name] for name in ASKED):
            raise Refused(_("What was asked stays as it was asked. Withdraw it, and ask anew."))
        if self.status == before["status"] and self.remark != before["remark"]:
            raise Refused(_("A remark goes with the answer."), field="remark")

    def _settle_hands(self, old: dict[str, Any]) -> None:
        """Who decides is the owner; whichever was given or changed leads."""
        if self.status != WAITING:
            return
        handed = bool(old) and self.owner_id != old["owner_id"] and self.decider_id == old["decider_id"]
        if old and self.deciders_id != old["deciders_id"] and self.decider_id == old["decider_id"]:
            self.decider_id = None
        elif handed or (not old and not self.decider_id and not self.deciders_id):
            self.decider_id = self.owner_id
        if self.decider_id:
            self.owner_id, self.deciders_id = self.decider_id, None
        elif self.deciders_id:
            self.owner_id = None
        if old and (self.decider_id, self.deciders_id) != (old["decider_id"], old["deciders_id"]):
            self._may_pass_on(old)

    def _may_pass_on(self, old: dict[str, Any]) -> None:
        """Who is asked passes it on, or whose role reaches those of a team; never to the one who asked."""
        actor = current()
        asked = Approval(decider_id=old["decider_id"], deciders_id=old["deciders_id"])
        free = actor.level("approval", "change") >= LEVELS["team"]
        if not free and not asked.is_asked(actor):
            raise Refused(_("This is for somebody else to decide."), field="decider")
        if self.automation_id and self.deciders_id and self.deciders_id not in snapshot.held().queues:
            raise Refused(_("Pass it on to one colleague, or put it in a queue."), field="deciders")
        if self.decider_id and self.decider_id == self.asked_by_id:
            raise Refused(_("Whoever asked for it does not decide."), field="decider")

    def wait_in(self, queue: str) -> None:
        """The members of the queue are asked."""
        super().wait_in(queue)
        self.decider_id, self.deciders_id = None, queue

    def corrections(self, before: dict[str, Any]) -> list[Correction]:
        """The run that waits for it goes on with the answer; so an answer is not taken back."""
        if before["status"] in DECIDED and self.status == WAITING:
            raise Refused(_("An answer is not taken back: what follows from it has begun."))
        if (self.status, self.binned_at) == (before["status"], before["binned_at"]):
            return []
        return [Correction(AutomationRun, {"approval": self.id, "status": RUNS}, {"wake_at": now()})]

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        if before is not None and before["status"] == self.status:
            return []
        verb = "asked" if before is None else self.status
        summary = {"subject": self.question, "body": (self.remark or "")[:SHOWN] if before else None}
        return [Story("approval", verb, {name: value for name, value in summary.items() if value})]

    def notices(self, before: dict[str, Any] | None) -> list[Notice]:
        old = before or {}
        if self.status == WAITING:
            fresh = self.decider_id and self.decider_id != old.get("decider_id")
            told_of = {"due_at": wire(self.due_at)} if self.due_at else {}
            return [Notice(str(self.decider_id), "approval_asked", told_of)] if fresh else []
        if before is None or before["status"] == self.status or not self.asked_by_id:
            return []
        said = {"text": self.remark[:SHOWN]} if self.remark else {}
        return [Notice(self.asked_by_id, f"approval_{self.status}", said)]
