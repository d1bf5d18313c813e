"""An import from the first line to the last: read, map, match, write by slices; stopped, killed, repeated at will."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.platform.identity import snapshot
from rapport.platform.jobs import Interrupted
from rapport.platform.keys import new_key
from rapport.records import intake, rows, scope, write
from rapport.records.errors import Problem
from rapport.records.models import ImportRun
from rapport.records.operation import Operation
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.mapping.binding import Binding
from rapport.records.transfer.rows import draft as drafts
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.rows.matching import Matcher
from rapport.records.transfer.rows.relations import Finder
from rapport.records.transfer.sources import Line, Source
from rapport.records.transfer.writing import brought, changes
from rapport.records.transfer.writing.instances import Blanks
from rapport.records.transfer.writing.ledger import Counts, Ledger, Stored
from rapport.records.transfer.writing.slices import Writer

ON_MATCH = ("update", "skip", "error")
PAUSE = 0.005


@dataclass(slots=True)
class Slice:
    """Rows sorted by what becomes of them."""

    new: list[Draft] = field(default_factory=list)
    updates: list[Draft] = field(default_factory=list)
    failed: list[Draft] = field(default_factory=list)
    passed: list[Draft] = field(default_factory=list)
    empty: int = 0


class Import:
    """One run. ``tell`` hears of every stored slice, ``failed`` of every row that failed.

    ``record``: a run that has been noted already, and may be half done; it goes on where it stopped.
    """

    def __init__(
        self, source: Source, binding: Binding, *, on_match: str = "update", dry_run: bool = False, file: str = "",
        record: ImportRun | None = None, errors: ErrorFile | None = None,
        tell: Callable[["Import"], None] = lambda run: None, failed: Callable[[Draft], None] = lambda draft: None,
        stop: Callable[[], bool] = lambda: False, fence: Callable[[int], None] = lambda line: None,
    ) -> None:  # fmt: skip
        self.source, self.binding, self.entity = source, binding, binding.entity
        self.on_match, self.dry_run = on_match, dry_run
        self.tell, self.failed, self.stop = tell, failed, stop
        self.actor = current()
        scope.level(self.entity, self.actor, "add")
        self.seconds = 0.0
        self.stopped = self.finished = False
        self._fresh = record is None
        self.record = record or ImportRun(
            id=new_key(), operation=new_key(), entity=self.entity.key, file=file, actor=self.actor.id
        )
        self.errors = errors
        self.ledger = Ledger(None if dry_run else self.record, errors, fence)
        self.finder = Finder(self.entity, self.actor, binding.place)
        self.matcher = Matcher(binding, self.actor)
        self.writer = Writer(self.entity, self.finder, self.ledger)
        self._blanks = Blanks(self.entity.model)
        self._names_itself = any(bound.related == self.entity.key for bound in (*binding.bounds, *binding.defaults))

    @property
    def run_id(self) -> str | None:
        """What ``--undo`` takes; None for a dry run."""
        return None if self.dry_run else self.record.id

    @property
    def counts(self) -> Counts:
        """What came of the rows so far."""
        return self.ledger.counts

    @property
    def line(self) -> int:
        """The last line that is through."""
        return self.ledger.line

    def summary(self) -> dict[str, Any]:
        """The run in one line."""
        return {"run": self.run_id, **asdict(self.counts), "seconds": round(self.seconds, 3)}

    def look(self, lines: list[Line]) -> Slice:
        """What would become of these lines; nothing is written."""
        return self._prepare(lines, Operation(self.actor, id=self.record.operation))

    def go(self) -> Counts:
        """Carry the import out."""
        began = time.perf_counter()
        snapshot.current()
        if self._fresh and not self.dry_run:
            self.record.save(force_insert=True)
        lines = (line for line in self.source.lines() if not self.ledger.is_done(line))
        status = "failed"
        try:
            while slice_ := list(islice(lines, self.writer.pace.size)):
                if self.stop():
                    self.stopped = True
                    break
                self._slice(slice_)
                self.seconds = time.perf_counter() - began
                self.tell(self)
            self.finished = not self.stopped
            status = "stopped" if self.stopped else "done"
        except Interrupted:
            status = "running"  # a job that goes on elsewhere
            raise
        finally:
            self.seconds = time.perf_counter() - began
            self._end(status)
        return self.counts

    def _end(self, status: str) -> None:
        if self.errors:
            self.errors.close()
        if not self.dry_run and status != "running":
            ImportRun.objects.filter(id=self.record.id).update(status=status, finished_at=now())

    def _slice(self, lines: list[Line]) -> None:
        done = Operation(self.actor, id=self.record.operation)
        work = self._prepare(lines, done)
        skipped = len(work.passed) + work.empty
        refused = Stored()
        if self.dry_run:
            self.ledger.begin(lines, Stored(len(work.new), len(work.updates), skipped, work.failed))
        else:
            self.ledger.begin(lines, Stored(skipped=skipped, failed=work.failed))
            if work.new or work.updates:
                self.ledger.expect([*work.new, *work.updates])
                refused = self.writer.commit(work.new, work.updates, done)
        failed = self.ledger.end(refused)
        if not self.dry_run:
            self.matcher.seen.clear()
            self.finder.fresh.clear()
            time.sleep(PAUSE)
        for draft in failed:
            self.failed(draft)

    def _prepare(self, lines: list[Line], done: Operation) -> Slice:
        """All that needs no lock."""
        work = Slice()
        read = [drafts.read(self.binding, line) for line in lines]
        found = [draft for draft in read if draft is not None]
        work.empty = len(read) - len(found)
        self.finder.settle(found, done)
        self.matcher.find(found)
        known: list[Draft] = []
        for draft in found:
            if draft.error is None and draft.match is None:
                draft.match = self.matcher.among_new(draft)
                if draft.match is None:
                    self._new(draft, work, done)
                    continue
                self._recognised(draft, work, work.updates)
            elif draft.error is None:
                self._recognised(draft, work, known)
            if draft.error is not None:
                work.failed.append(draft)
        self._differing(known, work)
        return work

    def _recognised(self, draft: Draft, work: Slice, updates: list[Draft]) -> None:
        if self.on_match == "error":
            draft.fail(f"this {str(self.entity.label).lower()} is already there ({draft.match})")
        elif self.on_match == "skip":
            work.passed.append(draft)
        else:
            updates.append(draft)

    def _new(self, draft: Draft, work: Slice, done: Operation) -> None:
        try:
            self._build(draft, done)
        except Problem as problem:
            draft.refuse(problem)
        if draft.error is not None:
            work.failed.append(draft)
            return
        work.new.append(draft)
        self.matcher.remember(draft, draft.record.id)
        if self._names_itself:
            self.finder.came(draft.record)

    def _build(self, draft: Draft, done: Operation) -> None:
        """The new record of a row, settled, with its parts as ``write.build`` makes them."""
        if draft.open:
            self.finder.late(draft, done)
            for wanted in draft.open:
                draft.fail(self.finder.reason(draft, wanted), wanted.bound.field.name)
        values = {**draft.spare_values, **{name: each for name, each in draft.values.items() if each is not None}}
        for name in self.entity.needed(values):
            known = self.entity.fields[name]
            if name != self.entity.title and not values.get(known.attname) and not draft.error:
                draft.fail("this is needed", name)
        if draft.error is not None:
            return
        amounts = {**draft.spare_amounts, **draft.amounts}
        if queue := draft.queue or (draft.spare_queue if not values.get("owner_id") else None):
            values["owner_id"] = None
        found = intake.Intake(values=values, amounts=amounts, own_tags=draft.own_tags, queue=queue)
        record = self._blanks.make(values)
        draft.record = write.assemble(self.entity, record, found, self.actor, done, self.finder.team_of)
        if draft.parts:
            draft.record.brought = brought.build(draft, done)

    def _differing(self, known: list[Draft], work: Slice) -> None:
        """Of the rows that mean stored records, those that would change them."""
        again: set[str] = set()
        for batch in _batches(known, 500):
            held = rows.load_many(self.entity, list(dict.fromkeys(str(d.match) for d in batch)), self.actor)
            for draft in batch:
                key = str(draft.match)
                record = held.pop(key, None)
                if key in again or record is None:
                    work.updates.append(draft)  # the file names it twice, or it has just gone: seen under the lock
                    continue
                again.add(key)
                try:
                    if draft.parts or changes.would_change(self.entity, record, draft, self.finder):
                        work.updates.append(draft)
                    else:
                        work.passed.append(draft)
                except Problem as problem:
                    draft.refuse(problem)
                    work.failed.append(draft)


def _batches(items: list[Draft], size: int) -> Iterator[list[Draft]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
