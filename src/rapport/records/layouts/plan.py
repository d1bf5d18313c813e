"""A layout as it is stored: JSON that says as much as it changes; all else stays as declared.

``{"header": […], "sections": [{"heading", "fields", "if": {"field", "values"}}], "left_out": […], "forms": {"people":
{"fields", "left_out"}}, "panels": […], "panels_left_out": […], "lists": {"table": {"columns", "sort"}}}``
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from rapport.records.errors import Bad
from rapport.records.layout import Section

LONGEST, MOST = 100, 200
Names = tuple[str, ...]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for, in order, and what it was told not to ask for."""

    fields: Names
    left_out: Names = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """How a list stands for who has chosen nothing: columns as an address writes them, order."""

    columns: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A layout. What is None or empty is as declared. Two are never the same: what is worked out is kept by it."""

    header: Names | None = None
    sections: tuple[Section, ...] | None = None
    left_out: Names = ()
    forms: Mapping[str, Asked] = field(default_factory=dict)
    panels: Names | None = None
    panels_left_out: Names = ()
    lists: Mapping[str, Listed] = field(default_factory=dict)

    def over(self, below: "Plan") -> "Plan":
        """This one, and where it says nothing the one below; card and panels go as a whole, forms and lists each."""
        return Plan(
            header=below.header if self.header is None else self.header,
            sections=below.sections if self.sections is None else self.sections,
            left_out=below.left_out if self.sections is None else self.left_out,
            forms={**below.forms, **self.forms},
            panels=below.panels if self.panels is None else self.panels,
            panels_left_out=below.panels_left_out if self.panels is None else self.panels_left_out,
            lists={**below.lists, **self.lists},
        )

    @property
    def names(self) -> Iterator[str]:
        """The fields that it names."""
        yield from self.header or ()
        for section in self.sections or ():
            yield from (*section.fields, *section.only)
        yield from self.left_out
        for form in self.forms.values():
            yield from (*form.fields, *form.left_out)


EMPTY = Plan()
PARTS = tuple(each.name for each in fields(Plan))


def read(tree: Mapping[str, Any]) -> Plan:
    """A plan from its JSON; raises Bad with what is wrong with it."""
    if unknown := set(tree) - set(PARTS):
        raise Bad(_("A layout has no “%(name)s”; it has: %(names)s.") % _named(min(unknown), PARTS))
    return Plan(
        header=_names(tree, "header"), sections=_sections(tree), left_out=_names(tree, "left_out") or (),
        forms=_each(tree, "forms", _asked), panels=_names(tree, "panels"),
        panels_left_out=_names(tree, "panels_left_out") or (), lists=_each(tree, "lists", _listed),
    )  # fmt: skip


def written(plan: Plan) -> dict[str, Any]:
    """Its JSON; what is as declared is not in it."""
    found: dict[str, Any] = {"header": plan.header, "panels": plan.panels}
    found["sections"] = None if plan.sections is None else [_section_of(each) for each in plan.sections]
    found = {name: list(value) for name, value in found.items() if value is not None}
    found |= {name: list(getattr(plan, name)) for name in ("left_out", "panels_left_out") if getattr(plan, name)}
    if plan.forms:
        found["forms"] = {
            key: {"fields": list(one.fields), "left_out": list(one.left_out)} for key, one in plan.forms.items()
        }
    if plan.lists:
        found["lists"] = {key: {"columns": one.columns, "sort": one.sort} for key, one in plan.lists.items()}
    return found


def _named(name: str, names: Names) -> dict[str, str]:
    return {"name": name, "names": ", ".join(names)}


def _names(tree: Mapping[str, Any], part: str) -> Names | None:
    given = tree.get(part)
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > MOST or not all(isinstance(name, str) for name in given):
        raise Bad(_("“%(part)s” is a list of names, %(most)s at most.") % {"part": part, "most": MOST})
    return tuple(dict.fromkeys(given))


def _object(given: Any, part: str, known: Names) -> Mapping[str, Any]:
    if not isinstance(given, dict) or set(given) - set(known):
        raise Bad(_("“%(name)s” is an object with: %(names)s.") % _named(part, known))
    return given


def _sections(tree: Mapping[str, Any]) -> tuple[Section, ...] | None:
    given = tree.get("sections")
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > MOST:
        raise Bad(_("“sections” is a list of headings with their fields."))
    found = [_section(_object(each, "sections", ("heading", "fields", "if"))) for each in given]
    placed = [name for each in found for name in each.fields if not each.only]
    if twice := next((name for name in placed if placed.count(name) > 1), None):
        raise Bad(_("“%(name)s” stands in two sections.") % {"name": twice})
    return tuple(found)


def _section(tree: Mapping[str, Any]) -> Section:
    heading = " ".join(_text(tree.get("heading"), LONGEST).split())
    only: dict[str, Any] = {}
    if given := tree.get("if"):
        rule = _object(given, "if", ("field", "values"))
        values = rule.get("values")
        if not isinstance(values, list) or not values or not isinstance(rule.get("field"), str):
            raise Bad(_("“if” names a field and the values that show the section."))
        only[rule["field"]] = tuple(values)
    return Section(heading, _names(tree, "fields") or (), only)


def _section_of(section: Section) -> dict[str, Any]:
    told: dict[str, Any] = {"heading": str(section.label), "fields": list(section.fields)}
    for name, values in section.only.items():
        told["if"] = {"field": name, "values": list(values) if isinstance(values, tuple) else [values]}
    return told


def _text(given: Any, longest: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > longest:
        raise Bad(_("This is a text of at most %(most)s characters.") % {"most": longest})
    return given


def _each(tree: Mapping[str, Any], part: str, made: Callable[[Any], Made]) -> dict[str, Made]:
    given = tree.get(part)
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST:
        raise Bad(_("“%(part)s” says something for each named list.") % {"part": part})
    return {key: made(value) for key, value in given.items()}


def _asked(given: Any) -> Asked:
    tree = _object(given, "forms", ("fields", "left_out"))
    return Asked(_names(tree, "fields") or (), _names(tree, "left_out") or ())


def _listed(given: Any) -> Listed:
    tree = _object(given, "lists", ("columns", "sort"))
    return Listed(_text(tree.get("columns"), 4000), _text(tree.get("sort"), 500))
