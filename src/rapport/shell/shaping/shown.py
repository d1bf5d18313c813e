"""A draft of a layout as the editor shows it: zones with their items, and what comes of it."""

from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.identity import snapshot
from rapport.records import Entity, kinds, read, registry
from rapport.records.entity import Field, Fields
from rapport.records.field_rights import FieldRights
from rapport.records.layout import fits
from rapport.records.layouts.arranging import Arrangement, key_of
from rapport.records.layouts.plan import Plan
from rapport.records.read import Query
from rapport.records.related import field_of
from rapport.shell import placing
from rapport.shell.lists import chips
from rapport.shell.lists.state import columns_of
from rapport.shell.shaping import draft
from rapport.shell.shaping.deeds import CARD, FORMS, LISTS, PANELS
from rapport.shell.views import facts, forms

Shown = dict[str, Any]


def tabs() -> list[tuple[str, str]]:
    """The parts of a layout, each on a tab of its own."""
    return [(CARD, _("Card")), (FORMS, _("New")), (PANELS, _("Boxes beside it")), (LISTS, _("List"))]


def fields_for(entity: Entity, role: str) -> Fields:
    """The fields that can be placed: for a role those that it sees."""
    held = snapshot.held()
    rights: FieldRights = held.parts["field_rights"]
    withheld = rights.of((role,), entity.key, held.grants) if role else None
    return entity.fields.without(withheld) if withheld else entity.fields


def zones(entity: Entity, fields: Fields, plan: Plan, part: str) -> list[Shown]:
    """The zones of a tab, in order."""
    lists = draft.zones_of(plan)
    if part == CARD:
        return _card(entity, fields, plan, lists)
    if part == FORMS:
        return [
            _any(entity, fields, f"form:{view.key}", str(view.label) if len(plan.forms) > 1 else _("Asked for"), lists)
            for view in draft.forms_of(entity)
        ]
    if part == PANELS:
        words = {key_of(*each): str(each[1].label) for each in registry.panels_on(entity.key)}
        named = (("panels", _("Shown")), ("unseen", _("Not shown")))
        return [
            {"key": zone, "label": label, "kind": zone, "items": _boxes(lists.at(zone), words)} for zone, label in named
        ]
    return [
        _any(entity, fields, f"list:{view.key}", str(view.label), lists)
        | {"sort": plan.lists[view.key].sort, "sorts": _sorts(entity, fields), "list": view.key}
        for view in draft.tables_of(entity)
    ]


def _boxes(names: list[str], words: dict[str, str]) -> list[Shown]:
    return [{"name": name, "label": words[name], "icon": _icon_of(name), "at": at}
            for at, name in enumerate(names) if name in words]  # fmt: skip


def _icon_of(panel: str) -> str:
    key = panel.partition(".")[0]
    return registry.get(key).icon if key in registry else "circle"


def _card(entity: Entity, fields: Fields, plan: Plan, lists: draft.Zones) -> list[Shown]:
    found = [_any(entity, fields, "head", _("In the head, as chips"), lists)]
    choices = _conditions(fields)
    for at, section in enumerate(plan.sections or ()):
        name, values = next(iter(section.only.items()), ("", ()))
        known = fields.get(name)
        found.append({
            **_any(entity, fields, f"s{at}", str(section.label), lists), "kind": "section", "number": at,
            "heading": str(section.label), "plain": str(entity.label), "only": name, "choices": choices,
            "values": _values(known, values) if known else [],
            "last": at == len(plan.sections or ()) - 1, "single": len(plan.sections or ()) == 1,
        })  # fmt: skip
    out = {"key": "out", "label": _("Not on the card"), "kind": "out", "items": _items(fields, lists.out), "adds": []}
    return [*found, out]


def _any(entity: Entity, fields: Fields, zone: str, label: str, lists: draft.Zones) -> Shown:
    names = lists.at(zone)
    adds = [(name, fields[name].heading) for name in draft.pool(entity, fields, zone, lists)]
    items = _items(fields, names)
    for item in items:
        if zone.startswith("form:"):
            item["fixed"] = item["name"] in (*entity.needed(), entity.title)
        elif zone.startswith("list:"):
            item["fixed"] = item["name"] == entity.title
    return {"key": zone, "label": label, "kind": zone.partition(":")[0], "items": items, "adds": adds}


def _items(fields: Fields, names: list[str]) -> list[Shown]:
    found = []
    for at, text in enumerate(names):
        name = text.partition(":")[0]
        known = fields[name] if name in fields else _related(fields, name)
        if known is not None:
            found.append({
                "name": name, "label": known.heading, "icon": chips.icon(known), "at": at,
                "own": known.mark is not None, "needed": name in fields.entity.needed(),
            })  # fmt: skip
    return found


def _related(fields: Fields, name: str) -> Field | None:
    """A column of a related record, as far as the editor's reader sees it."""
    if "." not in name or not fields.entity.seen([name]):
        return None
    return field_of(fields.entity, name)


def _conditions(fields: Fields) -> list[tuple[str, str]]:
    """Fields by which a section may be shown: choices, and yes or no."""
    known = [each for each in fields.values() if type(each.kind) in (kinds.ChoiceKind, kinds.YesNoKind)]
    return sorted(((each.name, each.heading) for each in known), key=lambda pair: pair[1].lower())


def _values(known: Field, chosen: Any) -> list[Shown]:
    held = chosen if isinstance(chosen, tuple) else (chosen,)
    if isinstance(known.kind, kinds.YesNoKind):
        pairs: Any = ((True, _("Yes")), (False, _("No")))
    else:
        pairs = known.kind.choices  # type: ignore[attr-defined]
    return [
        {"value": "true" if value is True else "false" if value is False else value, "label": str(label),
         "chosen": value in held}
        for value, label in pairs
    ]  # fmt: skip


def _sorts(entity: Entity, fields: Fields) -> list[tuple[str, str]]:
    """Orders that are quick however many records there are."""
    found = []
    for name in dict.fromkeys((*entity.sorts, entity.default_sort.removeprefix("-"))):
        if name in fields:
            label = fields[name].heading
            found += [(name, _("%(field)s, upwards") % {"field": label})]
            found += [(f"-{name}", _("%(field)s, downwards") % {"field": label})]
    return found


def preview(entity: Entity, fields: Fields, plan: Plan, part: str) -> Shown:
    """What comes of a draft, shown on the newest record that there is."""
    laid_out = Arrangement(fields, plan)
    if part == FORMS:
        return {"forms": [_form(laid_out, view) for view in draft.forms_of(entity)]}
    if part == CARD:
        return _preview_card(laid_out, _newest(entity, fields))
    if part == LISTS:
        return {"lists": [
            {"label": str(view.label),
             "heads": [each.heading for each in _columns(laid_out, plan.lists[view.key].columns)]}
            for view in draft.tables_of(entity)
        ]}  # fmt: skip
    return {}


def _columns(laid_out: Arrangement, text: str) -> list[Field]:
    entity = laid_out.entity
    names = [each.name for each in columns_of(entity, text)]
    return [field_of(entity, name) for name in names if name in laid_out.fields or "." in name]


def _newest(entity: Entity, fields: Fields) -> Shown:
    rows = read.page(Query(entity, fields=tuple(fields), sort=("-created_at",), limit=1, expand=True)).items()
    return rows[0] if rows else {}


def _preview_card(laid_out: Arrangement, record: Shown) -> Shown:
    entity, fields = laid_out.entity, laid_out.fields
    sections = []
    for section in laid_out.sections:
        shown = [
            facts.fact(fields[name], record, False, entity)
            for name in section.fields
            if name != entity.title and not placing.idle(entity, name)
        ]
        heading = "" if section.label == entity.label else str(section.label)
        sections.append({"label": heading, "fields": shown, "away": bool(record) and not fits(section.only, record)})
    head = [facts.fact(fields[name], record, False) for name in laid_out.header]
    title = facts.value_of(record, entity.title) if record else None
    return {"title": title or str(entity.label), "chips": head, "sections": sections, "icon": entity.icon}


def _form(laid_out: Arrangement, view: Any) -> Shown:
    entity = laid_out.entity
    controls = [forms.control(laid_out.fields[name], entity) for name in laid_out.form(view)]
    for each in controls:
        each["required"] = each["required"] or each["name"] == entity.title
        each["name"] = f"{view.key}-{each['name']}"
    one = str(view.one or entity.label).lower()
    return {"label": _("New %(one)s") % {"one": one}, "fields": controls}


def said(fields: Fields, plan: Plan, moved: str) -> str:
    """Where something stands now, for who does not see it."""
    name = moved.partition(":")[0]
    for zone, names in enumerate(draft.zones_of(plan).sections):
        if name in names and name in fields:
            heading = str((plan.sections or ())[zone].label) or str(fields.entity.label)
            place = {"field": fields[name].heading, "section": heading, "at": names.index(name) + 1, "of": len(names)}
            return _("%(field)s: %(section)s, %(at)s of %(of)s") % place
    return fields[name].heading if name in fields else ""
