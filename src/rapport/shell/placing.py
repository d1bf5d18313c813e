"""Territories in words: what a rule asks, why a record lies where it lies, who came and went."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform.identity import territories
from rapport.records import registry
from rapport.records.entity import Entity
from rapport.records.territories.rules import home
from rapport.shell.lists import sayings


def in_words(tree: Any) -> str:
    """A rule, also as it is stored, as a sentence: ``Country is Germany and Industry is Chemistry``."""
    if not tree:
        return ""
    tree = orjson.loads(tree) if isinstance(tree, str) else tree
    entity = home()
    said = sayings.sentence(entity, tree, sayings.titles_of(entity, tree))
    return said[1:-1] if said.startswith("(") and said.endswith(")") and said.count("(") == 1 else said


def idle(entity: Entity, name: str) -> bool:
    """Whether a field says nothing to anybody, as nobody has made a territory."""
    return bool(entity.territory) and name == "territory" and not territories.held()


def why(entity: Entity, record: Mapping[str, Any]) -> str:
    """Why a record lies in the territory it lies in."""
    if entity.territory != "own":
        return _("As %(what)s") % {"what": str(entity.every[entity.territory].heading).lower()}
    if record.get("territory_fixed"):
        return _("By hand: no rule moves it. Clear it, and the rules decide again.")
    value = record.get("territory")
    place = territories.held().get(value["id"] if isinstance(value, Mapping) else str(value))
    if place is None or place.rule is None:
        return _("By a rule")
    return _("By rule: %(rule)s") % {"rule": in_words(place.rule)}


def told_people(before: Iterable[str], after: Iterable[str]) -> list[dict[str, Any]]:
    """The line of a history that says who worked a territory and who does."""
    was, now = set(before), set(after)
    names = sayings.titles(registry.get("user"), sorted(was | now))
    told = (", ".join(sorted(names.get(key, "…") for key in each)) for each in (was, now))
    return [{"label": _("People"), "before": _text(next(told)), "after": _text(next(told))}]


def _text(value: str) -> dict[str, Any]:
    return {"kind": "text", "value": value, "shown": value, "name": "people"}
