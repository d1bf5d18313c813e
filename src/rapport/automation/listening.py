"""From the stream of events to runs: one cursor for all automations, a slice of events at a time.

All the events of a slice are looked at together: one statement says which of their records fit an automation. An
event of many records at once (an import) opens a sweep instead, which goes through them in slices of its own.
"""

import logging

from rapport.automation import guard, sweeping, timing
from rapport.automation.acting import acting_for
from rapport.automation.beginning import IMPORT, begin, meant, written
from rapport.automation.models import Automation
from rapport.automation.plan import triggers
from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.events.models import EventCursor
from rapport.platform.events.stream import Fact
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.operation import moment_param

log = logging.getLogger("rapport.automation")
CONSUMER, SLICE = "automation", 500
_LIVE = "SELECT min(hears_from) FROM automation WHERE is_active AND binned_at IS NULL"


def behind() -> bool:
    """Whether events have not been listened to; one statement where no automation is switched on."""
    row = db.one(_LIVE)
    if row is None or row[0] is None:
        return False
    held = db.one("SELECT position FROM event_cursor WHERE consumer = %s", (CONSUMER,))
    return max(held[0] if held else 0, row[0]) < stream.latest()


def listen() -> bool:
    """Go through the next slice of events; False when there is none."""
    with db.transaction():
        cursor = EventCursor.objects.select_for_update().filter(consumer=CONSUMER).first()
        active = list(Automation.objects.filter(is_active=True, binned_at=None))
        if not active:
            return False
        at = max(cursor.position if cursor else 0, min(each.hears_from for each in active))
        facts = stream.after(at, SLICE)
        if not facts:
            return False
        for automation in active:
            _heard(automation, [fact for fact in facts if fact.position > automation.hears_from])
        _wake(facts)
        EventCursor.objects.update_or_create(consumer=CONSUMER, defaults={"position": facts[-1].position})
    return len(facts) == SLICE


def _heard(automation: Automation, facts: list[Fact]) -> None:
    """One that stumbles keeps no other from hearing."""
    try:
        with db.savepoint():
            hear(automation, facts)
    except db.OperationalError:
        raise
    except Exception as error:
        log.exception("automation “%s” cannot listen", automation.name)
        guard.switch_off(automation, type(error).__name__)


def hear(automation: Automation, facts: list[Fact]) -> None:
    """Begin what these events ask for. An automation that no longer makes sense is switched off."""
    if automation.entity not in registry:
        guard.switch_off(automation, f"“{automation.entity}”?")
        return
    entity, when = registry.get(automation.entity), automation.when
    wanted = [fact for fact in facts if triggers.wants(when, entity, fact)]
    for operation in dict.fromkeys(fact.operation for fact in wanted if fact.record is None):
        if when.get("imports") or sweeping.source_of(operation) != IMPORT:
            sweeping.begin(automation, f"o{operation}", operation)
    single = [fact for fact in wanted if fact.record is not None]
    try:
        with acting_for(automation):
            if single:
                _begin_single(automation, entity, single)
            if when["on"] == "date":
                timing.caught(automation, entity, facts)
    except Problem as problem:
        guard.switch_off(automation, problem.detail)


def _begin_single(automation: Automation, entity: Entity, facts: list[Fact]) -> None:
    told = {(each.record, each.version): each for each in written([str(fact.record) for fact in facts])}
    asked = []
    for fact in facts:
        change = told.get((str(fact.record), fact.version or 0))
        if change is None or meant(automation, entity, change):
            asked.append(fact)
    begin(automation, [(str(f.record), f"e{f.position}", f.name, f.operation) for f in asked])


def _wake(facts: list[Fact]) -> None:
    """Runs that wait for their record to change look again."""
    keys = [db.key(key) for key in dict.fromkeys(fact.record for fact in facts if fact.record)]
    if keys and db.one("SELECT 1 FROM automation_run WHERE status = 'waiting' AND watches LIMIT 1"):
        marks = ", ".join(["%s"] * len(keys))
        sql = f"""UPDATE automation_run SET wake_at = %s
                  WHERE status = 'waiting' AND watches AND wake_at > %s AND record IN ({marks})"""
        moment = moment_param(now())
        db.execute(sql, [moment, moment, *keys])
