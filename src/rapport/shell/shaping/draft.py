"""A layout while it is drawn: every zone with what stands in it, and what can be done with that.

A draft is the plan with nothing left to the declaration, as JSON in the form. What equals the standard is not kept.
"""

from dataclasses import dataclass, replace
from typing import Any

from rapport.records import Entity, View, registry
from rapport.records.entity import Fields
from rapport.records.layout import Section
from rapport.records.layouts import plan as plans
from rapport.records.layouts.arranging import Arrangement, arranged, key_of
from rapport.records.layouts.plan import Asked, Listed, Plan
from rapport.shell.lists.state import HIDDEN

SILENT = ("id", "version")


def forms_of(entity: Entity) -> list[View]:
    """The named lists whose forms differ: those from which records of a kind begin, else the first."""
    views = list(entity.lists.values())
    return [view for view in views if view.new or view.form] or views[:1]


def tables_of(entity: Entity) -> list[View]:
    """The named lists that have columns."""
    return [view for view in entity.lists.values() if view.shape == "table"]


def whole(laid_out: Arrangement) -> Plan:
    """The plan that says all of an arrangement."""
    entity = laid_out.entity
    panels = registry.panels_on(entity.key)
    shown = [key_of(*each) for each in laid_out.panels(panels)]
    own = entity.label
    sections = tuple(
        Section("" if each.label == own else str(each.label), each.fields, each.only) for each in laid_out.sections
    )
    return Plan(
        header=laid_out.header, sections=sections, left_out=laid_out.left_out,
        forms={view.key: _form(laid_out, view) for view in forms_of(entity)},
        panels=tuple(dict.fromkeys(shown)),
        panels_left_out=tuple(dict.fromkeys(key_of(*each) for each in panels if key_of(*each) not in shown)),
        lists={view.key: _list(laid_out, view) for view in tables_of(entity)},
    )  # fmt: skip


def _form(laid_out: Arrangement, view: View) -> Asked:
    asked = laid_out.form(view)
    return Asked(asked, tuple(known.name for known in laid_out.fields.own if known.name not in asked))


def _list(laid_out: Arrangement, view: View) -> Listed:
    told, entity = laid_out.list_of(view), laid_out.entity
    columns = told.columns or ",".join(view.columns or entity.columns)
    return Listed(columns, told.sort or view.sort or entity.default_sort)


def kept(draft: Plan, standard: Plan) -> Plan:
    """As much of a draft as differs from the standard."""
    same_card = (draft.sections, draft.left_out) == (standard.sections, standard.left_out)
    same_card = same_card or _told(draft) == _told(standard)
    panels = (draft.panels, draft.panels_left_out) != (standard.panels, standard.panels_left_out)
    return Plan(
        header=None if draft.header == standard.header else draft.header,
        sections=None if same_card else draft.sections, left_out=() if same_card else draft.left_out,
        forms={key: each for key, each in draft.forms.items() if each.fields != standard.forms[key].fields},
        panels=draft.panels if panels else None, panels_left_out=draft.panels_left_out if panels else (),
        lists={key: each for key, each in draft.lists.items() if each != standard.lists[key]},
    )  # fmt: skip


def _told(plan: Plan) -> Any:
    tree = plans.written(plan)
    return tree.get("sections"), tree.get("left_out")


@dataclass(slots=True)
class Zones:
    """The lists of names that a draft consists of, by what the form calls them; moving is the same in all."""

    head: list[str]
    sections: list[list[str]]
    out: list[str]
    forms: dict[str, list[str]]
    panels: list[str]
    unseen: list[str]
    lists: dict[str, list[str]]

    def at(self, zone: str) -> list[str]:
        """The list of a zone: ``head``, ``s2``, ``out``, ``form:people``, ``list:table``, ``panels``, ``unseen``."""
        kind, _colon, key = zone.partition(":")
        if kind in ("form", "list"):
            return (self.forms if kind == "form" else self.lists)[key]
        if kind[:1] == "s" and kind[1:].isdecimal():
            return self.sections[int(kind[1:])]
        found: list[str] = {"head": self.head, "out": self.out, "panels": self.panels, "unseen": self.unseen}[kind]
        return found


def zones_of(plan: Plan) -> Zones:
    """The zones of a whole plan."""
    return Zones(
        head=list(plan.header or ()), sections=[list(each.fields) for each in plan.sections or ()],
        out=list(plan.left_out), forms={key: list(each.fields) for key, each in plan.forms.items()},
        panels=list(plan.panels or ()), unseen=list(plan.panels_left_out),
        lists={key: each.columns.split(",") if each.columns else [] for key, each in plan.lists.items()},
    )  # fmt: skip


def with_zones(plan: Plan, zones: Zones, fields: Fields) -> Plan:
    """The plan with its names as the zones have them."""
    sections = tuple(
        replace(each, fields=tuple(names)) for each, names in zip(plan.sections or (), zones.sections, strict=True)
    )
    own = [known.name for known in fields.own]
    return replace(
        plan, header=tuple(zones.head), sections=sections, left_out=tuple(zones.out),
        panels=tuple(zones.panels), panels_left_out=tuple(zones.unseen),
        forms={
            key: Asked(tuple(names), tuple(name for name in own if name not in names))
            for key, names in zones.forms.items()
        },
        lists={key: replace(plan.lists[key], columns=",".join(names)) for key, names in zones.lists.items()},
    )  # fmt: skip


def pool(entity: Entity, fields: Fields, zone: str, zones: Zones) -> list[str]:
    """The fields that can be put into a zone, by their labels; of the card each once."""
    kind = zone.partition(":")[0]
    held = [name for names in zones.sections for name in names] if kind[1:].isdecimal() else zones.at(zone)
    taken = {name.partition(":")[0] for name in held}
    names = [name for name in fields if name not in taken and name not in SILENT]
    if kind == "form":
        names = [name for name in names if not fields[name].read_only]
    elif kind == "list":
        names = [name for name in names if name not in HIDDEN]
    else:
        names = [name for name in names if name != entity.title]
    return sorted(names, key=lambda name: fields[name].heading.lower())


def standard(fields: Fields, below: Plan) -> Plan:
    """What a layout changes: the declaration, or for a role what everybody has."""
    return whole(arranged(fields, below))
