"""The background work of deeds over a filter."""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rapport.platform.actor import Actor, acting_as, current
from rapport.platform.clock import now
from rapport.platform.jobs import Cancelled, Interrupted, job
from rapport.records import notices, read, registry
from rapport.records.bulk import deeds, runs
from rapport.records.bulk.undoing import take_back
from rapport.records.errors import Problem, Refused
from rapport.records.models import BulkRun
from rapport.records.operation import Operation, operation
from rapport.records.pace import Pace

RETRIES = 2


@job("records.bulk", lane="long", retries=RETRIES)
def carry_out(run: Any, key: str) -> None:
    """Do a deed to all that a filter finds, or go on with one that was interrupted."""
    with _at_work(run, key, "running", failed="failed") as row:
        _Work(run, row).go()


@job("records.bulk_undo", lane="long", retries=RETRIES)
def undo(run: Any, key: str) -> None:
    """Take a deed back; goes on where it was interrupted."""
    with _at_work(run, key, "undoing", failed="done") as row:
        counts = take_back(run, row.operation, row.counts.get("changed", 0))
        with operation() as done:
            runs.move(key, ["undoing"], status="undone", counts={**row.counts, **counts}, finished_at=now())
            _tell(done, row, counts["reverted"], "bulk_undone")


class _Work:
    """One run at work: slice by slice, in the order of the ids."""

    def __init__(self, run: Any, row: BulkRun) -> None:
        self.run, self.row, self.pace = run, row, Pace()
        self.entity, self.deed = registry.get(row.entity), runs.deed_of(row)
        self.counts = {"changed": 0, "same": 0, "left": 0, **row.counts}
        self.last: str | None = row.last

    def go(self) -> None:
        """To the end, or until it is stopped."""
        if self.row.total is None:
            self.row.total = read.count(runs.query_of(self.row))
            runs.move(self.row.id, ["running"], total=self.row.total)
            self._bounded(self.row.total)
        while found := read.page(runs.query_of(self.row, self.last)).items():
            keys = [each["id"] for each in found]
            while keys:
                part, keys = keys[: self.pace.size], keys[self.pace.size :]
                self._slice(part)
                if self.run.cancelled and not self.run.lost:
                    runs.move(self.row.id, ["running"], status="stopped", finished_at=now())
                    raise Cancelled(self.run.id)
                self.run.check_cancelled()
        with operation() as done:
            runs.move(self.row.id, ["running"], status="done", finished_at=now())
            _tell(done, self.row, self.counts["changed"], "bulk")

    def _bounded(self, count: int) -> None:
        """Since it was asked for there may have come more than whoever asked for it expects."""
        if self.row.most is not None and count > self.row.most:
            words = {"count": f"{count:,}", "most": f"{self.row.most:,}"}
            raise Refused(_("There are %(count)s by now, and %(most)s at most are expected.") % words)

    def _slice(self, keys: list[str]) -> None:
        """One transaction: the deed, and how far it is."""
        self._bounded(sum(self.counts.values()) + len(keys))
        began = time.perf_counter()
        with operation(self.row.operation) as done:
            outcome = deeds.carry_out(self.entity, self.deed, keys, done)
            counts = {
                "changed": self.counts["changed"] + len(outcome.changed),
                "same": self.counts["same"] + outcome.same,
                "left": self.counts["left"] + len(outcome.left),
            }
            runs.leave(self.row, outcome.left)
            runs.move(self.row.id, ["running"], last=keys[-1], counts=counts)
            self.run.save_state({"last": keys[-1]})
        self.pace.learn(time.perf_counter() - began)
        self.counts, self.last = counts, keys[-1]
        seen = sum(counts.values())
        self.run.progress(seen, max(seen, self.row.total or 0))


def _tell(done: Operation, row: BulkRun, count: int, reason: str) -> None:
    """Its author hears that the work has come to its end."""
    if row.actor:
        title = f"{count:,} {registry.get(row.entity).label_plural}"
        notices.notify(done, row.actor, reason, title, summary={"url": f"/bulk/{row.id}"})


@contextmanager
def _at_work(run: Any, key: str, status: str, failed: str) -> Iterator[BulkRun]:
    """The run, in the state this job works on; else the job has been done already. What goes wrong is told there."""
    row = runs.find(key, status)
    if row is None:
        raise Cancelled(run.id)
    try:
        with acting_as(_many()), translation.override(current().language):
            yield row
    except Interrupted:
        raise
    except Problem as problem:
        runs.move(key, [status], status=failed, problem=problem.detail, finished_at=now())
    except Exception as error:
        if run.failures >= RETRIES:
            told = f"{type(error).__name__}: {error}"[:500]
            runs.move(key, [status], status=failed, problem=told, finished_at=now())
        raise


def _many() -> Actor:
    """The user at work, the change coming from a deed on many."""
    return dataclasses.replace(current(), source="bulk")
