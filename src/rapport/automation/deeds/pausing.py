"""Steps that wait, and those that end it."""

import datetime as dt

from django.utils.translation import gettext as _

from rapport.automation import timing
from rapport.automation.deeds import seeing
from rapport.automation.deeds.work import STOP, WAIT, Outcome, Work
from rapport.automation.fitting import fits
from rapport.automation.plan.steps import Step
from rapport.platform.clock import now

LOOK_AGAIN = dt.timedelta(minutes=15)


def wait(work: Work, step: Step) -> Outcome:
    """For a time, until a date, or until the record fits a condition (within that time, where one is given)."""
    until = _until(work, step)
    if step.get("filter"):
        if fits(work.entity, step["filter"], work.record):
            return Outcome()
        if until is not None and until <= now():
            return Outcome(STOP, _("What was waited for did not come."))
        again = now() + LOOK_AGAIN  # a date may have come, or a related record changed
        return Outcome(WAIT, wake_at=min(until, again) if until else again, watches=True)
    if until is None or until <= now():
        return Outcome()
    return Outcome(WAIT, wake_at=until)


def _until(work: Work, step: Step) -> dt.datetime | None:
    if step.get("for"):
        return counted_from(work.began, step)
    if not step.get("until"):
        return None
    base = seeing.read(work.entity, work.record, [step["until"]])[step["until"]]
    text = seeing.counted({"in": {"n": 0, "unit": "day"}, "of": step["until"], "at": step.get("at")}, base, day=False)
    return dt.datetime.fromisoformat(text) if text else None


def counted_from(began: dt.datetime, step: Step) -> dt.datetime:
    """When a wait that began then ends."""
    found: dt.datetime = timing.shifted(began, step["for"]["n"], step["for"]["unit"])
    return timing.at_clock(found, step["at"]) if step.get("at") else found


def unless(work: Work, step: Step) -> Outcome:
    """Go on only if the record fits."""
    if fits(work.entity, step["filter"], work.record):
        return Outcome()
    return Outcome(STOP, _("The record does not fit."))
