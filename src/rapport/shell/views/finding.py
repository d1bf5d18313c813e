"""Search over everything, relation pickers, undo."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.records import registry, revert, search_read
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.shell.views.frame import context, is_fragment, page, render, toast

GROUPS = {
    "party": (gettext_lazy("Organisations and people"), "building-2"),
    "deal": (gettext_lazy("Deals"), "kanban"),
    "interaction": (gettext_lazy("Interactions"), "history"),
}
SEARCHED = ("party", "deal")
# Hits asked for per kind that is shown, so that one kind does not crowd out the other.
FEW = 6


@page
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Quick search; a whole page without scripts."""
    q = request.GET.get("q", "").strip()
    most = 6 if is_fragment(request) else 40
    hits = search_read.search(q, entities=SEARCHED, limit=FEW * most) if q else []
    groups = []
    for key in SEARCHED:
        label, icon = GROUPS[key]
        found = [hit for hit in hits if hit.entity.key == key][:most]
        items = [{"id": hit.id, "title": hit.title, "sub": hit.detail, "url": hit.entity.url(hit.id)} for hit in found]
        groups.append({"label": str(label), "icon": icon, "items": items})
    values = context(request, _("Search"), q=q, groups=groups)
    return render(request, "shell/search.jinja", values, block="results" if is_fragment(request) else None)


@page
@require_GET
def lookup(request: HttpRequest, plural: str) -> HttpResponse:
    """Options of a relation picker; ``of`` (deal.stage) narrows them to what that field offers."""
    entity = registry.at(plural)
    owner, _dot, name = request.GET.get("of", "").partition(".")
    offered = registry.get(owner).offers.get(name) if owner in registry else None
    found = search_read.lookup(entity, request.GET.get("q", "").strip(), offered)
    items = [{"id": key, "title": title, "sub": ""} for key, title in found]
    return render(request, "shell/lookup.jinja", {"items": items, "entity": plural})


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
        return toast(HttpResponse(status=problem.status), problem.detail, bad=True)
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
