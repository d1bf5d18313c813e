"""An import taken back."""

from rapport.platform.keys import parse_key
from rapport.records import revert
from rapport.records.errors import NotFound
from rapport.records.models import ImportRun
from rapport.records.transfer.problems import Unusable


def undo(run_id: str) -> revert.Reverted:
    """Take the import ``run_id`` back, updates included; what was changed since is kept. Raises Unusable."""
    key = parse_key(run_id)
    run = ImportRun.objects.filter(id=key).first() if key else None
    if run is None:
        raise Unusable(f"There is no import {run_id}. Its id is “run” in what the import printed.")
    try:
        found = revert.revert(run.operation)
    except NotFound:
        found = revert.Reverted()
    ImportRun.objects.filter(id=key).update(status="undone")
    return found
