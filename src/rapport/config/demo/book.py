"""Where it is noted that the demonstration is here: among the imports, so that it is seen and taken back like one."""

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.keys import new_key
from rapport.records.models import ImportRun

NAME = "Northwind (demonstration data)"


def begin(size: str) -> ImportRun:
    """Note that loading begins."""
    run = ImportRun(id=new_key(), operation=new_key(), entity="party", file=NAME, status="running")
    run.options = {"demo": size}
    run.save(force_insert=True)
    return run


def end(run: ImportRun, written: int) -> None:
    """Note that all is there."""
    run.status, run.finished_at = "done", now()
    run.counts = {"rows": written, "created": written, "updated": 0, "skipped": 0, "failed": 0}
    run.save(update_fields=["status", "finished_at", "counts"])


def held() -> list[ImportRun]:
    """Demonstrations that have not been taken out, whole or half loaded."""
    return list(ImportRun.objects.filter(file=NAME).exclude(status="undone").order_by("-id"))


def own_data() -> bool:
    """Whether somebody's own parties are here."""
    sql = "SELECT 1 FROM party WHERE binned_at IS NULL AND external_source <> 'demo' LIMIT 1"
    return db.one(sql) is not None
