"""The background work of imports: check a whole file, carry it out, take it back, clear away what is old."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.utils import translation

from rapport.platform.actor import Actor, acting_as, current
from rapport.platform.clock import now
from rapport.platform.jobs import Cancelled, Interrupted, job, schedule
from rapport.records import registry
from rapport.records.bulk.undoing import take_back
from rapport.records.errors import Problem
from rapport.records.models import ImportRun
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.mapping.binding import Binding, bind
from rapport.records.transfer.mapping.own import make_fields
from rapport.records.transfer.mapping.spec import spec_of
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.run import Import
from rapport.records.transfer.runs import book, files, look_again
from rapport.records.transfer.runs.sample import clean
from rapport.records.transfer.sources import Source, cell_text

RETRIES = 2
SHOWN, REASONS = 20, 6
FILES_KEPT, DRAFTS_KEPT = dt.timedelta(days=30), dt.timedelta(days=7)


@job("import.check_small", retries=RETRIES)
@job("import.check", lane="long", retries=RETRIES)
def check(run: Any, key: str) -> None:
    """Say what an import would do, row by row, and write nothing."""
    with _at_work(run, key, "checking", failed="uploaded") as row:
        found = _Findings()
        work = _prepared(row, run, dry_run=True, failed=found.note)
        work.go()
        if work.stopped:
            book.move(key, ["checking"], status="uploaded")
            raise Cancelled(run.id)
        checked = {"counts": asdict(work.counts), "seconds": round(work.seconds, 1), **found.told()}
        book.move(key, ["checking"], status="checked", checked=checked)


@job("import.apply_small", retries=RETRIES)
@job("import.apply", lane="long", retries=RETRIES)
def apply(run: Any, key: str) -> None:
    """Carry an import out, or go on with one that was interrupted."""
    with _at_work(run, key, "running", failed="failed") as row:
        work = _prepared(row, run, dry_run=False)
        work.go()
        look_again.ask(row)
        if work.stopped:
            raise Cancelled(run.id)


@job("import.duplicates", lane="long", retries=RETRIES)
def duplicates(run: Any, key: str) -> None:
    """Which of the new records are probably here already; goes on where it was interrupted."""
    row = next((found for status in look_again.ENDED if (found := book.find(key, status))), None)
    if row is None or row.entity not in registry:
        raise Cancelled(run.id)
    state = {"last": 0, "looked": 0, "found": 0, **run.state}

    def keep(last: int, looked: int, found: int) -> None:
        run.save_state({"last": last, "looked": looked, "found": found})
        run.progress(looked, max(looked, row.counts.get("created", 0)))
        run.check_cancelled()

    look_again.look(row, state["last"], state["looked"], state["found"], keep)


@job("import.undo_small", retries=RETRIES)
@job("import.undo", lane="long", retries=RETRIES)
def undo(run: Any, key: str) -> None:
    """Take an import back; goes on where it was interrupted."""
    with _at_work(run, key, "undoing", failed="done") as row:
        total = row.counts.get("created", 0) + row.counts.get("updated", 0)
        counted = take_back(run, row.operation, total)
        counts = {**row.counts, **counted}
        book.move(key, ["undoing"], status="undone", counts=counts, finished_at=now())


@schedule(daily_at="02:50")
@job("import.clear_away")
def clear_away(run: Any) -> None:
    """Files are kept for a month, uploads that were never imported for a week."""
    for key in book.drafts_before(now() - DRAFTS_KEPT):
        files.drop(key)
        book.forget(key)
    for place in files.folder("x").parent.glob("*"):
        run.check_cancelled()
        age = now() - dt.datetime.fromtimestamp(place.stat().st_mtime, dt.UTC)
        if age > FILES_KEPT:
            files.drop(place.name)


@contextmanager
def _at_work(run: Any, key: str, status: str, failed: str) -> Iterator[ImportRun]:
    """The run, in the state this job works on; else the job has been done already. What goes wrong is told there."""
    row = book.find(key, status)
    if row is None:
        raise Cancelled(run.id)
    try:
        with acting_as(_importing()), translation.override(current().language):
            yield row
    except Interrupted:
        raise
    except Problem as problem:
        detail = files.named(problem, row).detail if isinstance(problem, Unusable) else problem.detail
        book.move(key, [status, "failed"], status=failed, problem=detail, finished_at=now())
    except Exception as error:
        final = run.failures >= RETRIES
        told = {"problem": f"{type(error).__name__}: {error}"[:500]} if final else {}
        book.move(key, [status, "failed"], status=failed if final else status, **told)
        raise


def _importing() -> Actor:
    """The user at work, the change coming from an import."""
    return dataclasses.replace(current(), source="import")


def _prepared(row: ImportRun, run: Any, *, dry_run: bool, **more: Any) -> Import:
    source = files.opened(row)
    errors = None
    if not dry_run:
        path = files.errors_of(row)
        errors = ErrorFile(path, source, row.counts.get("errors", 0) if path.exists() else 0)
    work = Import(
        source, bound(row, source), on_match=row.options.get("on_match", "update"), dry_run=dry_run, record=row,
        errors=errors, tell=lambda work: _tell(run, work), stop=lambda: _stop(run),
        fence=lambda line: run.save_state({"line": line}), **more,
    )  # fmt: skip
    return work


def bound(row: ImportRun, source: Source) -> Binding:
    """The run's mapping, bound to the file; columns whose fields are still to be made are left out."""
    entity, spec = registry.get(row.entity), spec_of(row.mapping)
    make_fields(entity, spec, lambda: source, dry_run=True)
    return bind(entity, spec, source, current(), row.options.get("match", ()))


def _tell(run: Any, work: Import) -> None:
    part = max(work.source.progress(), 0.001)
    run.progress(work.counts.rows, max(work.counts.rows, int(work.counts.rows / part)))


def _stop(run: Any) -> bool:
    """A cancelled import ends after the slice at work; one whose worker stops goes on elsewhere."""
    if run.cancelled and not run.lost:
        return True
    run.check_cancelled()
    return False


class _Findings:
    """The first rows that would fail, and the reasons met most often."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.reasons: Counter[str] = Counter()

    def note(self, draft: Draft) -> None:
        """A row that would fail."""
        if len(self.rows) < SHOWN:
            cells = [clean(cell_text(cell))[:80] for cell in draft.line.cells[:40]]
            faults = {name: clean(text)[:300] for name, text in draft.faults.items()}
            self.rows.append([draft.line.number, cells, faults])
        for name in draft.faults:
            self.reasons[name] += 1

    def told(self) -> dict[str, Any]:
        """For the run's row."""
        return {"errors": self.rows, "reasons": self.reasons.most_common(REASONS)}
