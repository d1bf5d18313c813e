"""Runs, carried out step by step: each step and the note that it is done are one transaction.

So a step is done once, wherever the process dies; only a call to another program may be made twice.
"""

import datetime as dt
import logging
from typing import Any

from django.utils.translation import gettext as _

from rapport.automation import guard
from rapport.automation.acting import actor_of
from rapport.automation.deeds import DEEDS, OUTSIDE, asking
from rapport.automation.deeds.work import GO_ON, STOP, WAIT, Later, Outcome, Work
from rapport.automation.models import DONE, FAILED, STOPPED, WAITING, Automation, AutomationRun
from rapport.automation.plan.steps import Step, steps_of
from rapport.platform import db
from rapport.platform.actor import Actor, acting_as
from rapport.platform.clock import now
from rapport.records import registry
from rapport.records.errors import Conflict, NotFound, Problem, Stale
from rapport.records.operation import Operation, moment_param, operation

log = logging.getLogger("rapport.automation")
FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0
ATTEMPTS, ATTEMPTS_OUTSIDE = 4, 12
SLICE, KEPT_CHANGES = 50, 100
AGAIN = (Later, Stale, Conflict, db.OperationalError)
_DUE = "SELECT id FROM automation_run WHERE status = 'waiting' AND wake_at <= %s ORDER BY wake_at, id LIMIT"


def due() -> bool:
    """Whether a run is to go on now."""
    return db.one(f"{_DUE} 1", (moment_param(now()),)) is not None


def next_due() -> list[str]:
    """The next runs that are to go on, the oldest first."""
    return [str(db.unkey(row[0])) for row in db.rows(f"{_DUE} {SLICE}", (moment_param(now()),))]


def advance(key: str) -> None:
    """Carry a run on as far as it goes now."""
    run = AutomationRun.objects.select_related("automation").get(id=key)
    automation = run.automation
    if not automation.is_active or automation.binned_at is not None:
        _end(run, STOPPED, _("The automation was switched off meanwhile."))
        return
    if run.entity not in registry:
        _end(run, STOPPED, _("There is no such object any more."))
        return
    try:
        actor = actor_of(automation)
        steps = steps_of(run.plan or automation.steps)
        while run.status == WAITING and _step(run, automation, actor, steps):
            pass
    except NotFound as problem:
        _end(run, STOPPED, problem.detail)
    except AGAIN as problem:
        _again(run, automation, getattr(problem, "detail", str(problem)))
    except Problem as problem:
        _fail(run, automation, problem.detail)
    except Exception as error:
        log.exception("run %s of automation “%s”", run.id, automation.name)
        _again(run, automation, type(error).__name__)


def _step(run: AutomationRun, automation: Automation, actor: Actor, steps: list[Step]) -> bool:
    """Do one step; True when the next can follow at once."""
    if run.step >= len(steps):
        _end(run, DONE, "")
        return False
    step = steps[run.step]
    if step["do"] in OUTSIDE:
        with acting_as(actor):
            outcome = _deed(run, automation, actor, step, Operation(actor))
        with acting_as(actor), operation(run.operation):
            _held(run)
            _note(run, automation, step, outcome, steps)
    else:
        with acting_as(actor), operation(run.operation) as done:
            _held(run)
            outcome = _deed(run, automation, actor, step, done)
            _note(run, automation, step, outcome, steps)
    return run.status == WAITING and outcome.way == GO_ON


def _held(run: AutomationRun) -> None:
    """Make sure, under lock, that the run is still where this process believes it to be."""
    stored = AutomationRun.objects.select_for_update().get(id=run.id)
    if (stored.status, stored.step) != (WAITING, run.step):
        raise Stale(_("Somebody else has carried it on."))


def _deed(run: AutomationRun, automation: Automation, actor: Actor, step: Step, done: Operation) -> Outcome:
    work = Work(
        automation, registry.get(run.entity), run.record, run.step, actor, done, _began(run), run=run.id,
        approval=run.approval,
    )  # fmt: skip
    return DEEDS[step["do"]](work, step)


def _began(run: AutomationRun) -> dt.datetime:
    """Since when the step waits."""
    last = run.log[-1] if run.log else {}
    waits = last.get("step") == run.step and last.get("way") == WAIT
    return dt.datetime.fromisoformat(last["at"]) if waits else now()


def _note(run: AutomationRun, automation: Automation, step: Step, outcome: Outcome, steps: list[Step]) -> None:
    """Write down what the step did, in the transaction in which it did it."""
    entry = {
        "step": run.step, "do": step["do"], "way": outcome.way, "at": _began(run).isoformat(), "said": outcome.said,
        "changes": _changes(run),
    }  # fmt: skip
    run.log = [*(each for each in run.log if each["step"] != run.step or each["way"] == GO_ON), entry]
    run.attempts, run.watches, run.approval = 0, outcome.watches, outcome.approval
    if outcome.way == WAIT:
        run.wake_at, run.plan = outcome.wake_at, run.plan or (automation.steps or "")
    elif outcome.way == STOP:
        _close(run, STOPPED, outcome.said)
    else:
        run.step += 1
        run.wake_at = now()
        if run.step >= len(steps):
            _close(run, DONE, "")
            guard.succeeded(automation)
    run.save()


def _changes(run: AutomationRun) -> list[int]:
    """The numbers of the changes that it has written since the last step."""
    last = max((number for each in run.log for number in each["changes"]), default=0)
    sql = f"SELECT id FROM change WHERE operation = %s AND id > %s ORDER BY id LIMIT {KEPT_CHANGES}"
    return [int(row[0]) for row in db.rows(sql, (db.key(run.operation), last))]


def _close(run: AutomationRun, status: str, said: str) -> None:
    run.status, run.said, run.wake_at, run.watches, run.ended_at = status, said, None, False, now()
    asking.give_up(run, said)


def _end(run: AutomationRun, status: str, said: str) -> None:
    with db.transaction():
        _close(run, status, said)
        run.save()


def _fail(run: AutomationRun, automation: Automation, said: str) -> None:
    steps = steps_of(run.plan or automation.steps)
    with db.transaction():
        do = steps[run.step]["do"] if run.step < len(steps) else ""
        entry: dict[str, Any] = {
            "step": run.step, "do": do, "way": FAILED, "at": now().isoformat(), "said": said, "changes": [],
        }  # fmt: skip
        run.log = [*(each for each in run.log if each["step"] != run.step), entry]
        _close(run, FAILED, said)
        run.save()
        guard.failed(automation, said)


def _again(run: AutomationRun, automation: Automation, said: str) -> None:
    """What failed for a while is tried again, later each time."""
    steps = steps_of(run.plan or automation.steps)
    outside = run.step < len(steps) and steps[run.step]["do"] in OUTSIDE
    if run.attempts + 1 >= (ATTEMPTS_OUTSIDE if outside else ATTEMPTS):
        _fail(run, automation, said)
        return
    run.attempts += 1
    wait = min(FIRST_WAIT * 2.0 ** (run.attempts - 1), LONGEST_WAIT)
    held = AutomationRun.objects.filter(id=run.id, status=WAITING, step=run.step)
    held.update(attempts=run.attempts, said=said[:500], wake_at=now() + dt.timedelta(seconds=wait))
