"""The beginning of runs: what a change was, whether it is the one that is waited for, and who of the records fit."""

from dataclasses import dataclass
from typing import Any

import orjson

from rapport.automation import guard
from rapport.automation.fitting import fitting
from rapport.automation.models import STOPPED, WAITING, Automation, AutomationRun
from rapport.automation.plan import triggers
from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import registry, tagging
from rapport.records.entity import Entity
from rapport.records.intake import place_for

IMPORT = "import"
COLUMNS = "record, version, verb, operation, source, before, after"


@dataclass(frozen=True, slots=True)
class Written:
    """A change as the proof has it: what it was, where it came from."""

    record: str
    version: int
    verb: str
    operation: str
    source: str
    before: dict[str, Any]
    after: dict[str, Any]


def meant(automation: Automation, entity: Entity, change: Written) -> bool:
    """Whether a change is what is waited for: from where it came, and what the values were."""
    when = automation.when
    if change.source == IMPORT and not when.get("imports"):
        return False
    if not triggers.looks_at_values(when):
        return True
    place = place_for(current())
    tags = {tag.id for tag in tagging.resolve(when["tags"], current())} if when["on"] == "tagged" else set()
    return triggers.became(when, entity, change.before, change.after, place, tags)


def written(records: list[str]) -> list[Written]:
    """The changes of these records."""
    keys = [db.key(key) for key in dict.fromkeys(records)]
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT {COLUMNS} FROM change WHERE record IN ({marks})"
    return [written_row(row) for row in db.rows(sql, keys)] if keys else []


def written_row(row: tuple[Any, ...]) -> Written:
    """A row of the proof."""
    record, version, verb, operation, source, before, after = row
    values = [orjson.loads(each) if each else {} for each in (before, after)]
    return Written(str(db.unkey(record)), version, verb, str(db.unkey(operation)), source, *values)


def begin(automation: Automation, occasions: list[tuple[str, str, str, str]]) -> None:
    """Runs for those (record, occasion, event, operation) whose records fit; each once, however often it is asked."""
    if not occasions:
        return
    entity, records = registry.get(automation.entity), {record for record, *_rest in occasions}
    fit = fitting(entity, automation.tree, records, binned=automation.when["on"] == "binned")
    causes = guard.causes({operation for *_rest, operation in occasions if operation})
    often, moment, runs = guard.recent(automation.id, fit), now(), []
    for record, occasion, event, operation in occasions:
        if record not in fit:
            continue
        cause, depth = causes.get(operation, (None, -1))
        often[record] = often.get(record, 0) + 1
        said = guard.TOO_DEEP if depth + 1 > guard.DEEPEST else guard.TOO_OFTEN if often[record] > guard.OFTEN else ""
        runs.append(
            AutomationRun(
                automation=automation, entity=entity.key, record=record, occasion=occasion, event=event, cause=cause,
                depth=depth + 1, at=moment, said=said, status=STOPPED if said else WAITING,
                wake_at=None if said else moment, ended_at=moment if said else None,
            )
        )  # fmt: skip
    AutomationRun.objects.bulk_create(runs, ignore_conflicts=True)
    if reason := next((run.said for run in runs if run.said), ""):
        guard.stopped(automation, reason)
