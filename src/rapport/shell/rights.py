"""The matrix of rights as people read it: objects in sections, verbs, how far each reaches, and a sentence for each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from rapport.platform.actor import LEVELS, VERBS
from rapport.platform.identity.roles import listed as roles_known
from rapport.records import Entity, granting, registry
from rapport.records.field_limits import OPEN
from rapport.records.granting import EVERYTHING, NAMES, Place
from rapport.shell.nav import SECTIONS

HEADS = {
    "view": (_l("See"), "eye"), "add": (_l("Add"), "plus"), "change": (_l("Change"), "pencil"),
    "delete": (_l("Delete"), "trash-2"), "export": (_l("Export"), "download"),
    "erase": (_l("Delete for ever"), "flame"),
}  # fmt: skip
FAR = {0: _l("None"), 1: _l("Own"), 2: _l("Team"), 3: _l("All")}
LIMITS = {"write": _l("Sees and sets"), "read": _l("Only sees"), "hidden": _l("Hidden")}
WITH, YES, NO = _l("With it"), _l("Yes"), _l("No")
# What verbs come to in a sentence, and whom they reach; what is not said is not allowed.
DOES = {
    "view": _l("sees"), "change": _l("changes"), "delete": _l("deletes"), "export": _l("exports"),
    "erase": _l("deletes for ever"),
}  # fmt: skip
REACHED = {1: _l("%(does)s own ones"), 2: _l("%(does)s own ones and the team's"), 3: _l("%(does)s all")}
REACHED_WITH = _l("%(does)s what belongs to records in reach")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the matrix: everything, or an entity; ``entity`` is None for everything."""

    key: str
    label: str
    icon: str
    entity: Entity | None

    @property
    def part(self) -> bool:
        return bool(self.entity and self.entity.part_of)


def heads() -> list[dict[str, str]]:
    """The columns."""
    return [{"verb": verb, "label": str(HEADS[verb][0]), "icon": HEADS[verb][1]} for verb in VERBS]


def sections() -> Iterator[tuple[str, list[Row]]]:
    """(heading, rows): everything first, then business objects as the navigation has them, then the set-up."""
    yield "", [Row(EVERYTHING, _("Everything"), "shapes", None)]
    work = [each for each in registry if not each.configuration and not each.part_of]
    for section, label in SECTIONS.items():
        found = [row for each in work if each.section == section for row in _with_parts(each)]
        if found:
            yield str(label) or _("Work"), found
    other = [row for each in work if each.section not in SECTIONS or each.section == "" for row in _with_parts(each)]
    if other:
        yield _("Other"), other
    yield _("Set-up"), sorted((_row(each) for each in registry if each.configuration), key=lambda row: row.label)


def _with_parts(entity: Entity) -> Iterator[Row]:
    yield _row(entity)
    for part in entity.parts:
        yield _row(part)


def _row(entity: Entity) -> Row:
    return Row(entity.key, str(entity.label_plural), entity.icon, entity)


def row_of(key: str) -> Row:
    """The line of an entity, or of everything; raises KeyError."""
    return Row(EVERYTHING, _("Everything"), "shapes", None) if key == EVERYTHING else _row(registry.get(key))


def reach(entity: Entity | None, verb: str, level: int) -> str:
    """How far a level goes, in a word."""
    steps = granting.levels_of(entity, verb)
    if entity is None or entity.part_of or (entity.is_record and not entity.configuration) or entity.personal:
        if verb == "add" and len(steps) == 2:
            return str(YES if level else NO)
        if entity is not None and entity.part_of and level in (1, 2):
            return str(WITH)
        return str(FAR[level])
    return str(YES if level else NO)


def step(entity: Entity | None, verb: str, level: int) -> int:
    """The level among those on offer that comes to the same as a stored one."""
    steps = granting.levels_of(entity, verb)
    if level in steps:
        return level
    if len(steps) > 2:
        return steps[1]
    of_nobody = entity is not None and entity.is_record and verb != "add"  # own set-up: there is none
    return steps[0] if of_nobody else steps[-1]


def line(row: Row, held: Mapping[Place, int]) -> dict[str, Any]:
    """A line with its cells, of a role that holds these grants."""
    verbs = granting.verbs_of(row.entity)
    cells = [_cell(row, verb, held) if verb in verbs else None for verb in VERBS]
    return {
        "key": row.key,
        "label": row.label,
        "icon": row.icon,
        "part": row.part,
        "words": words(row, held),
        "fielded": bool(row.entity and row.entity.takes_fields),
        "cells": cells,
    }


def _cell(row: Row, verb: str, held: Mapping[Place, int]) -> dict[str, Any]:
    """One choice: what it offers, what holds; what everything gives cannot be undercut here."""
    inherited = held.get((EVERYTHING, verb), 0) if row.key != EVERYTHING else 0
    level = step(row.entity, verb, max(held.get((row.key, verb), 0), inherited))
    least = step(row.entity, verb, inherited)
    options = [
        (NAMES[each], reach(row.entity, verb, each))
        for each in granting.levels_of(row.entity, verb)
        if each >= least
    ]  # fmt: skip
    return {
        "verb": verb, "name": f"{row.key}.{verb}", "value": NAMES[level], "level": level,
        "shown": reach(row.entity, verb, level), "options": options, "inherited": bool(inherited) and level == least,
        "label": _("%(what)s: %(verb)s") % {"what": row.label, "verb": HEADS[verb][0]},
    }  # fmt: skip


def words(row: Row, held: Mapping[Place, int]) -> str:
    """What a role may do with an object, in a sentence."""
    if held_all(row, held):
        return _("May do everything.")
    far: dict[int, list[str]] = {}
    for verb in granting.verbs_of(row.entity):
        level = step(row.entity, verb, max(held.get((row.key, verb), 0), held.get((EVERYTHING, verb), 0)))
        if level:
            far.setdefault(0 if verb == "add" else level, []).append(verb)
    if not far:
        return _("Does not see them.") if row.entity else _("Nothing by itself: each object says what.")
    adds = [_("adds new ones")] if far.pop(0, None) else []
    told = [_reached(row, level, [str(DOES[verb]) for verb in verbs]) for level, verbs in sorted(far.items())[::-1]]
    sentence = "; ".join([*told, *adds])
    return f"{sentence[0].upper()}{sentence[1:]}."


def _reached(row: Row, level: int, does: list[str]) -> str:
    words = REACHED_WITH if row.part and level < LEVELS["all"] else REACHED[level]
    *first, last = does
    listed = _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    return str(words % {"does": listed})


def held_all(row: Row, held: Mapping[Place, int]) -> bool:
    """Whether nothing is left to give."""
    return all(
        max(held.get((row.key, verb), 0), held.get((EVERYTHING, verb), 0)) >= LEVELS["all"]
        for verb in granting.verbs_of(row.entity)
    )


def matrix(held: Mapping[Place, int]) -> list[dict[str, Any]]:
    """The whole of a role: [{label, rows}]."""
    return [{"label": label, "rows": [line(row, held) for row in rows]} for label, rows in sections()]


def summary(held: Mapping[Place, int]) -> list[dict[str, str]]:
    """A role in a few lines: business objects of which it may do the same stand together."""
    if held_all(row_of(EVERYTHING), held):
        return [{"what": _("Everything"), "words": _("May do everything.")}]
    said: dict[str, list[str]] = {}
    for _label, rows in list(sections())[1:-1]:
        for row in rows:
            if not row.part:
                said.setdefault(words(row, held), []).append(row.label)
    if set(said) == {_("Does not see them.")}:
        return [{"what": _("Everything"), "words": _("Does not see them.")}]
    return [{"what": ", ".join(labels), "words": sentence} for sentence, labels in said.items()]


def wanted(posted: Mapping[str, Any], held: Mapping[Place, int], only: str = "") -> dict[Place, str]:
    """What a form of the matrix asks for: levels by place, of those cells that differ from what holds.

    A level that everything gives anyway is not written down. ``only``: the one cell that was changed.
    """
    found: dict[Place, str] = {}
    for name in [only] if only else [name for name in posted if "." in name]:
        place = granting.place_of(name)
        if place[0] != EVERYTHING and place[0] not in registry:
            continue
        row, level = row_of(place[0]), posted.get(name, "")
        if level not in LEVELS or place[1] not in granting.verbs_of(row.entity):
            continue
        cell = _cell(row, place[1], held)
        if level == cell["value"]:
            continue
        given = LEVELS[level] <= (0 if row.key == EVERYTHING else held.get((EVERYTHING, place[1]), 0))
        found[place] = "none" if given else level
    return found


def told(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    """Lines of a history: which right went from where to where."""
    found = []
    for name in dict.fromkeys((*before, *after)):
        key, verb = granting.place_of(name)
        entity = registry.get(key) if key in registry else None
        label = str(entity.label_plural) if entity else _("Everything") if key == EVERYTHING else key
        was, now = (_shown(entity, verb, each.get(name, "none")) for each in (before, after))
        found.append({"label": f"{label}: {HEADS[verb][0] if verb in HEADS else verb}", "before": was, "after": now})
    return found


def _shown(entity: Entity | None, verb: str, level: str) -> dict[str, Any]:
    return _text(reach(entity, verb, LEVELS.get(level, 0)), verb)


def _text(text: str, name: str) -> dict[str, Any]:
    return {"kind": "text", "value": text, "shown": text, "name": name}


def told_fields(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    """Lines of a history: which field was withheld how, and is."""
    found = []
    for place in dict.fromkeys((*before, *after)):
        key, _dot, name = place.partition(".")
        entity = registry.get(key) if key in registry else None
        known = entity.every.get(name) if entity else None
        label = f"{entity.label_plural} › {known.heading}" if entity and known else place
        was, now = (str(LIMITS.get(each.get(place, OPEN), "")) for each in (before, after))
        found.append({"label": label, "before": _text(was, "fields"), "after": _text(now, "fields")})
    return found


def told_roles(before: Iterable[str], after: Iterable[str]) -> list[dict[str, Any]]:
    """The line of a history that says which roles somebody had and has."""
    names = {role["key"]: role["name"] for role in roles_known()}
    was, now = (", ".join(names.get(key, key) for key in each) for each in (before, after))
    return [{"label": _("Roles"), "before": _text(was, "roles"), "after": _text(now, "roles")}]


def sources(roles: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What somebody with these roles (key, name) may do: the matrix, with the names of the roles that give it."""
    given = {name: granting.held_by(key) for key, name in roles}
    held: dict[Place, int] = {}
    for grants in given.values():
        for place, level in grants.items():
            held[place] = max(held.get(place, 0), level)
    found = matrix(held)
    for section in found:
        for row in section["rows"]:
            for cell in row["cells"]:
                if cell and cell["level"]:
                    cell["from"] = ", ".join(_givers(given, row["key"], cell["verb"]))
    return found


def _givers(given: Mapping[str, Mapping[Place, int]], key: str, verb: str) -> list[str]:
    far = {name: max(grants.get((key, verb), 0), grants.get((EVERYTHING, verb), 0)) for name, grants in given.items()}
    return [name for name, level in far.items() if level == max(far.values())]
