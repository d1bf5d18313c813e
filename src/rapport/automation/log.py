"""What automations did: their runs for who may look after them; a run tried again, given up or undone."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from rapport.automation.deeds import asking
from rapport.automation.deeds.telling import SECRET
from rapport.automation.models import FAILED, STATES, STOPPED, WAITING, Automation, AutomationRun
from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now, wire
from rapport.records import registry, revert, rows, timeline_read
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden, Refused, Unseen
from rapport.records.logs import Page, page_of
from rapport.records.operation import operation
from rapport.records.webhooks import signing

KEPT, SLICE = dt.timedelta(days=90), 2000


def runs(automation: str, *, limit: int = 50, after: str | None = None, status: str = "", record: str = "") -> Page:
    """The runs of an automation; ``status`` and ``record`` narrow them."""
    found = AutomationRun.objects.filter(automation=known(automation).id)
    if record:
        found = found.filter(record=record)
    return _page(found, limit, after, status)


def runs_for(entity: Entity, record: str, *, limit: int = 50, after: str | None = None) -> Page:
    """The runs for a record that the reader sees, of all automations."""
    _looks_after()
    rows.load(entity, record, current())
    return _page(AutomationRun.objects.filter(record=record, entity=entity.key), limit, after, "")


def _page(found: Any, limit: int, after: str | None, status: str) -> Page:
    known = found.select_related("automation")
    return page_of(known, entry, STATES, limit=limit, after=after, status=status)


def one(automation: str, run: str) -> dict[str, Any]:
    """One run as it is now."""
    return entry(_run(automation, run))


def again(automation: str, run: str) -> dict[str, Any]:
    """Try a failed or stopped run once more, from the step where it ended."""
    found = _run(automation, run)
    if found.status not in (FAILED, STOPPED) or found.undone_at:
        raise Refused(_("Only a run that failed or was stopped can be tried again."))
    found.status, found.wake_at, found.ended_at, found.said, found.attempts = WAITING, now(), None, "", 0
    found.save()
    return entry(found)


def cancel(automation: str, run: str) -> dict[str, Any]:
    """Give up a run that waits; what it did stays."""
    found = _run(automation, run)
    if found.status != WAITING:
        raise Refused(_("It has ended already."))
    found.status, found.wake_at, found.ended_at, found.watches = STOPPED, None, now(), False
    found.said = _("Cancelled by %(name)s.") % {"name": current().name}
    with operation(found.operation):  # what follows from it is undone with what the run wrote
        asking.give_up(found, found.said)
        found.save()
    return entry(found)


def undo(automation: str, run: str) -> revert.Reverted:
    """Take back what a run wrote, as far as nobody has changed it since; one that waits is given up."""
    found = _run(automation, run)
    if found.undone_at:
        raise Refused(_("It is undone already."))
    if found.status == WAITING:
        cancel(automation, run)
    outcome = revert.revert(found.operation)
    AutomationRun.objects.filter(id=found.id).update(undone_at=now())
    return outcome


def changes(run: dict[str, Any]) -> list[dict[str, Any]]:
    """What a run wrote, as the proof holds it and the reader may know it, in its order."""
    return timeline_read.of_operation(run["operation"])


def secret(automation: str) -> str:
    """What the calls of an automation are signed with."""
    return signing.secret_of(known(automation).id, SECRET)


def ended_long_ago() -> bool:
    """Whether there is anything to forget."""
    return AutomationRun.objects.filter(ended_at__lt=now() - KEPT).exists()


def forget() -> int:
    """Runs are kept for three months after their end; what they wrote stays in the history."""
    old = AutomationRun.objects.filter(ended_at__lt=now() - KEPT).values_list("id", flat=True)[:SLICE]
    with db.transaction():
        return AutomationRun.objects.filter(id__in=list(old)).delete()[0]


def known(key: str) -> Automation:
    """An automation that the actor may look after."""
    found: Automation = rows.load(registry.get("automation"), key, current(), "change", binned=True)
    return found


def _looks_after() -> None:
    if not current().may("automation", "change"):
        raise Forbidden(_("Only who may change automations sees what they did."))


def _run(automation: str, run: str) -> AutomationRun:
    held = AutomationRun.objects.select_related("automation").filter(automation=known(automation).id, id=run).first()
    if held is None:
        raise Unseen(f"There is no run {run}.")
    return held


def entry(run: AutomationRun) -> dict[str, Any]:
    """A run as programs and screens take it."""
    return {
        "id": run.id, "automation": {"id": run.automation_id, "title": run.automation.name}, "entity": run.entity,
        "record": run.record, "event": run.event or None, "occasion": run.occasion, "operation": run.operation,
        "cause": run.cause, "depth": run.depth, "status": run.status, "step": run.step, "attempts": run.attempts,
        "at": wire(run.at), "wake_at": wire(run.wake_at), "ended_at": wire(run.ended_at),
        "undone_at": wire(run.undone_at), "reason": run.said or None,
        "log": [{name: each[name] for name in ("step", "do", "way", "at", "said")} for each in run.log],
    }  # fmt: skip
