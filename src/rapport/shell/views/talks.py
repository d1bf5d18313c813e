"""What is said on a card: its timeline, older entries of it, its changes, and the composer that writes to it."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import Entity, read, registry, search_read
from rapport.records.api import asked
from rapport.records.errors import NotFound, Problem
from rapport.shell import histories
from rapport.shell.views import cards, tasks, timelines
from rapport.shell.views.frame import context, is_fragment, page, render, toast


def _talked(plural: str) -> Entity:
    entity = registry.at(plural)
    if not entity.is_record:
        raise NotFound(_("These have no timeline."))
    return entity


def _part(
    request: HttpRequest, entity: Entity, key: str, block: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """One block of the card."""
    values = context(request, "", record={"id": key}, base=entity.url(key), **more)
    return render(request, cards.template_of(entity), values, block=block, status=status)


@page
@require_GET
def timeline(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The timeline, or older entries of it; without scripts the whole card."""
    entity, known = _talked(plural), asked.key(key)
    found = timelines.timeline(entity, known, channel=request.GET.get("channel", ""), after=request.GET.get("after"))
    if not is_fragment(request):
        values = cards.context_of(request, entity, known) | {"timeline": found}
        return render(request, cards.template_of(entity), values)
    return _part(request, entity, known, "entries" if request.GET.get("after") else "timeline", timeline=found)


@page
@require_GET
def changes(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The history of a record, field by field; without scripts on its card."""
    entity, known = _talked(plural), asked.key(key)
    narrowed = histories.asked(request)
    if not is_fragment(request):
        return HttpResponseRedirect(f"{entity.url(known)}?{narrowed.query(channel=timelines.CHANGES)}")
    history = histories.of(entity, known, request.GET.get("after"), narrowed)
    return _part(request, entity, known, "older_changes" if request.GET.get("after") else "history", history=history)


@page
@require_GET
def past(request: HttpRequest, plural: str, key: str, name: str) -> HttpResponse:
    """The history of one field of a record: beside the field, or without scripts a page."""
    entity, known = registry.at(plural), asked.key(key)
    field = entity.field(name)
    history = histories.of(entity, known, request.GET.get("after"), histories.Narrowed(field.name))
    record = orjson.loads(read.one(entity, known, fields=(entity.title,), binned=True))
    values = context(
        request, field.heading, history=history, label=field.heading, base=entity.url(known),
        record_title=record.get(entity.title),
    )  # fmt: skip
    return render(request, "shell/past.jinja", values, block="past" if is_fragment(request) else None)


@page
@require_POST
def log(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """What the composer says, onto the timeline; about another record, its party hears it too."""
    entity, known = _talked(plural), asked.key(key)
    party, about = known, None
    if entity.key != "party":
        record = orjson.loads(read.one(entity, known))
        party, about = record.get("party"), {"entity": entity.key, "id": known}
    try:
        write_down = tasks.from_composer if request.POST.get("channel") == "task" else timelines.log
        operation, words = write_down(request, party, about)
    except Problem as problem:
        written = timelines.composer(request, problem)
        if is_fragment(request):
            return _part(request, entity, known, "composer", status=422, composer=written)
        values = cards.context_of(request, entity, known, composer=written)
        return render(request, cards.template_of(entity), values, status=422)
    if not is_fragment(request):
        return HttpResponseRedirect(entity.url(known))
    fresh = timelines.timeline(entity, known)
    planned = request.POST.get("channel") == "task"
    return toast(_part(request, entity, known, "logged", timeline=fresh), words, undo=operation, changed=planned)


@page
@require_GET
def mentionable(request: HttpRequest) -> HttpResponse:
    """Colleagues and teams whose name starts with ``q``, for the list behind an @."""
    q = request.GET.get("q", "").strip()
    items, waiting = [], snapshot.held().queues
    for kind, sub in (("user", ""), ("team", _("team"))):
        found = search_read.lookup(registry.get(kind), q, limit=6) if current().may(kind, "view") else []
        named = {key: _("queue") if key in waiting else sub for key, _title in found}
        items += [{"id": f"{kind}:{key}", "title": title, "sub": named[key]} for key, title in found]
    return render(request, "shell/lookup.jinja", {"items": items, "entity": "users"})
