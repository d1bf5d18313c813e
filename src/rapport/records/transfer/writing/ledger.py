"""How far a run is, kept in the transaction of the rows: after a crash nothing is lost and nothing doubled."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rapport.platform import db
from rapport.records.models import ImportRun
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.sources import Line


@dataclass(slots=True)
class Counts:
    """``rows`` is the sum of the others. A row that changes nothing, or holds nothing, is skipped."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(slots=True)
class Stored:
    """What a committed transaction came to."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: list[Draft] = field(default_factory=list)

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(
            self.created + other.created, self.updated + other.updated, self.skipped + other.skipped,
            [*self.failed, *other.failed],
        )  # fmt: skip


class Ledger:
    """The counts of a run and its place in the file. ``record``: None for a dry run, which leaves no trace.

    A slice that the database refuses in part is stored in several transactions; ``ahead`` are the lines stored beyond
    ``line`` by then. ``fence`` is called in each transaction: a job that has lost its lease stops there.
    """

    def __init__(
        self, record: ImportRun | None, errors: ErrorFile | None, fence: Callable[[int], None] = lambda line: None
    ) -> None:
        self._record, self._errors, self._fence = record, errors, fence
        held: dict[str, Any] = record.counts if record else {}
        self.counts = Counts(**{each.name: held.get(each.name, 0) for each in fields(Counts)})
        self.line: int = held.get("line", 0)
        self._ahead: set[int] = set(held.get("ahead", ()))
        self._size = errors.size() if errors else 0
        self._begin([], Stored())

    def is_done(self, line: Line) -> bool:
        """Whether an earlier attempt has stored this line."""
        return line.number <= self.line or line.number in self._ahead

    def begin(self, lines: list[Line], ready: Stored) -> None:
        """A slice of ``lines``; ``ready``: what is known of them beforehand."""
        self._begin(lines, ready)

    def _begin(self, lines: list[Line], ready: Stored) -> None:
        self._rows = len(lines)
        self._last = lines[-1].number if lines else self.line
        self._ready = ready
        self._stored = Stored()
        self._left: set[int] | None = None

    def expect(self, drafts: list[Draft]) -> None:
        """The rows of the slice that will be written."""
        self._left = {draft.line.number for draft in drafts}

    def note(self, stored: Stored, drafts: list[Draft]) -> None:
        """Inside the transaction of these rows. Changes nothing here: the transaction may still fail."""
        if self._record is None:
            return
        left = (self._left or set()) - {draft.line.number for draft in drafts}
        so_far = self._stored + stored
        if left:
            kept = self._kept(so_far, self.line)
            kept["ahead"] = sorted(self._ahead | _stored_lines(stored, drafts))
        else:
            kept = self._kept(self._ready + so_far, self._last, len((self._ready + so_far).failed))
            kept["errors"] = self._write((self._ready + so_far).failed)
        self._fence(self._last)
        ImportRun.objects.filter(id=self._record.id).update(counts=kept)

    def settled(self, stored: Stored, drafts: list[Draft]) -> None:
        """The transaction of these rows has been committed."""
        self._stored = self._stored + stored
        self._ahead |= _stored_lines(stored, drafts)
        if self._left is not None:
            self._left -= {draft.line.number for draft in drafts}

    def end(self, refused: Stored) -> list[Draft]:
        """The slice is through; ``refused`` are rows no transaction took. Returns those that failed, in order."""
        told = self._left is not None and not self._left
        self._stored = self._stored + refused
        if not told:
            self._left = None
            with db.transaction():
                self.note(Stored(), [])
        whole = self._ready + self._stored
        if self._errors:
            self._size = self._errors.size() if self._record else self._write(whole.failed)
        self._count(whole)
        self.line = self._last
        self._ahead.clear()
        return sorted(whole.failed, key=lambda draft: draft.line.number)

    def _count(self, whole: Stored) -> None:
        counts = self.counts
        counts.rows += self._rows
        counts.created += whole.created
        counts.updated += whole.updated
        counts.skipped += whole.skipped
        counts.failed += len(whole.failed)

    def _kept(self, stored: Stored, line: int, failed: int = 0) -> dict[str, Any]:
        counts = asdict(self.counts)
        counts["created"] += stored.created
        counts["updated"] += stored.updated
        counts["skipped"] += stored.skipped
        counts["failed"] += failed
        counts["rows"] = sum(counts[name] for name in ("created", "updated", "skipped", "failed"))
        return {**counts, "line": line, "errors": self._size}

    def _write(self, failed: list[Draft]) -> int:
        if self._errors is None:
            return 0
        self._errors.cut(self._size)
        for draft in sorted(failed, key=lambda draft: draft.line.number):
            self._errors.add(draft)
        return self._errors.size()


def _stored_lines(stored: Stored, drafts: list[Draft]) -> set[int]:
    """Rows that failed are tried again after a crash, so that they are told."""
    failed = {draft.line.number for draft in stored.failed}
    return {draft.line.number for draft in drafts} - failed
