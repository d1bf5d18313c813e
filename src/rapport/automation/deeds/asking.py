"""The step that asks for approval: who is asked, and how the run goes on with the answer.

The run waits for the approval as for anything else; its answer wakes it, in the transaction of the answer.
"""

import datetime as dt

from django.utils.translation import gettext as _

from rapport.automation.deeds import choosing, seeing
from rapport.automation.deeds.pausing import counted_from
from rapport.automation.deeds.work import STOP, WAIT, Outcome, Work
from rapport.automation.fitting import titles
from rapport.automation.models import Approval, AutomationRun
from rapport.automation.models.approval import APPROVED, DECLINED, LONGEST, WAITING
from rapport.automation.plan import values
from rapport.automation.plan.steps import Step
from rapport.platform import db
from rapport.platform.actor import as_system, current, trusted
from rapport.platform.clock import now
from rapport.records import notices, registry, rows, sharing, write
from rapport.records.entity import Entity
from rapport.records.intake import QUEUE

LOOK_AGAIN = dt.timedelta(days=1)  # the answer wakes it; so does a change of the record


def approve(work: Work, step: Step) -> Outcome:
    """Ask, or go on as it was answered."""
    held = _held(work.approval)
    if held is None:
        return _ask(work, step)
    if held.status == WAITING and not held.binned_at:
        if not titles(work.entity, [work.record]):
            return _no_longer(held, _("The record is not there any more."))
        if held.due_at is None or held.due_at > now():
            return _wait(held)
        with trusted("an approval was not given in time"):
            held = write.act(_entity(), held.id, "lapse", {})
    return _answered(work, step, held)


def give_up(run: AutomationRun, said: str) -> None:
    """Nobody need decide any more what a run that has ended had asked."""
    held, run.approval = _held(run.approval), None
    if held is not None and held.status == WAITING and not held.binned_at:
        with as_system("a run ended before its approval", source="automation"):
            _withdraw(held, said)


def _entity() -> Entity:
    return registry.get("approval")


def _held(key: str | None) -> Approval | None:
    found = rows.raw(_entity(), "id = %s", [db.key(key)], 1) if key else []
    return found[0] if found else None


def _wait(held: Approval) -> Outcome:
    again = now() + LOOK_AGAIN
    wake_at = min(held.due_at, again) if held.due_at else again
    return Outcome(WAIT, _("Waits for an answer."), wake_at=wake_at, watches=True, approval=held.id)


def _withdraw(held: Approval, said: str) -> None:
    write.act(_entity(), held.id, "withdraw", {"remark": said or None})


def _no_longer(held: Approval, said: str) -> Outcome:
    with trusted("an approval has lost its record"):
        _withdraw(held, said)
    return Outcome(STOP, said)


def _ask(work: Work, step: Step) -> Outcome:
    """Write the question down for those who decide; they hear of it, and whoever led to it sees it."""
    asker = choosing.asker(work)
    asked = choosing.whom(work, step, asker)
    seen = seeing.read(work.entity, work.record, values.gaps(step["text"]) or ["id"])
    question = " ".join(seeing.filled(work.entity, step["text"], seen).split()) or str(work.entity.label)
    due = counted_from(now(), {"for": step["within"]}) if step.get("within") else None
    data = {
        "question": question if len(question) <= LONGEST else f"{question[: LONGEST - 1]}…",
        "about": {"entity": work.entity.key, "id": work.record}, "due_at": due,
        "owner": f"{QUEUE}{asked.team}" if asked.is_queue else asked.user, "decider": asked.user,
        "deciders": asked.team, "asked_by": asker, "automation": work.automation.id if work.automation.pk else None,
    }  # fmt: skip
    with trusted("an automation asks for approval"):
        made = write.create(_entity(), {name: value for name, value in data.items() if value or name == "owner"})
        if asked.team and not asked.is_queue:
            sharing.share(_entity(), made.id, {"team": asked.team, "level": "change"})
        if asker and asker != asked.user:
            sharing.share(_entity(), made.id, {"user": asker, "level": "view"})
    for user in asked.people:
        if user != asked.user or user == current().id:  # the write itself tells a single one who did not cause it
            notices.notify(work.done, user, "approval_asked", question, entity="approval", record=made.id)
    said = _("Asks %(whom)s.") % {"whom": asked.name}
    return Outcome(WAIT, said, wake_at=_wait(made).wake_at, watches=True, approval=made.id)


def _answered(work: Work, step: Step, held: Approval) -> Outcome:
    """On with it when it was approved; else the fields that were to be set then, and the end."""
    said = choosing.told(held)
    if held.binned_at or held.status not in (APPROVED, DECLINED, "expired"):
        return Outcome(STOP, said)
    if not titles(work.entity, [work.record]):
        return Outcome(STOP, _("The record is not there any more."))
    _tell_owner(work, held, said)
    if held.status == APPROVED:
        return Outcome(said=said)
    if step.get("set"):
        write.change(work.entity, work.record, seeing.given(work, step["set"], work.entity))
    return Outcome(STOP, said)


def _tell_owner(work: Work, held: Approval, said: str) -> None:
    """Whoever is responsible for the record hears of the answer, unless he gave it or is told of it already."""
    title = work.entity.title
    seen = seeing.read(work.entity, work.record, ["owner", title])
    if seen["owner"] and seen["owner"] not in (held.decided_by_id, held.asked_by_id):
        notices.notify(
            work.done, seen["owner"], f"approval_{held.status}", str(seen[title] or ""), entity=work.entity.key,
            record=work.record, summary={"text": said},
        )  # fmt: skip
