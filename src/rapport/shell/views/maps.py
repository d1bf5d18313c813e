"""A map of any entity that has one: how many records of its list are in which country, and where within one."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform.identity.organisation import organisation
from rapport.records import boards, maps
from rapport.records.errors import BadQuery
from rapport.records.maps import Place
from rapport.records.related import field_of
from rapport.shell import outlines
from rapport.shell.lists import chips
from rapport.shell.lists.state import State
from rapport.shell.lists.tree import Groups, groups_of, is_condition, tree_of
from rapport.shell.views import board
from rapport.shell.views.frame import context, is_fragment, render
from rapport.ui import formats

TEMPLATE = "shell/map.jinja"
LISTED, LABELLED, WRITTEN = 60, 40, 20
AROUND = {"": gettext_lazy("Where they are"), "world": gettext_lazy("Whole world")}


def shown(request: HttpRequest, state: State) -> HttpResponse:
    """The map of an entity."""
    problem, values = "", dict[str, Any]()
    try:
        values = _counted(state)
    except BadQuery as refused:
        problem = refused.detail
    values = context(
        request, str(state.entity.label_plural), topics=(state.entity.key,), **board.bar(request, state, None),
        country=field_of(state.entity, str(state.entity.map and state.entity.map.by)).heading,
        state=state, q=state.q, groups=chips.chips(state), problem=problem, currency=organisation().base_currency,
        **values,
    )  # fmt: skip
    return render(request, TEMPLATE, values, block="map" if is_fragment(request) else None)


def _said(state: State, name: str) -> str:
    """What the address says besides: how much of the world, whether all are counted."""
    return dict(state.beside).get(name, "")


def _saying(state: State, **said: str) -> State:
    return state.but(beside=tuple({**dict(state.beside), **said}.items()))


def _counted(state: State) -> dict[str, Any]:
    """What is in which country, drawn and listed; where it is but one, what is where within it."""
    known, query, every = maps.map_of(state.entity), state.query(("id",)), _said(state, "counted") == "all"
    found, whole = maps.places(query, known.by, every=every)
    told = _countries(found)
    total = sum(place.count for _code, place in told)
    rows = [_row(state, known.by, place, total, code) for code, place in told]
    here = [code for code, place in told if place.names]
    within = []
    if len(here) == 1:
        within = [_within(state, name, maps.places(query, name, every=every)[0]) for name in known.within]
    return {
        **_drawing(state, rows, whole), "rows": rows, "whole": whole,
        "within": [each for each in within if each["rows"]],
        "newest": maps.NEWEST, "every_url": _saying(state, counted="all").url(), "field": _heading(state, known.by),
        "total": _heading(state, known.total) if known.total and whole else "",
        "lists": _lists(state),
    }  # fmt: skip


def _heading(state: State, name: str) -> str:
    return field_of(state.entity, name).heading


def _countries(found: Sequence[Place]) -> list[tuple[str, Place]]:
    """(Two letters, place) in the same order; a country that is written in several ways is one."""
    told: dict[str, tuple[str, Place]] = {}
    for place in found:
        code = outlines.code_of(place.names[0]) if place.names else ""
        mark = code or "/".join(place.names)
        if mark in told:
            held = told[mark][1]
            held.names += place.names
            held.count += place.count
            held.base += place.base
        else:
            told[mark] = code, place
    return sorted(told.values(), key=lambda each: (not each[1].names, -each[1].count))


def _row(state: State, name: str, place: Place, total: int, code: str = "") -> dict[str, Any]:
    """A place as the table and the drawing take it; ``total``: how many there are everywhere."""
    label = formats.country(code) if code else place.names[0] if place.names else _("Not given")
    return {
        "code": code, "label": label, "count": place.count, "share": round(100 * place.count / total),
        "sum": boards.money(place.base), "url": _narrowed(state, name, place).url(), "named": bool(place.names),
        "drawn": bool(code) and outlines.drawn(code),
    }  # fmt: skip


def _narrowed(state: State, name: str, place: Place) -> State:
    """The same map of what is in one place; what was asked of this field before gives way."""
    kept = [group for group in groups_of(state.tree) if not _asks(group, name)]
    known = field_of(state.entity, name)
    told = place.names[: 1 if known.compare != known.column else WRITTEN]  # its folded form finds all ways of writing
    asked: list[dict[str, Any]] = [{"field": name, "op": "eq", "value": each} for each in told]
    groups: Groups = [*kept, asked or [{"field": name, "op": "is_empty", "value": True}]]
    return state.but(tree=tree_of(groups))


def _asks(group: Sequence[Any], name: str) -> bool:
    return all(is_condition(each) and each.get("field") == name for each in group)


def _within(state: State, name: str, found: list[Place]) -> dict[str, Any]:
    """The parts of a country by one field, the fullest first."""
    total = sum(each.count for each in found)
    rows = [_row(state, name, place, total) for place in found[:LISTED]]
    named = any(row["named"] for row in rows)
    return {"label": _heading(state, name), "rows": rows if named else [], "further": max(0, len(found) - LISTED)}


def _drawing(state: State, rows: Sequence[dict[str, Any]], whole: bool) -> dict[str, Any]:
    """The countries that have some, shaded by how many, with the figures that fit beside each other.

    Where not all were counted, a figure is the part that a country has.
    """
    drawn = [row for row in rows if row["drawn"]]
    around = _said(state, "around")
    box = outlines.whole() if around == "world" else outlines.around(row["code"] for row in drawn)
    steps = outlines.steps(max((row["count"] for row in drawn), default=1))
    for row in drawn:
        row["told"] = formats.number(row["count"]) if whole else f"~{row['share'] or '<1'}\u202f%"
        row["shade"] = _shade(next(at for at, (_low, high) in enumerate(steps) if row["count"] <= high), len(steps))
    words = [(row["code"], row["told"]) for row in drawn[:LABELLED]]
    at = outlines.labels(words, box)
    return {
        "box": box, "countries": drawn, "labels": [(*at[code], text) for code, text in words if code in at],
        "legend": [
            {"shade": _shade(n, len(steps)), "text": _range(low, high)} for n, (low, high) in enumerate(steps)
        ],
        "spans": [
            {"label": str(label), "url": _saying(state, around=name).url(), "current": name == around}
            for name, label in AROUND.items()
        ],
    }  # fmt: skip


def _shade(at: int, of: int) -> int:
    """The darkest is always the fullest."""
    return outlines.SHADES - of + at + 1


def _range(low: int, high: int) -> str:
    return formats.number(low) if low == high else f"{formats.number(low)}\u2013{formats.number(high)}"


def _lists(state: State) -> list[dict[str, Any]]:
    """The same records as lists."""
    entity = state.entity
    tables = [view for view in entity.lists.values() if view.shape == "table"]
    return [
        {"label": view.label, "icon": view.icon or entity.icon, "url": State(entity, view, state.tree, q=state.q).url()}
        for view in tables
    ]
