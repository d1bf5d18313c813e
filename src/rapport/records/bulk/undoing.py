"""A large operation taken back by a job: slice by slice, going on where it was interrupted."""

from typing import Any

from rapport.records import revert
from rapport.records.errors import NotFound


def take_back(run: Any, operation: str, total: int) -> dict[str, int]:
    """Take ``operation`` back within the job ``run``; ``{reverted, kept_changed, kept_failed}``, in records.

    Raises Cancelled when the job is.
    """
    counted = {"reverted": 0, "kept_changed": 0, "kept_failed": 0, **run.state.get("counts", {})}

    def keep(taken: revert.Reverted, last: int) -> None:
        counted["reverted"] += len(taken.reverted)
        counted["kept_changed"] += len(taken.kept_changed)
        counted["kept_failed"] += len(taken.failed)
        run.save_state({"undo": taken.operation, "last": last, "counts": dict(counted)})

    steps = revert.slices(operation, undo=run.state.get("undo"), last=run.state.get("last"), keep=keep)
    try:
        for _taken in steps:
            run.progress(sum(counted.values()), max(total, sum(counted.values())))
            run.check_cancelled()
    except NotFound:
        pass  # nothing had been written
    return counted
