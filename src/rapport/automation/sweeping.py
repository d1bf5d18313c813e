"""Going through many records: those that one operation wrote (an import), or all that fit at a set time.

A slice per transaction; how far it has come is kept with it, so that it goes on where it was interrupted.
"""

from typing import Any

from rapport.automation import fitting, guard
from rapport.automation.acting import acting_for
from rapport.automation.beginning import COLUMNS, meant, written_row
from rapport.automation.beginning import begin as begin_runs
from rapport.automation.models import Automation, AutomationSweep
from rapport.automation.plan import triggers
from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events.stream import Fact
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.operation import moment_param

SLICE = 500
AHEAD = 2000  # runs that wait to be carried out; a sweep lets them be done before it brings more


def waiting() -> bool:
    """Whether a sweep is under way."""
    return db.one("SELECT 1 FROM automation_sweep WHERE ended_at IS NULL LIMIT 1") is not None


def source_of(operation: str) -> str:
    """Where an operation came from."""
    row = db.one("SELECT source FROM change WHERE operation = %s LIMIT 1", (db.key(operation),))
    return str(row[0]) if row else ""


def begin(automation: Automation, occasion: str, operation: str | None = None) -> None:
    """Go through the records of an operation, or through all; a further slice of the same operation opens it again."""
    made, fresh = AutomationSweep.objects.get_or_create(
        automation=automation, occasion=occasion, defaults={"operation": operation, "at": now()}
    )
    if not fresh and operation and made.ended_at:
        AutomationSweep.objects.filter(id=made.id).update(ended_at=None)


def sweep() -> bool:
    """Do one slice of the sweep that is oldest; False when there is none to do now."""
    with db.transaction():
        found = AutomationSweep.objects.select_for_update().filter(ended_at=None).order_by("id").first()
        if found is None or _crowded():
            return False
        automation = Automation.objects.get(id=found.automation_id)
        more = False
        if automation.is_active and automation.binned_at is None and automation.entity in registry:
            try:
                with acting_for(automation):
                    more = _operation(automation, found) if found.operation else _all(automation, found)
            except Problem as problem:
                guard.switch_off(automation, problem.detail)
        found.ended_at = None if more else now()
        found.save(update_fields=["after", "ended_at"])
    return True


def _crowded() -> bool:
    sql = f"""SELECT count(*) FROM (
                SELECT 1 FROM automation_run WHERE status = 'waiting' AND wake_at <= %s LIMIT {AHEAD}) n"""
    row = db.one(sql, (moment_param(now()),))
    return bool(row and row[0] >= AHEAD)


def _all(automation: Automation, found: AutomationSweep) -> bool:
    """All records that fit, by their keys."""
    entity = registry.get(automation.entity)
    where = [("t.id > %s", [db.key(found.after)])] if found.after else []
    keys = fitting.found(entity, automation.tree, where, limit=SLICE)
    begin_runs(automation, [(key, found.occasion, "", "") for key in keys])
    found.after = keys[-1] if keys else found.after
    return len(keys) == SLICE


def _operation(automation: Automation, found: AutomationSweep) -> bool:
    """The records that an operation wrote, in the order in which they were written."""
    entity, operation = registry.get(automation.entity), db.key(found.operation)
    if not found.after:
        row = db.one("SELECT min(id) - 1 FROM change WHERE operation = %s", (operation,))
        found.after = str(row[0] or 0) if row else "0"
    sql = f"""SELECT id, {COLUMNS} FROM change
              WHERE operation = %s AND entity = %s AND id > %s ORDER BY id LIMIT {SLICE}"""
    rows = db.rows(sql, (operation, entity.key, int(found.after)))
    changes = [written_row(row[1:]) for row in rows]
    asked = []
    for each in changes:
        names = _names(entity, {**each.before, **each.after})
        fact = Fact(
            0, f"{entity.key}.{each.verb}", entity.key, each.record, each.version, 1, each.operation, None, names
        )
        if triggers.wants(automation.when, entity, fact) and meant(automation, entity, each):
            asked.append((each.record, f"{found.occasion}.{each.version}", fact.name, each.operation))
    begin_runs(automation, asked)
    found.after = str(rows[-1][0]) if rows else found.after
    return len(rows) == SLICE


def _names(entity: Entity, attnames: dict[str, Any]) -> tuple[str, ...]:
    by_attname = entity.fields.by_attname
    return tuple(by_attname[name].name for name in attnames if name in by_attname)
