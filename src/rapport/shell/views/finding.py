"""Search over everything, relation pickers, undo."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.records import registry, revert, search_read
from rapport.records.api import asked
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.shell import commands, queues
from rapport.shell.refusals import in_words
from rapport.shell.views.frame import context, is_fragment, page, render, toast

# Hits shown per kind while typing and on the page.
FEW, MANY = 6, 40
LITTLE = 3  # hits, below which words of a similar spelling are shown as well


@page
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Quick search; a whole page without scripts."""
    q = request.GET.get("q", "").strip()
    if not is_fragment(request):
        return render(request, "shell/search.jinja", context(request, _("Search"), **_found(q, MANY)))
    only = tuple(filter(None, request.GET.get("in", "").split(",")))
    return render(request, "shell/search.jinja", _found(q, FEW, only), block="results")


def _found(q: str, most: int, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """Hits by kind of record, of those that have a page to go to; where there is little also what is spelt alike."""
    sought = [
        each for each in registry if each.search and (not only or each.plural in only) and commands.has_card(each)
    ]
    keys = tuple(each.key for each in sought)
    if not q or not keys:
        return {"q": q, "groups": [], "meant": ""}
    hits = search_read.search(q, entities=keys, limit=len(keys) * most, of_each=most)
    groups = _groups(sought, hits, most)
    if len(hits) >= LITTLE:
        return {"q": q, "groups": groups, "meant": ""}
    near = search_read.near(q, entities=keys, limit=len(keys) * most, of_each=most)
    alike = _groups(sought, near.hits, most)
    for group in alike:
        group["label"] = _("%(kinds)s · similar spelling") % {"kinds": group["label"]}
    return {"q": q, "groups": [*groups, *alike], "meant": near.meant if not hits else ""}


def _groups(entities: list[Entity], hits: list[search_read.Hit], most: int) -> list[dict[str, Any]]:
    found = [_group(entity, [hit for hit in hits if hit.entity is entity][:most]) for entity in entities]
    return [group for group in found if group["items"]]


def _group(entity: Entity, found: list[search_read.Hit]) -> dict[str, Any]:
    items = [{"id": hit.id, "title": hit.title, "sub": hit.detail, "url": entity.url(hit.id)} for hit in found]
    return {"label": str(entity.label_plural), "icon": entity.icon, "entity": entity.plural, "items": items}


@page
@require_GET
def lookup(request: HttpRequest, plural: str) -> HttpResponse:
    """Options of a relation picker; ``of`` (deal.stage) narrows them to what that field offers."""
    entity = registry.at(plural)
    owner, _dot, name = request.GET.get("of", "").partition(".")
    owner = owner if owner in registry else ""
    offered = registry.get(owner).offers.get(name) if owner else None
    found = search_read.lookup(entity, request.GET.get("q", "").strip(), offered)
    items = [{"id": key, "title": title, "sub": ""} for key, title in found]
    waits = queues.options(registry.get(owner), request.GET.get("q", "").strip()) if name == "owner" and owner else []
    return render(request, "shell/lookup.jinja", {"items": items, "entity": plural, "queues": waits})


@page
@require_GET
def lookup_about(request: HttpRequest) -> HttpResponse:
    """Options for what something is about: any record that search finds."""
    q = request.GET.get("q", "").strip()
    hits = search_read.search(q, limit=12) if q else []
    items = [{"id": f"{hit.entity.key}:{hit.id}", "title": hit.title, "sub": str(hit.entity.label)} for hit in hits]
    return render(request, "shell/lookup.jinja", {"items": items, "entity": "about"})


@page
@require_POST
def undo(request: HttpRequest, operation: str) -> HttpResponse:
    """Take back what an operation did, as far as nobody has changed it since."""
    known, actor = asked.key(operation), current()
    try:
        revert.may_revert(known, actor.id, "admin" in actor.roles)
        outcome = revert.revert(known)
    except Problem as problem:
        return toast(HttpResponse(status=problem.status), in_words(problem), bad=True)
    status, words = 200, _("Undone")
    if outcome.failed:
        status, words = 409, outcome.failed[0][1]
    elif outcome.kept_changed and not outcome.reverted:
        status, words = 409, _("Not undone: it was changed again meanwhile.")
    elif outcome.kept_changed:
        words = _("Undone, except what was changed again meanwhile.")
    if not is_fragment(request):
        return HttpResponseRedirect("/")
    return toast(HttpResponse(status=status), words, bad=status == 409, changed=True)
