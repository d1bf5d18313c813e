"""Taking a record that waits, and putting one into a queue: from its card, the palette and My day."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import Entity, read, registry, rows, write
from rapport.records.api import asked
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.records.intake import QUEUE
from rapport.records.queues import taking
from rapport.shell import queues
from rapport.shell.views import forms
from rapport.shell.views.commanding import back_to
from rapport.shell.views.frame import context, is_fragment, page, render, toast


@page
@require_POST
def take(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """It is the reader's then; the toast gives it back. Where somebody was quicker, the page reads itself anew."""
    entity, known = registry.at(plural), asked.key(key)
    try:
        with write.operation() as done:
            record = taking.take(entity, known, {})
    except Problem as problem:
        if problem.status != 422 or not is_fragment(request):
            raise
        return toast(HttpResponse(status=422), problem.detail, bad=True, changed=True)
    words = _("“%(title)s” is yours") % {"title": forms.called(entity, record)}
    if not is_fragment(request):
        return HttpResponseRedirect(back_to(request, entity.url(known)))
    return toast(HttpResponse(status=204), words, undo=done.id, url=entity.url(known), changed=True)


@page
@require_http_methods(["GET", "POST"])
def put(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The dialog that asks for the queue; POST puts the record there."""
    entity, known = registry.at(plural), asked.key(key)
    if request.method == "GET":
        return _dialog(request, entity, known)
    try:
        return _put(request, entity, known, request.POST.get("queue", "").removeprefix(QUEUE))
    except (Forbidden, NotFound):
        raise
    except Problem as problem:
        return _dialog(request, entity, known, problem)


def _put(request: HttpRequest, entity: Entity, key: str, queue: str) -> HttpResponse:
    with write.operation() as done:
        record = taking.put(entity, key, {"queue": queue})
    names = {"title": forms.called(entity, record), "queue": snapshot.held().queues[record.team_id]}
    seen = _is_seen(entity, key)
    where = entity.url(key) if seen else f"/{entity.plural}"
    if not is_fragment(request):
        return HttpResponseRedirect(back_to(request, where))
    words = _("“%(title)s” waits in %(queue)s") % names
    return toast(HttpResponse(status=204), words, undo=done.id, changed=True)


def _is_seen(entity: Entity, key: str) -> bool:
    """Whether the reader still sees it: a member of the queue does, and who sees everything."""
    try:
        rows.load(entity, key, current())
    except NotFound:
        return False
    return True


def _dialog(request: HttpRequest, entity: Entity, key: str, problem: Problem | None = None) -> HttpResponse:
    record = orjson.loads(read.one(entity, key, expand=True))
    here = record["team"]["id"] if record.get("team") and not record.get("owner") else ""
    offered = [(each["id"], each["title"]) for each in queues.options(entity) if each["id"] != f"{QUEUE}{here}"]
    errors: dict[str, list[str]] = forms.errors_of(problem) if problem else {}
    values: dict[str, Any] = {
        "record": {"title": record.get(entity.title) or str(entity.label), "url": entity.url(key)}, "offered": offered,
        "error": [message for each in errors.values() for message in each], "chosen": request.POST.get("queue", ""),
    }  # fmt: skip
    made = context(request, _("Put in a queue"), **values)
    block = "form" if is_fragment(request) else None
    return render(request, "shell/queue_put.jinja", made, block=block, status=problem.status if problem else 200)
