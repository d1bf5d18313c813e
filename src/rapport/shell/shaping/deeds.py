"""What the editor of layouts does to a draft, one deed at a time."""

from collections.abc import Callable
from dataclasses import replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.records.entity import Fields
from rapport.records.errors import BadQuery
from rapport.records.kinds import YesNoKind
from rapport.records.layout import Section
from rapport.records.layouts.plan import LONGEST, Listed, Plan
from rapport.shell.shaping.draft import Zones, pool, with_zones, zones_of

CARD, FORMS, PANELS, LISTS = "card", "form", "panels", "lists"
TABS = (CARD, FORMS, PANELS, LISTS)


def typed(plan: Plan, given: QueryDict, fields: Fields) -> Plan:
    """The plan with what was typed: headings, conditions, orders."""
    sections = tuple(_typed(at, each, given, fields) for at, each in enumerate(plan.sections or ()))
    lists = {key: Listed(each.columns, given.get(f"sort-{key}", each.sort)) for key, each in plan.lists.items()}
    return replace(plan, sections=sections, lists=lists)


def _typed(at: int, section: Section, given: QueryDict, fields: Fields) -> Section:
    heading = " ".join(given.get(f"heading-{at}", str(section.label)).split())[:LONGEST]
    if f"if-{at}" not in given:
        return replace(section, label=heading)
    name = str(given[f"if-{at}"])
    if name not in fields:
        return replace(section, label=heading, only={})
    values = [str(value) for value in given.getlist(f"value-{at}")] if name in section.only else []
    known = tuple(_value(fields, name, value) for value in values) or section.only.get(name) or _first(fields, name)
    return replace(section, label=heading, only={name: known if isinstance(known, tuple) else (known,)})


def _value(fields: Fields, name: str, text: str) -> str | bool:
    return text == "true" if isinstance(fields[name].kind, YesNoKind) else text


def _first(fields: Fields, name: str) -> tuple[str | bool, ...]:
    """The value that a condition begins with."""
    kind = fields[name].kind
    return (True,) if isinstance(kind, YesNoKind) else (kind.choices[0][0],)  # type: ignore[attr-defined]


def done(plan: Plan, deed: str, given: QueryDict, fields: Fields) -> tuple[Plan, str]:
    """(The plan after a deed such as ``up:s1:2``, the name of what moved). Raises BadQuery for what is none."""
    word, *rest = deed.split("|")
    zones = zones_of(plan)
    try:
        if word in _SECTIONS:
            return _SECTIONS[word](plan, zones, fields, int(rest[0]) if rest else 0), ""
        name = str(given[f"add-{rest[0]}"]) if word == "add" else zones.at(rest[0])[int(rest[1])]
        _ITEMS[word](zones, name, rest, fields)
    except (KeyError, IndexError, ValueError) as error:
        raise BadQuery(_("That cannot be done here.")) from error
    return with_zones(plan, zones, fields), name


def _up(zones: Zones, name: str, rest: list[str], _fields: Fields) -> None:
    here, at = zones.at(rest[0]), int(rest[1])
    if at > 0:
        here.insert(at - 1, here.pop(at))
    elif (section := _section(rest[0])) > 0:
        zones.sections[section - 1].append(here.pop(at))


def _down(zones: Zones, name: str, rest: list[str], _fields: Fields) -> None:
    here, at, section = zones.at(rest[0]), int(rest[1]), _section(rest[0])
    if at + 1 < len(here):
        here.insert(at + 1, here.pop(at))
    elif -1 < section < len(zones.sections) - 1:
        zones.sections[section + 1].insert(0, here.pop(at))


def _section(zone: str) -> int:
    return int(zone[1:]) if zone[:1] == "s" and zone[1:].isdecimal() else -1


def _take_out(zones: Zones, name: str, rest: list[str], _fields: Fields) -> None:
    zones.at(rest[0]).pop(int(rest[1]))
    if _section(rest[0]) >= 0 and not any(name in names for names in zones.sections):
        zones.out.append(name)
    elif rest[0] == "panels":
        zones.unseen.append(name)


def _bring(zones: Zones, name: str, rest: list[str], _fields: Fields) -> None:
    zones.at(rest[0]).pop(int(rest[1]))
    target = zones.panels if rest[0] == "unseen" else zones.sections[-1]
    target.append(name)


def _add(zones: Zones, name: str, rest: list[str], fields: Fields) -> None:
    if name not in pool(fields.entity, fields, rest[0], zones):
        raise KeyError(name)
    zones.at(rest[0]).append(name)
    if _placing(rest[0]) and name in zones.out:
        zones.out.remove(name)


def _put(zones: Zones, name: str, rest: list[str], fields: Fields) -> None:
    """To a place in a zone, by hand: ``put|s0|2|s1|0``."""
    zone, at, to, place = rest[0], int(rest[1]), rest[2], int(rest[3])
    if zone != to and not (_placing(zone) and _placing(to)) and {zone, to} != {"panels", "unseen"}:
        raise KeyError(to)
    zones.at(zone).pop(at)
    if name not in zones.at(to):
        zones.at(to).insert(place, name)


def _placing(zone: str) -> bool:
    return zone == "out" or _section(zone) >= 0


_ITEMS = {"up": _up, "down": _down, "out": _take_out, "in": _bring, "add": _add, "put": _put}


def _new_section(plan: Plan, zones: Zones, fields: Fields, at: int) -> Plan:
    return replace(plan, sections=(*(plan.sections or ()), Section(_("New section"), ())))


def _moved(by: int) -> Callable[[Plan, Zones, Fields, int], Plan]:
    def move(plan: Plan, zones: Zones, fields: Fields, at: int) -> Plan:
        found = list(plan.sections or ())
        found.insert(max(at + by, 0), found.pop(at))
        return replace(plan, sections=tuple(found))

    return move


def _without(plan: Plan, zones: Zones, fields: Fields, at: int) -> Plan:
    """A section goes; its fields stay on the card, in the one before it, unless they stand elsewhere."""
    found = list(plan.sections or ())
    if len(found) < 2:
        return plan
    gone = found.pop(at)
    held = {name for each in found for name in each.fields}
    heir = max(at - 1, 0)
    left = tuple(name for name in gone.fields if name not in held)
    found[heir] = replace(found[heir], fields=(*found[heir].fields, *left))
    return replace(plan, sections=tuple(found))


_SECTIONS = {"section": _new_section, "section-up": _moved(-1), "section-down": _moved(1), "section-out": _without}


def reset(plan: Plan, part: str, standard: Plan) -> Plan:
    """One tab as it is by itself."""
    if part == CARD:
        return replace(plan, header=standard.header, sections=standard.sections, left_out=standard.left_out)
    if part == PANELS:
        return replace(plan, panels=standard.panels, panels_left_out=standard.panels_left_out)
    return replace(plan, forms=standard.forms) if part == FORMS else replace(plan, lists=standard.lists)
