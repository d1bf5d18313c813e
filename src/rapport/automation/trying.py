"""A dry run: which records fit, and what each step would do to them.

Every step is really carried out, by the same doors, and taken back at once: so refusals and all that follows show as
they would be. Nothing is written, nobody is told, no program is called. It acts with the rights of who tries it.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from rapport.automation import fitting
from rapport.automation.acting import SOURCE
from rapport.automation.deeds import DEEDS
from rapport.automation.deeds.work import GO_ON, STOP, Work
from rapport.automation.models import FAILED, Automation
from rapport.automation.plan import steps
from rapport.automation.plan.checking import Checker
from rapport.platform.actor import LEVELS, Actor, acting_as, as_system, current
from rapport.platform.clock import now, wire
from rapport.platform.identity import snapshot
from rapport.records import notices, registry, timeline_read
from rapport.records.entity import Entity
from rapport.records.errors import Invalid, Problem, Refused
from rapport.records.intake import place_for
from rapport.records.operation import Operation, operation, part

MOST = 100


class _TakenBack(Exception):
    """All that was done on trial."""


@dataclass(slots=True)
class Tried:
    """What would happen to one record: its steps, each with how it goes, what it changes and whom it tells."""

    record: str
    title: str
    fits: bool
    steps: list[dict[str, Any]] = field(default_factory=list)


def try_out(automation: Automation, record: str = "") -> list[Tried]:
    """Try an automation, stored or not, on a record, or on the newest records that fit (at most 100)."""
    if automation.entity not in registry:
        raise Refused(_("Choose what it is about."), field="entity")
    entity, actor = registry.get(automation.entity), _actor(automation)
    try:
        with acting_as(actor):
            _check(automation, entity, actor)
            keys = [record] if record else fitting.found(entity, _tree(automation), [], limit=MOST, newest=True)
            return [_tried(automation, entity, key, actor) for key in keys]
    finally:
        snapshot.forget()


def _actor(automation: Automation) -> Actor:
    me = current()
    if not automation.all_rights:
        return replace(me, source=SOURCE)
    if me.level("*", "change") < LEVELS["all"]:
        raise Refused(_("Only who may change everything can let it act with all rights."), field="all_rights")
    with as_system("an automation is tried", source=SOURCE) as system:
        return system


def _check(automation: Automation, entity: Entity, actor: Actor) -> None:
    checker = Checker(entity, actor, place_for(actor))
    kept = {"version": steps.VERSION, "steps": automation.then}
    if errors := steps.problems(checker, automation.when, automation.tree, kept):
        raise Invalid(errors[0]["message"], errors=errors)


def _tree(automation: Automation) -> Any:
    """The condition; of those that a date begins, only records that have one."""
    if automation.when["on"] != "date":
        return automation.tree
    dated = {"field": automation.when["field"], "op": "is_empty", "value": False}
    return {"and": [automation.tree, dated]} if automation.tree else dated


def _tried(automation: Automation, entity: Entity, key: str, actor: Actor) -> Tried:
    found = Tried(key, fitting.titles(entity, [key]).get(key, ""), fitting.fits(entity, automation.tree, key))
    if not found.fits:
        return found
    try:
        with operation() as done:
            _carry_out(automation, entity, key, actor, done, found)
            raise _TakenBack
    except _TakenBack:
        return found


def _carry_out(
    automation: Automation, entity: Entity, key: str, actor: Actor, done: Operation, found: Tried
) -> None:  # fmt: skip
    last = 0
    for at, step in enumerate(automation.then):
        work = Work(automation, entity, key, at, actor, done, now(), trial=True)
        told = len(notices.waiting(done))
        said: dict[str, Any] = {"step": at, "do": step["do"], "way": GO_ON, "said": "", "changes": [], "tells": []}
        found.steps.append(said)
        try:
            with part(done):
                outcome = DEEDS[step["do"]](work, step)
        except Problem as problem:
            said.update(way=FAILED, said=problem.detail)
            return
        said.update(way=outcome.way, said=outcome.said, until=wire(outcome.wake_at), **outcome.more)
        said["changes"] = timeline_read.of_operation(done.id, after=last)
        last = max([last, *(int(each["id"]) for each in said["changes"])])
        said["tells"] = [
            {"user": each.notice.user, "text": each.notice.summary.get("text"), "reason": each.notice.reason}
            for each in notices.waiting(done)[told:]
        ]
        if outcome.way == STOP:
            return
