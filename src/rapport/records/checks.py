"""Numbered messages on declarations that name what does not exist, said at start-up."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rapport.records.layout import ANY

if TYPE_CHECKING:
    from rapport.records.entity import Entity

SHAPES = ("table", "board", "calendar", "map")
DAYS = ("date", "moment")


def problems(entity: "Entity", known: Mapping[str, "Entity"]) -> list[str]:
    """What is wrong with a declaration, in sentences; ``known``: every entity by key."""
    laid_out = (*_views(entity), *_calendar(entity), *_map(entity, known), *_panels(entity, known), *_territory(entity))
    return [*_names(entity), *_verbs(entity), *laid_out]


def _names(entity: "Entity") -> Iterator[str]:
    """E004: a slot names a field that is none."""
    slots: dict[str, Iterable[str]] = {
        "columns": entity.columns,
        "filters": entity.filters,
        "form": entity.form,
        "sorts": entity.sorts,
        "search": entity.search,
        "read_only": entity.read_only,
        "required": entity.required,
        "seldom": entity.seldom,
        "lends": [entity.lends] if entity.lends else [],
        "part_of": [entity.part_of] if entity.part_of else [],
        "match_on": entity.match_on,
        "title": [entity.title],
        "found_by": entity.found_by,
        "verbs": entity.verbs,
        "card.header": entity.card.header,
        "duplicates": _compared(entity),
        "card.sections": [name for section in entity.card.sections for name in section.fields],
    }
    for slot, given in slots.items():
        for name in given:
            yield from _unknown(entity, slot, name)


def _compared(entity: "Entity") -> tuple[str, ...]:
    told = entity.duplicates
    return (*told.compare, *told.shared, *([told.apart] if told.apart else [])) if told else ()


def _unknown(entity: "Entity", slot: str, name: str) -> Iterator[str]:
    names = set(entity.declared)
    plain = name.removeprefix("-")
    if plain in names or (plain.partition(".")[0] in names and slot in ("columns", "filters", "found_by")):
        return
    yield f"records.E004 {type(entity).__name__}.{slot} names '{plain}'.{_hint(plain, names)}"


def _verbs(entity: "Entity") -> Iterator[str]:
    """E005: a field is governed by what is no action."""
    for verb in entity.verbs.values():
        if not getattr(getattr(entity.model, verb, None), "is_action", False):
            yield f"records.E005 {type(entity).__name__}.verbs names '{verb}', no action of the model"


def _views(entity: "Entity") -> Iterator[str]:
    """E006: a view has a shape that is none, or asks for a board, calendar or map that is not declared."""
    for view in entity.views:
        declared = view.shape == "table" or getattr(entity, view.shape, None) is not None
        if view.shape not in SHAPES or not declared:
            yield f"records.E006 {type(entity).__name__}.views: '{view.key}' cannot have the shape '{view.shape}'"
        for name in (*view.columns, *view.new, *([view.sort] if view.sort else [])):
            yield from _unknown(entity, f"views['{view.key}']", name)


def _calendar(entity: "Entity") -> Iterator[str]:
    """E009: a calendar by what is no day, or by one that no index puts in order."""
    if entity.calendar is None:
        return
    for name in (entity.calendar.by, *entity.calendar.live):
        yield from _unknown(entity, "calendar", name)
    known = entity.declared.get(entity.calendar.by)
    if known is not None and (known.kind.name not in DAYS or known.name not in entity.sorts):
        yield f"records.E009 {type(entity).__name__}.calendar: '{known.name}' is no date or moment among its sorts"


def _map(entity: "Entity", known: Mapping[str, "Entity"]) -> Iterator[str]:
    """E010: a map by what is no country, or that sums what is no money."""
    if entity.map is None:
        return
    wanted = {entity.map.by: ("country",), **dict.fromkeys(entity.map.within, ("text",))}
    wanted |= {entity.map.total: ("money",)} if entity.map.total else {}
    for name, kinds in wanted.items():
        found = _reached(entity, name, known)
        if found is None or found.kind.name not in kinds:
            yield f"records.E010 {type(entity).__name__}.map: '{name}' is no field of the kind {kinds[0]}"


def _reached(entity: "Entity", name: str, known: Mapping[str, "Entity"]) -> Any:
    """The declared field called so, also over a relation; None for what there is not."""
    if name in entity.declared:
        return entity.declared[name]
    first, _dot, rest = name.partition(".")
    through = entity.declared.get(first)
    related = known.get(str(through.relation)) if through is not None else None
    return _reached(related, rest, known) if related is not None and rest else None


def _panels(entity: "Entity", known: Mapping[str, "Entity"]) -> Iterator[str]:
    """E007: a panel on a card of an unknown entity; E008: one that would read the whole table."""
    for panel in entity.panels:
        if panel.on not in known and (panel.on, panel.by) != (ANY, "about"):
            yield f"records.E007 {type(entity).__name__}.panels: no entity '{panel.on}'.{_hint(panel.on, set(known))}"
        total = [panel.total] if panel.total else []
        for name in (panel.by, *panel.fields, *total):
            yield from _unknown(entity, "panels", name)
        if entity.is_record and not entity.configuration and not _leads_an_index(entity, _column(panel.by)):
            yield f"records.E008 {type(entity).__name__}.panels: no index of {entity.table} begins with '{panel.by}'"


def _territory(entity: "Entity") -> Iterator[str]:
    """E011: a territory without a column for it, or without an index that finds what lies in one."""
    if not entity.territory:
        return
    names = ["territory", "territory_fixed"] if entity.territory == "own" else ["territory", entity.territory]
    for name in names:
        yield from _unknown(entity, "territory", name)
    if not _leads_an_index(entity, "territory"):
        yield f"records.E011 {type(entity).__name__}.territory: no index of {entity.table} begins with 'territory'"


def _column(name: str) -> str:
    return "about_id" if name == "about" else name


def _leads_an_index(entity: "Entity", name: str) -> bool:
    return any(index.fields[:1] == [name] for index in entity.model._meta.indexes)


def _hint(name: str, names: set[str]) -> str:
    close: list[Any] = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
