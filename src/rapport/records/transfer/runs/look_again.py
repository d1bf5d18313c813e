"""After an import: how many of the new records are probably here already. The pairs wait to be reviewed."""

from collections.abc import Callable
from typing import Any

from rapport.platform import db, jobs
from rapport.records import registry
from rapport.records.duplicates import fresh, merging
from rapport.records.models import ImportRun

ENDED = ("done", "stopped", "failed")
AT_ONCE = 2_000
Keep = Callable[[int, int, int], None]


def ask(run: ImportRun) -> None:
    """Let it be looked for in the background, where duplicates of such records are looked for at all."""
    run.refresh_from_db(fields=["counts"])
    if run.counts.get("created") and is_looked_for(run):
        jobs.enqueue("import.duplicates", {"key": run.id}, key=run.id)


def is_looked_for(run: ImportRun) -> bool:
    """Whether records of this kind can be duplicates."""
    return run.entity in registry and merging.is_mergeable(registry.get(run.entity))


def look(
    run: ImportRun, last: int = 0, looked: int = 0, found: int = 0,
    keep: Keep = lambda last, looked, found: None,
) -> int:  # fmt: skip
    """Look slice by slice, at fresh.MOST records at most, and note the outcome in the run; how many it found.

    ``last``, ``looked``, ``found``: where an interrupted look goes on; ``keep`` is told them after each slice.
    """
    entity = registry.get(run.entity)
    while looked < fresh.MOST:
        part = fresh.look(entity, run.operation, last)
        if part.last is None:
            break
        last, looked, found = part.last, looked + part.records, found + part.found
        keep(last, looked, found)
    with db.transaction():
        held: Any = ImportRun.objects.select_for_update().filter(id=run.id)
        counts = held.values_list("counts", flat=True).get()
        ImportRun.objects.filter(id=run.id).update(counts={**counts, "duplicates": found, "duplicates_of": looked})
    return found


def at_once(run: ImportRun, created: int) -> int | None:
    """For the command line: the number where it is soon found, else None, and it is found in the background."""
    if not is_looked_for(run):
        return 0
    if created > AT_ONCE:
        ask(run)
        return None
    return look(run) if created else 0
