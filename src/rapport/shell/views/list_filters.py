"""The filter of a list: the menu of fields, the editor of one condition, and the list that comes of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds, read, registry, search_read, tagging
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, Problem
from rapport.shell.lists import chips, conditions, sayings, tree
from rapport.shell.lists.state import State, asked_for
from rapport.shell.views import lists
from rapport.shell.views.frame import context, is_fragment, page, render

TEMPLATE = "shell/list_filter.jinja"
MOST_TAGS = 60


@page
@require_GET
def edited(request: HttpRequest, plural: str) -> HttpResponse:
    """Without ``field`` or ``at`` the menu of fields; with them the editor; with ``apply`` the list filtered."""
    state, at = asked_for(request, plural), request.GET.get("at", "")
    entity = state.entity
    held = tree.found_at(state.tree, at)
    if request.GET.get("apply"):
        return _applied(request, state, at)
    if held is None and not request.GET.get("field"):
        via = request.GET.get("via", "")
        groups = chips.reached(state, via, at) if via else chips.askable(state, at)
        return _answer(request, state, "menu", {"groups": groups, "at": at})
    asked = conditions.asked_of(entity, held) if held else conditions.Asked(request.GET["field"])
    return _editor(request, state, at, asked)


def _applied(request: HttpRequest, state: State, at: str) -> HttpResponse:
    given = {name: request.GET.getlist(name) for name in request.GET}
    name, code = request.GET.get("field", ""), request.GET.get("op", "")
    try:
        condition = conditions.condition_of(state.entity, name, code, given)
        read.count(_asking(state.entity, condition), most=1)  # says no to what the engine cannot compare
    except BadQuery as problem:
        asked = conditions.Asked(name, code, given.get("value", []))
        return _editor(request, state, at, asked, problem.detail.removeprefix(f"{name}: "))
    there = state.but(tree=tree.put(state.tree, at, condition))
    if there.box:
        return _box(request, there)
    if not is_fragment(request):
        return HttpResponseRedirect(there.url())
    return lists.shown(request, there, address=there.url())


@page
@require_GET
def boxed(request: HttpRequest, plural: str) -> HttpResponse:
    """The chips of a filter that is a part of a form."""
    return _box(request, asked_for(request, plural))


def _box(request: HttpRequest, state: State) -> HttpResponse:
    return render(request, "shell/filter_box.jinja", {"state": state, "groups": chips.chips(state)})


def _asking(entity: Entity, condition: Any) -> read.Query:
    return read.Query(entity, filter=condition)


def _editor(
    request: HttpRequest, state: State, at: str, asked: conditions.Asked, error: str = ""
) -> HttpResponse:  # fmt: skip
    known, label = conditions.known_as(state.entity, asked.field)
    offered = conditions.OFFERED.get(conditions.family(known), ())
    if not offered:
        raise BadQuery(_("“%(name)s” cannot be asked about.") % {"name": label})
    code = asked.code or offered[0][0]
    ops = [{"code": each, "words": sayings.comparison(known, each), "shape": shape} for each, shape in offered]
    values = {
        "label": label, "field": asked.field, "or_url": state.url("filter", at=at.partition(".")[0] + "."), "ops": ops,
        "code": code, "at": at, "error": error,
        "given": _given(dict(offered)[code], asked.values, request), "units": conditions.UNITS,
        "box": state.box, "keep": list(state.parameters().items()), "number": conditions.family(known) == "number",
        "money": _currency(known),
        **_choices(state.entity, known, asked.values),
    }  # fmt: skip
    return _answer(request, state, "editor", values, 422 if error else 200)


def _currency(known: Field) -> str:
    """The currency that amounts are compared in."""
    if isinstance(known.kind, kinds.AmountKind):
        return known.kind.currency
    return organisation().base_currency if isinstance(known.kind, kinds.MoneyKind) else ""


def _given(shape: str, values: list[Any], request: HttpRequest) -> dict[str, Any]:
    """What the controls hold: the condition's values, or what was typed."""
    plain = [("" if each is None else str(each)) for each in values]
    typed = {name: request.GET.get(name, "") for name in ("one", "n", "unit", "period", "day")}
    typed |= {name: request.GET.get(name, "") for name in ("low_two", "high_two", "low_days", "high_days")}
    if not plain or request.GET.get("apply"):
        return {**typed, "unit": typed["unit"] or "day", "period": typed["period"] or "month"}
    first, last = plain[0], plain[-1]
    found = {"span": {"n": first, "unit": last if len(plain) > 1 else "day"}, "period": {"period": first}}
    ends = {"two": {"low_two": first, "high_two": last}, "days": {"low_days": first[:10], "high_days": last[:10]}}
    more = found.get(shape) or ends.get(shape) or {shape: first[:10] if shape == "day" else first}
    return {"unit": "day", "period": "month", **more}


def _choices(entity: Entity, known: Field, values: list[Any]) -> dict[str, Any]:
    """What can be ticked: a fixed list, or what is chosen already and a field that finds more."""
    chosen = [str(each) for each in values]
    if isinstance(known.kind, kinds.ChoiceKind):
        return {"options": [(value, str(label)) for value, label in known.kind.choices], "chosen": chosen}
    if isinstance(known.kind, kinds.TagsKind):
        return {"options": [(tag.name, tag.name) for tag in tagging.visible(current())][:MOST_TAGS], "chosen": chosen}
    if not known.relation:
        return {"options": [], "chosen": chosen}
    related = registry.get(known.relation)
    try:
        near = search_read.lookup(related, "", limit=20)
    except Problem:
        near = []
    named = sayings.titles(related, [key.replace("-", "") for key in chosen if len(key) >= 32])
    ticked = [("me", _("me"))] if "me" in chosen else []
    options = [*ticked, *named.items()]
    return {"options": options, "chosen": chosen, "relation": related.plural, "near": near}


def _answer(request: HttpRequest, state: State, part: str, values: dict[str, Any], status: int = 200) -> HttpResponse:
    """The menu or the editor: in a popover, or as a page without scripts."""
    values |= {"part": part, "entity": state.entity, "list_url": state.url(), "icon": "list-filter"}
    if not is_fragment(request):
        values = context(request, _("Filter"), **values)
    response = render(request, TEMPLATE, values, block=part if is_fragment(request) else None, status=status)
    if status != 200:
        response["HX-Retarget"], response["HX-Reswap"], response["HX-Push-Url"] = "#pop", "innerHTML", "false"
    return response
