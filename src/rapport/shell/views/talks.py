"""What is said on a card: its timeline, older entries of it, and the composer that writes to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.records import read, registry, search_read
from rapport.records.api import asked
from rapport.records.entity import Entity
from rapport.records.errors import NotFound, Problem
from rapport.shell.views import deals, parties, tasks, timelines
from rapport.shell.views.frame import context, is_fragment, page, render, toast


@dataclass(frozen=True, slots=True)
class Card:
    """Where a kind of record is talked about: its template, its name there, and the whole card's context."""

    template: str
    name: str
    context: Callable[..., dict[str, Any]]


CARDS = {
    "party": Card("shell/party_card.jinja", "party", parties.card_of),
    "deal": Card("shell/deal_card.jinja", "deal", deals.card_of),
}


def _card(plural: str) -> tuple[Entity, Card]:
    entity = registry.at(plural)
    if entity.key not in CARDS:
        raise NotFound(_("These have no card."))
    return entity, CARDS[entity.key]


@page
@require_GET
def timeline(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The timeline, or older entries of it; without scripts the whole card."""
    (entity, card), known = _card(plural), asked.key(key)
    found = timelines.timeline(entity, known, channel=request.GET.get("channel", ""), after=request.GET.get("after"))
    if not is_fragment(request):
        return render(request, card.template, card.context(request, known) | {"timeline": found})
    values = context(request, _("Timeline"), timeline=found, **{card.name: {"id": known}})
    return render(request, card.template, values, block="entries" if request.GET.get("after") else "timeline")


@page
@require_POST
def log(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """What the composer says, onto the timeline; about a deal, its customer hears it too."""
    (entity, card), known = _card(plural), asked.key(key)
    party, about = known, None
    if entity.key == "deal":
        party = orjson.loads(read.one(entity, known, fields=("party",)))["party"]
        about = {"entity": "deal", "id": known}
    try:
        write_down = tasks.from_composer if request.POST.get("channel") == "task" else timelines.log
        operation, words = write_down(request, party, about)
    except Problem as problem:
        return _again(request, card, known, problem)
    if not is_fragment(request):
        return HttpResponseRedirect(entity.url(known))
    values = context(request, "", timeline=timelines.timeline(entity, known), **{card.name: {"id": known}})
    planned = request.POST.get("channel") == "task"
    return toast(render(request, card.template, values, block="logged"), words, undo=operation, changed=planned)


@page
@require_GET
def mentionable(request: HttpRequest) -> HttpResponse:
    """Colleagues and teams whose name starts with ``q``, for the list behind an @."""
    q = request.GET.get("q", "").strip()
    items = []
    for kind, sub in (("user", ""), ("team", _("team"))):
        found = search_read.lookup(registry.get(kind), q, limit=6) if current().may(kind, "view") else []
        items += [{"id": f"{kind}:{key}", "title": title, "sub": sub} for key, title in found]
    return render(request, "shell/lookup.jinja", {"items": items, "entity": "users"})


def _again(request: HttpRequest, card: Card, key: str, problem: Problem) -> HttpResponse:
    """The composer once more, with what was typed and why it was not taken."""
    written = timelines.composer(request, problem)
    if not is_fragment(request):
        return render(request, card.template, card.context(request, key, composer=written), status=422)
    values = context(request, "", composer=written, **{card.name: {"id": key}})
    return render(request, card.template, values, block="composer", status=422)
