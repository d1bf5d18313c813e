"""Sharing a record: with whom, how far, and taking it back; as a dialog and as a page."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from rapport.records import read, registry, search_read, sharing, write
from rapport.records.api import asked
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.shell.entities import TEAMS
from rapport.shell.views import facts, forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

LEVELS = (("view", gettext_lazy("may see it")), ("change", gettext_lazy("may change it")))
KINDS = {"user": gettext_lazy("Person"), "team": gettext_lazy("Team")}
FEW = 6


@page
@require_GET
def grantees(request: HttpRequest) -> HttpResponse:
    """People and teams whose name starts with what is typed."""
    sought = request.GET.get("q", "").strip()
    items = [
        {"id": f"{kind}:{key}", "title": title, "sub": str(label) if kind == "team" else ""}
        for kind, label in KINDS.items()
        for key, title in search_read.lookup(registry.get(kind), sought, TEAMS if kind == "team" else None, FEW)
    ]
    return render(request, "shell/lookup.jinja", {"items": items, "entity": "users"})


@page
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """With whom a record is shared. POST ``who`` (user:<id>, team:<id>) shares at ``level``; ``stop`` takes it back."""
    entity, known = registry.at(plural), asked.key(key)
    if request.method == "GET":
        return _dialog(request, entity, known)
    stop, who = request.POST.get("stop", ""), request.POST.get("who", "")
    kind, _colon, grantee = (stop or who).partition(":")
    args: dict[str, Any] = {kind: grantee} if kind in KINDS else {}
    try:
        with write.operation() as done:
            if stop:
                sharing.unshare(entity, known, args)
            else:
                sharing.share(entity, known, args | {"level": request.POST.get("level", "")})
    except (Forbidden, NotFound):
        raise
    except Problem as problem:
        return _dialog(request, entity, known, problem)
    if not is_fragment(request):
        return HttpResponseRedirect(f"{entity.url(known)}/share")
    name = forms.titled(registry.get(kind).plural, grantee)["title"]
    words = _("No longer shared with %(name)s") if stop else _("Shared with %(name)s")
    return toast(HttpResponse(status=204), words % {"name": name}, undo=done.id, changed=True)


def _dialog(request: HttpRequest, entity: Entity, key: str, problem: Problem | None = None) -> HttpResponse:
    record = orjson.loads(read.one(entity, key, expand=True))
    shares = [_row(each) for each in sharing.of(entity, key)]
    errors = forms.errors_of(problem) if problem else {}
    values = context(
        request, _("Share"), record={"title": record.get(entity.title) or "", "url": entity.url(key)}, shares=shares,
        owner=record["owner"], may_share=facts.rights(entity, record)["share"], levels=LEVELS,
        error=[message for each in errors.values() for message in each], level=request.POST.get("level", "view"),
        who=_who(request.POST.get("who", "")),
    )  # fmt: skip
    status = problem.status if problem else 200
    return render(request, "shell/share.jinja", values, block="form" if is_fragment(request) else None, status=status)


def _row(held: dict[str, Any]) -> dict[str, Any]:
    kind = "user" if held["user"] else "team"
    word = dict(LEVELS)[held["level"]]
    return {
        "id": f"{kind}:{held[kind]['id']}",
        "title": held[kind]["title"],
        "team": kind == "team",
        "level": str(word),
    }


def _who(text: str) -> dict[str, str] | None:
    """What was chosen before, for the field."""
    kind, colon, key = text.partition(":")
    return (
        {"id": text, "title": forms.titled(registry.get(kind).plural, key)["title"]}
        if colon and kind in KINDS
        else None
    )
