"""Steps that write to records, each by the door that people use."""

from rapport.automation.deeds import seeing
from rapport.automation.deeds.work import Outcome, Work
from rapport.automation.plan.steps import Step, links
from rapport.records import registry, write


def change(work: Work, step: Step) -> Outcome:
    """Set fields of the record."""
    write.change(work.entity, work.record, seeing.given(work, step["set"], work.entity))
    return Outcome()


def create(work: Work, step: Step) -> Outcome:
    """A new record, linked to this one."""
    entity = registry.get(step["entity"])
    told = seeing.given(work, {**links(entity, work.entity), **(step.get("set") or {})}, entity)
    write.create(entity, {name: value for name, value in told.items() if value not in (None, "", [])})
    return Outcome()


def tag(work: Work, step: Step) -> Outcome:
    """Put tags on the record, or take them off."""
    held = seeing.read(work.entity, work.record, ["tags"])["tags"] or []
    gone = set(step.get("remove") or [])
    names = [name for name in dict.fromkeys([*held, *(step.get("add") or [])]) if name not in gone]
    if names != held:
        write.change(work.entity, work.record, {"tags": names})
    return Outcome()


def act(work: Work, step: Step) -> Outcome:
    """Perform an action of the record."""
    write.act(work.entity, work.record, step["verb"], seeing.given(work, step.get("args") or {}, work.entity))
    return Outcome()
