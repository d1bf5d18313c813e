"""Fields as a layout places them: what cards, forms and lists ask for instead of the declaration.

A layout never shows more than its reader may see: it places fields out of those that he sees. What it does not name (a
field that came later) stands where its declaration puts it, and what it names and is no more is passed over.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from rapport.platform.text import fold
from rapport.records.layout import Section, View
from rapport.records.layouts import held
from rapport.records.layouts.plan import Listed, Plan

if TYPE_CHECKING:
    from rapport.records.entity import Entity, Panel
    from rapport.records.field import Fields


class Arrangement:
    """How ``fields`` are laid out by ``plan``; made once for both."""

    def __init__(self, fields: "Fields", plan: Plan) -> None:
        self.fields, self.plan, self.entity = fields, plan, fields.entity

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the card, with what the layout does not name where it would stand without."""
        if self.plan.sections is None:
            return self.fields.sections
        found = [replace(each, fields=self._known(each.fields)) for each in self.plan.sections]
        found = [each if each.label else replace(each, label=self.entity.label) for each in found]
        placed = {*self.plan.left_out, *(name for each in self.plan.sections for name in each.fields)}
        for section in self.fields.sections:
            if left := tuple(name for name in section.fields if name not in placed):
                _add(found, section, left)
        return tuple(each for each in found if each.fields)

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """Fields that the card would show by its declaration, and does not."""
        shown = {name for each in self.sections for name in each.fields}
        return tuple(dict.fromkeys(name for each in self.fields.sections for name in each.fields if name not in shown))

    @cached_property
    def header(self) -> tuple[str, ...]:
        """What stands in the head of the card."""
        return self._known(self.entity.card.header if self.plan.header is None else self.plan.header)

    @cached_property
    def rules(self) -> dict[str, tuple[dict[str, Any], ...]]:
        """By field that is not always asked for: what other fields must be, in alternatives."""
        found: dict[str, list[dict[str, Any]]] = {}
        left = set(self.left_out)
        for at, section in enumerate((*self.sections, *self.fields.sections)):
            for name in section.fields:
                if at < len(self.sections) or name in left:
                    found.setdefault(name, []).append({**section.only, **dict(self.fields[name].only)})
        return {name: tuple(rules) for name, rules in found.items() if all(rules)}

    def form(self, view: View) -> tuple[str, ...]:
        """What a form asks for: as laid out, or as the view or the entity says, or what a list shows."""
        entity, plan = self.entity, self.plan.forms.get(view.key)
        names = plan.fields if plan else view.form or entity.form or (*entity.required, *entity.columns)
        left = set(plan.left_out) - set(entity.needed()) if plan else set()
        own = (known.name for known in self.fields.own if known.name not in left)
        needed = (name for name in entity.needed() if name not in view.new)
        asked = dict.fromkeys((*names, *own, *needed) if plan else (*names, *own))
        return tuple(name for name in asked if name in self.fields and not self.fields[name].read_only)

    def list_of(self, view: View) -> Listed:
        """Columns and order of a list for who has chosen none."""
        return self.plan.lists.get(view.key) or Listed()

    def panels(self, found: "Iterable[tuple[Entity, Panel]]") -> "list[tuple[Entity, Panel]]":
        """Boxes beside the card in order, without those left out; one that came later comes last."""
        if self.plan.panels is None:
            return list(found)
        places = {name: at for at, name in enumerate(self.plan.panels)}
        shown = [each for each in found if key_of(*each) not in self.plan.panels_left_out]
        return sorted(shown, key=lambda each: places.get(key_of(*each), len(places)))

    @property
    def orders_panels(self) -> bool:
        """True when the layout says in which order the boxes stand."""
        return self.plan.panels is not None

    def _known(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in self.fields)


def _add(found: list[Section], section: Section, names: tuple[str, ...]) -> None:
    """Put fields under the heading and condition they are declared under, if there is one such, else at the end."""
    word, only = fold(str(section.label)), _rule(section)
    at = next((at for at, each in enumerate(found) if fold(str(each.label)) == word and _rule(each) == only), None)
    if at is None:
        found.append(replace(section, fields=names))
    else:
        found[at] = replace(found[at], fields=(*found[at].fields, *names))


def _rule(section: Section) -> dict[str, Any]:
    return {name: value if isinstance(value, tuple) else (value,) for name, value in section.only.items()}


def key_of(ours: "Entity", panel: "Panel") -> str:
    """What a layout calls a box: whose records it holds, and by which of their relations."""
    return f"{ours.key}.{panel.by}"


@lru_cache(maxsize=1024)
def arranged(fields: "Fields", plan: Plan) -> Arrangement:
    """The arrangement of these fields by this plan."""
    return Arrangement(fields, plan)


def of(entity: "Entity") -> Arrangement:
    """As the actor at work has it."""
    return arranged(entity.fields, held.plan_of(entity.key))
