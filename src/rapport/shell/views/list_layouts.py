"""How a list is laid out: its columns, its order. What is chosen stands in the address, and is remembered."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform.actor import current
from rapport.records.entity import Entity, Field
from rapport.records.related import Related, field_of, relations
from rapport.shell.lists import chips, groups, layouts
from rapport.shell.lists.state import Shown, State, asked_for, columns_of, showable
from rapport.shell.views import lists
from rapport.shell.views.frame import context, is_fragment, page, render

TEMPLATE = "shell/list_layout.jinja"


@page
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, plural: str) -> HttpResponse:
    """Which columns, in which order and how wide; POST keeps them."""
    state = asked_for(request, plural)
    entity = state.entity
    if request.method == "POST":
        return _kept(request, state)
    chosen = layouts.chosen(state)
    shown = {each.name: each.width for each in chosen}
    names = [*shown, *sorted(set(showable(entity)) - set(shown), key=lambda n: str(entity.fields[n].label).lower())]
    fields = [_column(field_of(entity, name), shown) | {"fixed": name == entity.title} for name in names]
    further = [_of_related(entity, through, related, shown) for through, related in relations(entity, current())]
    values = {"fields": fields, "related": further, "action": state.url("columns")}
    return _answer(request, state, "columns", values)


def _column(known: Field, shown: Mapping[str, int], label: str = "") -> dict[str, Any]:
    return {
        "name": known.name, "label": label or known.heading, "icon": chips.icon(known), "shown": known.name in shown,
        "value": str(Shown(known.name, shown.get(known.name, 0))),
    }  # fmt: skip


def _of_related(entity: Entity, through: Field, related: Entity, shown: Mapping[str, int]) -> dict[str, Any]:
    """The columns that the records of a relation offer; those that are shown stand among the others."""
    names = (f"{through.name}.{name}" for name in showable(related))
    found = [field_of(entity, name) for name in names if name not in shown]
    fields = [_column(known, shown, known.there.heading) for known in found if isinstance(known, Related)]
    fields.sort(key=lambda each: str(each["label"]).lower())
    return {"label": through.heading, "icon": chips.icon(through), "fields": fields}


def _kept(request: HttpRequest, state: State) -> HttpResponse:
    """``columns`` as the address writes them (a width dragged), or one ``column`` per tick of the form."""
    text = request.POST.get("columns") or ",".join(request.POST.getlist("column"))
    chosen = () if "reset" in request.POST else columns_of(state.entity, text)
    layouts.remember(state, chosen)
    there = state.but(columns=chosen)
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    if is_fragment(request):
        return lists.shown(request, there, address=there.url())
    return HttpResponseRedirect(there.url())


@page
@require_GET
def order(request: HttpRequest, plural: str) -> HttpResponse:
    """What the list can be sorted by."""
    state = asked_for(request, plural)
    entity = state.entity
    held = {name.removeprefix("-"): name for name in state.order}
    quick = [name for name in entity.sorts if name in entity.fields]
    named = [each.name for each in layouts.chosen(state) if lists.sortable(field_of(entity, each.name))]
    fields: list[dict[str, Any]] = []
    for name in dict.fromkeys([*quick, *named]):
        now = held.get(name, "")
        wanted = f"-{name}" if now == name else name
        label = field_of(entity, name).heading
        url = state.but(sorts=(wanted,)).url()
        fields.append({"label": label, "url": url, "down": now.startswith("-"), "current": bool(now)})
    return _answer(request, state, "order", {"fields": fields})


@page
@require_GET
def grouping(request: HttpRequest, plural: str) -> HttpResponse:
    """What the list can be grouped by."""
    state = asked_for(request, plural)
    entity = state.entity
    often = [each.name for each in layouts.chosen(state)]
    known = groups.groupable(entity) | _parting(state)
    names = sorted(known, key=lambda name: (name not in often, str(known[name].label).lower()))
    fields = [
        {"label": known[name].heading, "icon": chips.icon(known[name]), "current": name == state.group,
         "url": state.but(group=name).url()}
        for name in names
    ]  # fmt: skip
    return _answer(request, state, "group", {"fields": fields, "bare_url": state.but(group="").url()})


def _parting(state: State) -> dict[str, Field]:
    """Fields of related records that a list can be grouped by: its columns, and what such records are often asked."""
    names = [each.name for each in layouts.chosen(state)]
    for through, related in relations(state.entity, current()):
        if related.is_record and not related.configuration:
            names += [f"{through.name}.{name}" for name in related.filters if name in related.fields]
    found = (field_of(state.entity, name) for name in names)
    return {each.name: each for each in found if isinstance(each, Related) and groups.is_groupable(state.entity, each)}


def _answer(request: HttpRequest, state: State, part: str, values: dict[str, Any]) -> HttpResponse:
    values |= {"part": part, "entity": state.entity, "list_url": state.url(), "csrf": get_token(request)}
    if not is_fragment(request):
        values = context(request, {"columns": _("Columns"), "order": _("Sort"), "group": _("Group by")}[part], **values)
    return render(request, TEMPLATE, values, block=part if is_fragment(request) else None)
