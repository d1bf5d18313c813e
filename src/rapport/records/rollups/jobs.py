"""The clockwork of roll-ups: a new one is worked out for all records, then they follow what happens."""

import time
from typing import Any

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.jobs import job, schedule
from rapport.records import rows
from rapport.records.entity import registry
from rapport.records.pace import Pace
from rapport.records.rollups import keeping

EVERY, BUDGET = 0.5, 6.0


@schedule(every=EVERY, only_if=keeping.behind)
@job("records.roll_up")
def roll_up(run: Any) -> None:
    """Hear what has happened, for a few seconds; what is left follows at once."""
    snapshot.current()
    until = time.monotonic() + BUDGET
    while keeping.listen() and time.monotonic() < until:
        run.check_cancelled()


@job("records.follow_rollup", lane="long")
def follow_rollup(run: Any, key: str) -> None:
    """The custom field ``key`` rolls up otherwise: it is worked out for all records, slice by slice, resumable."""
    snapshot.current()
    row = db.one("SELECT entity, key FROM custom_field WHERE id = %s", (db.key(key),))
    if row is None or row[0] not in registry:
        return
    entity = registry.get(row[0])
    known = entity.every.get(f"custom.{row[1]}")
    if known is None or known.rollup is None:
        return
    keeping.begin()
    pace, last = Pace(), run.state.get("last")
    while True:
        run.check_cancelled()
        keys = rows.keys_after(entity, last, pace.size, binned=True)
        if not keys:
            return
        began, last = time.perf_counter(), keys[-1]
        with db.transaction():
            keeping.keep(entity, [known], keys)
            run.save_state({"last": last})
        pace.learn(time.perf_counter() - began)
