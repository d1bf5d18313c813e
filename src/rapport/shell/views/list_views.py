"""Lists kept under a name: saving one, changing it, pinning it to the navigation, giving it up."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.records import registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.shell import nav
from rapport.shell.lists import layouts, saved
from rapport.shell.lists.saved import Saved
from rapport.shell.lists.state import State, asked_for
from rapport.shell.views import forms, lists
from rapport.shell.views.frame import context, is_fragment, page, render, toast
from rapport.ui.engine import render_block

TEMPLATE = "shell/list_view.jinja"


@page
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, plural: str) -> HttpResponse:
    """The list as its address says, under a name. POST ``save`` changes the view it stands on, else one is made."""
    scope.level(registry.get("saved_view"), current(), "add")
    state = asked_for(request, plural)
    if request.method == "GET":
        return _form(request, state)
    before = state.saved if "save" in request.POST else None
    try:
        with write.operation() as done:
            key = _written(request, state, before)
    except (Forbidden, NotFound):
        raise
    except Problem as problem:
        return _form(request, state, problem)
    saved.pin(key, "pin" in request.POST)
    found = saved.find(key)
    words = _("“%(name)s” is changed") if before else _("“%(name)s” is kept")
    return _there(request, _standing_on(found), words % {"name": found.name}, done.id)


def _written(request: HttpRequest, state: State, before: Saved | None) -> str:
    """Write the view; returns its id."""
    values: dict[str, Any] = {
        "name": request.POST.get("name", "").strip(), "filter": state.tree, "sort": ",".join(state.order),
        "columns": ",".join(map(str, layouts.chosen(state))), "group_by": state.group,
        "owner": None if request.POST.get("who") == "all" and may_give_all() else current().id,
    }  # fmt: skip
    if state.view.shape != "table":
        values |= {"sort": "", "columns": ""}
    kept = registry.get("saved_view")
    if before:
        if before.owner not in (None, current().id):
            values.pop("owner")
        return str(write.change(kept, before.id, values).id)
    return str(write.create(kept, {**values, "entity": state.entity.key, "base": state.view.key}).id)


def may_give_all() -> bool:
    """True when the reader may make views that everybody has."""
    return current().level("saved_view", "add") >= 3


def _standing_on(found: Saved) -> State:
    entity = registry.get(found.entity)
    view = entity.lists.get(found.base) or next(iter(entity.lists.values()))
    return State(entity, view, found.tree, found.sorts, saved=found, group=found.group)


def _form(request: HttpRequest, state: State, problem: Problem | None = None) -> HttpResponse:
    kept = state.saved
    errors = forms.errors_of(problem) if problem else {}
    values: dict[str, Any] = {
        "saved": kept, "changeable": bool(kept and kept.changeable), "may_give_all": may_give_all(),
        "name": request.POST.get("name", kept.name if kept else ""), "csrf": get_token(request),
        "for_all": request.POST.get("who") == "all" if problem else bool(kept and kept.owner is None),
        "is_pinned": "pin" in request.POST if problem else bool(kept and saved.is_pinned(kept.id)),
        "error": [message for each in errors.values() for message in each], "action": state.url("view"),
        "swaps": state.view.shape == "table",
        "entity": state.entity, "list_url": state.url(),
    }  # fmt: skip
    alone = is_fragment(request)
    if not alone:
        values = context(request, _("Save view"), **values)
    status = problem.status if problem else 200
    response = render(request, TEMPLATE, values, block="view" if alone else None, status=status)
    if problem and alone:
        response["HX-Retarget"], response["HX-Reswap"], response["HX-Push-Url"] = "#pop", "innerHTML", "false"
    return response


@page
@require_POST
def pin(request: HttpRequest, key: str) -> HttpResponse:
    """Into the reader's navigation (``pin=1``), or out of it."""
    found = saved.find(asked.key(key))
    yes = request.POST.get("pin") == "1"
    saved.pin(found.id, yes)
    words = _("“%(name)s” is pinned") if yes else _("“%(name)s” is no longer pinned")
    return _there(request, _standing_on(found), words % {"name": found.name})


@page
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Give a view up; the list it stood on remains, the toast takes it back."""
    found = saved.find(asked.key(key))
    entity = registry.get(found.entity)
    with write.operation() as done:
        write.put_in_bin(registry.get("saved_view"), found.id)
    return _there(
        request, State(entity, _standing_on(found).view), _("“%(name)s” is deleted") % {"name": found.name}, done.id
    )


def _there(request: HttpRequest, state: State, words: str, operation: str | None = None) -> HttpResponse:
    """The list, with the navigation as it is now."""
    if not is_fragment(request):
        return HttpResponseRedirect(state.url())
    response = lists.shown(request, state, address=state.url())
    pinned = nav.pinned(current(), f"/{state.entity.plural}", state.saved.id if state.saved else "")
    response.content += render_block("shell/pinned.jinja", "pinned", {"pinned": pinned, "oob": True}, request).encode()
    return toast(response, words, undo=operation)
