"""Deeds on everything that a list holds, while they are done and afterwards: what came of it, what was left alone."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rapport.platform import jobs
from rapport.platform.clock import now
from rapport.platform.keys import parse_key
from rapport.records import registry
from rapport.records.api import asked
from rapport.records.bulk import runs, telling
from rapport.records.bulk.deeds import Deed
from rapport.records.entity import Entity
from rapport.records.intake import queue_named
from rapport.records.models import BulkRun
from rapport.shell.lists import sayings
from rapport.shell.views.forms import titled
from rapport.shell.views.frame import context, is_fragment, page, render, toast

STATES = {
    "running": (gettext_lazy("At work"), "info", "hourglass"),
    "done": (gettext_lazy("Done"), "good", "circle-check"),
    "stopped": (gettext_lazy("Stopped"), "warn", "circle-alert"),
    "failed": (gettext_lazy("Failed"), "bad", "circle-x"),
    "undoing": (gettext_lazy("Being taken back"), "info", "undo-2"),
    "undone": (gettext_lazy("Taken back"), "warn", "undo-2"),
}
SHOWN = 20


@page
@require_GET
def shown(request: HttpRequest, key: str) -> HttpResponse:
    """Where a deed on many stands. Asked again and again by the page itself while it is at work."""
    run = runs.one(asked.key(key))
    values = context(request, _said(run), **_whole(run))
    response = render(request, "shell/bulk_run.jinja", values, block="run" if is_fragment(request) else None)
    if is_fragment(request) and run.status not in runs.AT_WORK:
        toast(response, f"{values['said']}: {values['state']['label']}")
    return response


def _step(act: Callable[[BulkRun], bool]) -> Callable[..., HttpResponse]:
    """A button of the page: do it, show the page."""

    @page
    @require_POST
    def carried_out(request: HttpRequest, key: str) -> HttpResponse:
        act(runs.one(asked.key(key)))  # a second click finds it moved already
        return HttpResponseRedirect(f"/bulk/{key}")

    return carried_out


cancel = _step(runs.cancel)
go_on = _step(runs.go_on)
undo = _step(runs.undo)


@page  # type: ignore[arg-type]
@require_GET
def left(request: HttpRequest, key: str) -> HttpResponseBase:
    """What was left alone, with the reasons, as a file."""
    run = runs.one(asked.key(key))
    lines = list(telling.lines(run))  # read within the reader's scope, which ends with this function
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{registry.get(run.entity).plural}-left-alone.csv"'
    return response


def _whole(run: BulkRun) -> dict[str, Any]:
    """Everything the page shows."""
    entity, standing = registry.get(run.entity), jobs.look(run.job) if run.job else None
    at_work = run.status in runs.AT_WORK
    label, tone, icon = STATES[run.status]
    counts = {"changed": 0, "same": 0, "left": 0, "reverted": 0, "kept_changed": 0, "kept_failed": 0, **run.counts}
    part = runs.left(run, SHOWN) if counts["left"] else []
    titles = telling.titles_of(run, [key for _number, key, _reason in part])
    return {
        "run": run, "said": _said(run), "entity": entity, "state": {"label": str(label), "tone": tone, "icon": icon},
        "at_work": at_work, "broken": at_work and (standing is None or standing.status == "failed"),
        "progress": _progress(run, standing) if at_work else None, "counts": counts, "tick": time.monotonic_ns(),
        "left": [
            {"url": entity.url(key), "title": titles.get(key, ""), "reason": reason or telling.gone()}
            for _number, key, reason in part
        ],
        "of": _of(run, entity), "actor": titled("users", run.actor)["title"] if run.actor else "",
    }  # fmt: skip


def _progress(run: BulkRun, standing: jobs.Standing | None) -> dict[str, Any]:
    """How far, how fast, how long."""
    undoing = run.status == "undoing"
    done = standing.done if standing else 0
    total = (standing.total if undoing and standing else run.total) or 0
    if standing is None or standing.started_at is None or not done:
        return {"done": 0, "total": total or None, "rate": 0, "left": 0}
    rate, total = done / max((now() - standing.started_at).total_seconds(), 0.5), max(total, done)
    return {"done": done, "total": total, "rate": int(rate), "left": int((total - done) / rate)}


def _said(run: BulkRun) -> str:
    """What is done, in words: "Owner: Mary Major"."""
    deed, entity = runs.deed_of(run), registry.get(run.entity)
    if deed.do == "change":
        return ", ".join(f"{entity.fields[name].heading}: {_value(entity, name, deed)}" for name in _told(entity, deed))
    what = entity.fields[deed.field].heading if deed.field in entity.fields else deed.field
    return {
        "add": _("Add to %(field)s: %(values)s"), "remove": _("Remove from %(field)s: %(values)s"),
        "take": _("Take"), "bin": _("Move to the bin"), "restore": _("Take out of the bin"),
    }.get(deed.do, deed.verb) % {"field": what, "values": ", ".join(deed.values)}  # fmt: skip


def _told(entity: Entity, deed: Deed) -> list[str]:
    """The fields that are set, without the currency that goes with an amount."""
    beside = {entity.fields[name].money_currency for name in deed.data if name in entity.fields}
    return [name for name in deed.data if name in entity.fields and name not in beside]


def _value(entity: Entity, name: str, deed: Deed) -> str:
    known, value = entity.fields[name], deed.data[name]
    if name == "owner" and queue_named(value):
        return str(titled("users", value)["title"])
    if value in (None, "", []):
        return _("empty")
    titles = {}
    if known.relation and (key := parse_key(str(value))):
        titles[key] = str(titled(registry.get(known.relation).plural, key)["title"])
    several = value if isinstance(value, list) else [value]
    return ", ".join(sayings.word(known, each, titles) for each in several)


def _of(run: BulkRun, entity: Entity) -> str:
    """The filter in words."""
    if not run.tree:
        return ""
    text = sayings.sentence(entity, run.tree, sayings.titles_of(entity, run.tree))
    return text[1:-1] if text.startswith("(") else text
