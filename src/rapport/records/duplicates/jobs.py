"""The background work: looking for duplicates, and letting the rest of a large merge follow."""

from typing import Any

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.jobs import enqueue, job, unfinished
from rapport.records.duplicates import merging, moving, pairs
from rapport.records.entity import Entity, registry
from rapport.records.operation import operation


def start(entity: Entity) -> str:
    """Look for duplicates behind the scenes; returns the job."""
    return enqueue("records.find_duplicates", {"entity": entity.key}, key=entity.key)


def at_work(entity: Entity) -> str | None:
    """The job that looks for duplicates of an entity, while it waits or runs."""
    return unfinished("records.find_duplicates", entity.key)


@job("records.find_duplicates", lane="long", retries=1)
def find_duplicates(run: Any, entity: str) -> None:
    """All records of an entity are compared; safe to run twice."""
    snapshot.current()
    db.be_thorough()

    def tell(done: int, total: int) -> None:
        run.check_cancelled()
        run.progress(done, total)

    pairs.search(registry.get(entity), tell)


@job("records.follow_merge", lane="long")
def follow_merge(run: Any, entity: str, loser: str, winner: str, operation_id: str) -> None:
    """What still names a merged record names the other, slice by slice; safe to run twice."""
    snapshot.current()
    moved = merging.AT_ONCE
    while moved >= merging.AT_ONCE:
        run.check_cancelled()
        with operation(operation_id) as done:
            moved = moving.move(done, registry.get(entity), loser, winner, merging.AT_ONCE)
