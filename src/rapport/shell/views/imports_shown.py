"""How a run is shown: its state in words, its counts, what is left to do."""

import csv
import datetime as dt
import time
from itertools import islice
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform import jobs
from rapport.platform.clock import now
from rapport.platform.jobs import Standing
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.records.models import ImportRun
from rapport.records.transfer.error_file import COLUMN
from rapport.records.transfer.runs import desk, files, look_again, proposal
from rapport.shell.views.forms import titled

STATES = {
    "uploaded": (gettext_lazy("Not started"), "", "file-text"),
    "checking": (gettext_lazy("Being checked"), "info", "hourglass"),
    "checked": (gettext_lazy("Ready to import"), "info", "square-check"),
    "running": (gettext_lazy("Importing"), "info", "hourglass"),
    "done": (gettext_lazy("Done"), "good", "circle-check"),
    "stopped": (gettext_lazy("Stopped"), "warn", "circle-alert"),
    "failed": (gettext_lazy("Failed"), "bad", "circle-x"),
    "undoing": (gettext_lazy("Being taken back"), "info", "undo-2"),
    "undone": (gettext_lazy("Taken back"), "warn", "undo-2"),
}
COUNTED = ("created", "updated", "skipped", "failed")
SHOWN_ERRORS = 20
SOON = dt.timedelta(seconds=5)


def state(run: ImportRun) -> dict[str, Any]:
    """The state as a chip takes it."""
    label, tone, icon = STATES[run.status]
    return {"label": str(label), "tone": tone, "icon": icon}


def rows(runs: list[ImportRun]) -> list[dict[str, Any]]:
    """The list of imports; each author's name asked once."""
    names = {run.actor: titled("users", run.actor)["title"] for run in runs if run.actor}
    return [
        {
            "id": run.id, "file": run.file.replace("\\", "/").rpartition("/")[2], "at": run.at, "state": state(run),
            "entity": _entity_label(run), "actor": run.actor and {"id": run.actor, "title": names[run.actor]},
            **{name: run.counts.get(name, 0) for name in COUNTED},
        }
        for run in runs
    ]  # fmt: skip


def _entity_label(run: ImportRun) -> str:
    return str(registry.get(run.entity).label_plural) if run.entity in registry else run.entity


def whole(run: ImportRun) -> dict[str, Any]:
    """Everything the page of a run shows."""
    standing = jobs.look(run.job) if run.job else None
    at_work = run.status in desk.AT_WORK
    counts = run.checked.get("counts", {}) if run.status in ("checking", "checked") else run.counts
    return {
        "run": run, "state": state(run), "entity_label": _entity_label(run), "step": _step(run), "at_work": at_work,
        "broken": at_work and (standing is None or standing.status == "failed"),
        "progress": _progress(run, standing) if at_work else None, "ended": _ended(run),
        "counts": {name: counts.get(name, 0) for name in (*COUNTED, "rows", "reverted", "kept_changed", "kept_failed")},
        "seconds": _seconds(run, standing), "problem": run.problem, "here": f"/imports/{run.id}",
        "tick": time.monotonic_ns(), "alike": _alike(run), **_findings(run),
        "has_errors": run.counts.get("failed", 0) > 0 and files.errors_of(run).exists(),
        "some": _some(run), "file_there": files.source_of(run).exists(),
    }  # fmt: skip


def _alike(run: ImportRun) -> dict[str, Any] | None:
    """How many of the new records are probably here already, and where they are reviewed; None: not looked for."""
    if run.status not in look_again.ENDED or not run.counts.get("created") or not look_again.is_looked_for(run):
        return None
    found, looked = run.counts.get("duplicates"), run.counts.get("duplicates_of", 0)
    fresh = run.finished_at is not None and now() - run.finished_at < SOON  # the job is written a moment later
    at_work = found is None and (fresh or jobs.unfinished("import.duplicates", run.id) is not None)
    if found is None and not at_work:
        return None
    url = f"/{registry.get(run.entity).plural}/duplicates?import={run.id}"
    return {"at_work": at_work, "count": found or 0, "url": url, "cut": looked if looked < run.counts["created"] else 0}


def _some(run: ImportRun) -> list[dict[str, str]]:
    """Records that came in, where they have a page of their own."""
    if run.status not in ("done", "stopped", "failed") or not run.counts.get("created") or run.entity not in registry:
        return []
    entity = registry.get(run.entity)
    return [{"id": key, "title": title, "url": _page(entity, key)} for key, title in desk.some(run)]


def _page(entity: Entity, key: str) -> str:
    try:
        resolve(entity.url(key))
    except Resolver404:
        return ""
    return entity.url(key)


def _step(run: ImportRun) -> int:
    return {"uploaded": 2, "checking": 3, "checked": 3}.get(run.status, 4)


def _progress(run: ImportRun, standing: Standing | None) -> dict[str, Any]:
    """How far, how fast, how long."""
    done = max(standing.done, run.counts.get("rows", 0) if run.status == "running" else 0) if standing else 0
    if standing is None or standing.started_at is None or not done:
        return {"done": 0, "total": standing.total if standing else None, "rate": 0, "left": 0}
    seconds = max((now() - standing.started_at).total_seconds(), 0.5)
    rate, total = done / seconds, max(standing.total or 0, done)
    return {"done": done, "total": total, "rate": int(rate), "left": int((total - done) / rate)}


def _seconds(run: ImportRun, standing: Standing | None) -> int:
    if run.finished_at is None or standing is None or standing.started_at is None:
        return 0
    return max(int((run.finished_at - standing.started_at).total_seconds()), 1)


def _ended(run: ImportRun) -> str:
    """What is said in the corner when the work has come to an end."""
    words = {"file": run.file, "state": str(STATES[run.status][0])}
    return _("%(file)s: %(state)s") % words


def _findings(run: ImportRun) -> dict[str, Any]:
    """The rows that would fail (checked) or did (from the error file): line, cells, reasons beside their column."""
    if run.entity not in registry:
        return {"bad": [], "header": [], "reasons": []}
    entity, header = registry.get(run.entity), run.sample.get("header", [])
    if run.status == "checked":
        at = {proposal.field_of(run, column): place for place, column in enumerate(header)}
        bad = [_bad(entity, at, line, cells, faults) for line, cells, faults in run.checked.get("errors", [])]
        reasons = [(_label(entity, name), count) for name, count in run.checked.get("reasons", [])]
        return {"bad": bad, "header": header, "reasons": reasons}
    if run.status in ("checking", "running", "undone") or not run.counts.get("failed"):
        return {"bad": [], "header": [], "reasons": []}
    at = {proposal.field_of(run, column): place for place, column in enumerate(header)} if run.mapping else {}
    return {"bad": [_bad(entity, at, *told) for told in _failed(run, entity)], "header": header, "reasons": []}


def _bad(entity: Entity, at: dict[str, int], line: Any, cells: list[str], faults: dict[str, str]) -> dict[str, Any]:
    beside = {at[name]: text for name, text in faults.items() if name in at}
    rest = [f"{_label(entity, name)}: {text}" if name else text for name, text in faults.items() if name not in at]
    return {"line": line, "cells": list(cells), "beside": beside, "rest": "; ".join(rest)}


def _label(entity: Entity, name: str) -> str:
    return entity.fields[name].heading if name in entity.fields else _("The row as a whole")


def _failed(run: ImportRun, entity: Entity) -> list[tuple[str, list[str], dict[str, str]]]:
    """(Line, cells, reasons by field) of the first rows of the error file."""
    path = files.errors_of(run)
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=run.sample.get("delimiter", ","))
        header = next(reader, [COLUMN])
        place = header.index(COLUMN) if COLUMN in header else len(header) - 1
        found = [cells for cells in islice(reader, SHOWN_ERRORS) if len(cells) > place]
    return [_told(cells, place, entity) for cells in found]


def _told(cells: list[str], place: int, entity: Entity) -> tuple[str, list[str], dict[str, str]]:
    line, _colon, reason = cells[place].partition(": ")
    faults: dict[str, str] = {}
    for piece in reason.split("; "):
        name, colon, text = piece.partition(": ")
        known = bool(colon) and name in entity.fields
        name, text = (name, text) if known else ("", piece)
        faults[name] = f"{faults[name]}; {text}" if name in faults else text
    shown = [cell[:80] for at, cell in enumerate(cells) if at != place]
    return line.removeprefix("line "), shown, faults
