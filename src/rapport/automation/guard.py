"""What keeps automations from running wild: how deep one may cause another, how often one may run for a record, and
when one that fails again and again is switched off. Its owner hears of it."""

import datetime as dt
import logging
from collections.abc import Collection

from django.utils.translation import gettext_noop

from rapport.automation.models import Automation, AutomationState
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.clock import now
from rapport.records import notices, registry, write
from rapport.records.operation import moment_param, operation

log = logging.getLogger("rapport.automation")
DEEPEST, OFTEN, A_MINUTE = 5, 10, dt.timedelta(minutes=1)
FAILURES, TOLD_AGAIN = 10, dt.timedelta(hours=1)
TOO_DEEP = gettext_noop("Automations caused each other too often in a row.")
TOO_OFTEN = gettext_noop("It ran for this record too often within a minute.")
_CAUSES = "SELECT operation, id, depth FROM automation_run WHERE operation IN ({marks})"
_RECENT = """SELECT record, count(*) FROM automation_run
             WHERE automation_id = %s AND at > %s AND record IN ({marks}) GROUP BY record"""


def causes(operations: Collection[str]) -> dict[str, tuple[str, int]]:
    """By operation that a run wrote under: (the run, how deep it was)."""
    if not operations:
        return {}
    sql = _CAUSES.format(marks=", ".join(["%s"] * len(operations)))
    found = db.rows(sql, [db.key(each) for each in operations])
    return {str(db.unkey(key)): (str(db.unkey(run)), int(depth)) for key, run, depth in found}


def recent(automation: str, records: Collection[str]) -> dict[str, int]:
    """How often it ran for each of these records within the last minute."""
    if not records:
        return {}
    sql = _RECENT.format(marks=", ".join(["%s"] * len(records)))
    places = [db.key(automation), moment_param(now() - A_MINUTE), *map(db.key, records)]
    return {str(db.unkey(key)): int(count) for key, count in db.rows(sql, places)}


def state_of(automation: Automation) -> AutomationState:
    """How far it has come."""
    return AutomationState.objects.get_or_create(automation_id=automation.id)[0]


def stopped(automation: Automation, reason: str) -> None:
    """Tell its owner that runs were stopped; once an hour."""
    state = state_of(automation)
    if state.told_at and state.told_at > now() - TOLD_AGAIN:
        return
    AutomationState.objects.filter(automation=automation).update(told_at=now())
    _tell(automation, "automation_stopped", reason)


def failed(automation: Automation, reason: str) -> None:
    """Count a failure; at the last of too many in a row it is switched off."""
    state = state_of(automation)
    AutomationState.objects.filter(automation=automation).update(failures=state.failures + 1)
    if state.failures + 1 >= FAILURES:
        switch_off(automation, reason)
    elif not state.failures:
        _tell(automation, "automation_failed", reason)


def succeeded(automation: Automation) -> None:
    """What failed before is forgiven."""
    AutomationState.objects.filter(automation=automation, failures__gt=0).update(failures=0)


def switch_off(automation: Automation, reason: str) -> None:
    """It can do no good any more until somebody has looked at it."""
    log.warning("automation “%s” is switched off: %s", automation.name, reason)
    AutomationState.objects.filter(automation=automation).update(failures=0)
    with as_system("an automation failed again and again", source="automation"):
        write.change(registry.get("automation"), automation.id, {"is_active": False})
    _tell(automation, "automation_off", reason)


def _tell(automation: Automation, reason: str, text: str) -> None:
    with as_system("an automation's owner is told", source="automation"), operation() as done:
        for user in _listeners(automation):
            notices.notify(
                done, user, reason, automation.name, summary={"text": text, "url": f"/automations/{automation.id}/runs"}
            )


def _listeners(automation: Automation) -> list[str]:
    """Its owner; where he has gone, the administrators."""
    sql = "SELECT id FROM user_account WHERE id = %s AND is_active"
    found = db.rows(sql, (db.key(automation.owner_id),)) if automation.owner_id else []
    admins = """SELECT u.id FROM user_account u JOIN user_role x ON x.user_id = u.id JOIN role r ON r.id = x.role_id
                WHERE r.key = 'admin' AND u.is_active ORDER BY u.id LIMIT 20"""
    return [str(db.unkey(row[0])) for row in found or db.rows(admins)]
