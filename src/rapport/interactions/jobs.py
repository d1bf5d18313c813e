"""Reminders: once a minute the tasks whose reminder is due tell their assignee. Nothing is written while none is."""

from typing import Any

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.jobs import job, schedule
from rapport.records import notices
from rapport.records.operation import moment_param, operation

SLICE = 200
DUE = "SELECT id, title, owner_id FROM task WHERE remind_next <= %s ORDER BY remind_next LIMIT"


def reminder_due() -> bool:
    """Whether any reminder is due by now."""
    return db.one(f"{DUE} 1", (moment_param(now()),)) is not None


@schedule(every=60, only_if=reminder_due)
@job("interactions.remind")
def remind(run: Any) -> None:
    """Tell of every reminder that is due, a slice per transaction; safe to run twice."""
    while reminder_due():
        run.check_cancelled()
        _remind_slice()


def _remind_slice() -> None:
    with operation() as done:
        lock = "" if db.is_sqlite() else " FOR UPDATE SKIP LOCKED"
        found = db.rows(f"{DUE} {SLICE}{lock}", (done.at_param,))
        for key, title, owner in found:
            if owner is not None:
                notices.notify(done, str(db.unkey(owner)), "reminder", title, entity="task", record=db.unkey(key))
        db.execute_many("UPDATE task SET remind_next = NULL WHERE id = %s", [(row[0],) for row in found])
