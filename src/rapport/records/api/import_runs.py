"""Imports for programs, to look at: what came of them, and how many of the new records are probably here already."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from rapport.platform.clock import wire
from rapport.records.api import asked
from rapport.records.api.answers import guarded, json
from rapport.records.models import ImportRun
from rapport.records.transfer.runs import desk

COUNTS = ("rows", "created", "updated", "skipped", "failed")


@guarded("GET")
def listed(request: HttpRequest) -> HttpResponse:
    """One's own imports, the newest first; an administrator's all."""
    asked.only(request, "after")
    after = request.GET.get("after")
    found = desk.listed(asked.key(after) if after else None)
    following = found[desk.LISTED - 1].id if len(found) > desk.LISTED else None
    return json({"items": [_told(run) for run in found[: desk.LISTED]], "next": following})


@guarded("GET")
def one(request: HttpRequest, run: str) -> HttpResponse:
    """How an import stands."""
    asked.only(request)
    return json(_told(desk.one(asked.key(run))))


def _told(run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.id, "entity": run.entity, "file": run.file.replace("\\", "/").rpartition("/")[2],
        "status": run.status, **{name: run.counts.get(name, 0) for name in COUNTS},
        "duplicates": run.counts.get("duplicates"), "problem": run.problem or None, "operation": run.operation,
        "at": wire(run.at), "finished_at": wire(run.finished_at), "url": f"/imports/{run.id}",
    }  # fmt: skip
