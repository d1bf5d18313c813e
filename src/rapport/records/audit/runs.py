"""Deeds that were done in the background: by their operation, with how many records it was and where they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.records.models import BulkRun, ImportRun

BULK, IMPORT = "bulk", "imports"


@dataclass(frozen=True, slots=True)
class Work:
    """A run: where its page is, of which entity, how many it changed, whether it was taken back, from which file."""

    kind: str
    key: str
    entity: str
    count: int
    undone: bool
    file: str = ""

    @property
    def url(self) -> str:
        """The page that shows it, and takes it back."""
        return f"/{self.kind}/{self.key}"


def of(operations: Sequence[str]) -> dict[str, Work]:
    """Runs by the operation under which they wrote."""
    found = {}
    for one in BulkRun.objects.filter(operation__in=operations).only("id", "operation", "entity", "counts", "status"):
        found[one.operation] = Work(BULK, one.id, one.entity, one.counts.get("changed", 0), one.status == "undone")
    columns = ("id", "operation", "entity", "counts", "status", "file")
    for run in ImportRun.objects.filter(operation__in=operations).only(*columns):
        count = run.counts.get("created", 0) + run.counts.get("updated", 0)
        found[run.operation] = Work(IMPORT, run.id, run.entity, count, run.status == "undone", run.file)
    return found
