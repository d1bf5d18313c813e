"""The editor of one condition: which comparisons a kind offers, what they ask for, and the condition they make."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as slot
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records import kinds, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery

Item = dict[str, Any]
UNITS = (
    ("day", gettext_lazy("days")), ("week", gettext_lazy("weeks")), ("month", gettext_lazy("months")),
    ("quarter", gettext_lazy("quarters")), ("year", gettext_lazy("years")),
)  # fmt: skip
MANY = 50
# family -> comparisons, each with what it asks for: several values, one, two, a span of time, a period, or nothing.
_EMPTY = (("empty", "none"), ("filled", "none"))
_TIMES = (
    ("in_last", "span"), ("in_next", "span"), ("this", "period"), ("last", "period"), ("next", "period"),
    ("lt", "day"), ("gt", "day"), ("between", "days"), *_EMPTY,
)  # fmt: skip
OFFERED: dict[str, tuple[tuple[str, str], ...]] = {
    "text": (("contains", "one"), ("eq", "one"), ("ne", "one"), ("starts_with", "one"), ("not_contains", "one"),
             *_EMPTY),
    "long_text": (("contains", "one"), ("not_contains", "one"), *_EMPTY),
    "choice": (("in", "several"), ("not_in", "several"), *_EMPTY),
    "multi_choice": (("has_any", "several"), ("has", "several"), ("has_none", "several"), *_EMPTY),
    "tags": (("in", "several"), ("not_in", "several"), *_EMPTY),
    "relation": (("in", "several"), ("not_in", "several"), *_EMPTY),
    "person": (("in", "several"), ("me", "none"), ("my_team", "none"), ("not_in", "several"), *_EMPTY),
    "team": (("in", "several"), ("my_team", "none"), ("not_in", "several"), *_EMPTY),
    "number": (("gte", "one"), ("lte", "one"), ("between", "two"), ("eq", "one"), ("ne", "one"), *_EMPTY),
    "date": (*_TIMES[:-2], ("today", "none"), ("past", "none"), *_EMPTY),
    "moment": _TIMES,
    "yes_no": (("yes", "none"), ("no", "none")),
    "filter": _EMPTY,
}  # fmt: skip
_FIXED: dict[str, Item] = {
    "empty": {"op": "is_empty", "value": True}, "filled": {"op": "is_empty", "value": False},
    "me": {"op": "eq", "value": "me"}, "yes": {"op": "eq", "value": True}, "no": {"op": "eq", "value": False},
    "today": {"op": "eq", "value": "today"}, "past": {"op": "lt", "value": "today"},
}  # fmt: skip


def family(known: Field) -> str:
    """The kind as far as comparisons go; empty where nothing can be asked."""
    kind = known.kind
    if isinstance(kind, kinds.RelationKind):
        return {"user": "person", "team": "team"}.get(kind.to, "relation")
    if isinstance(kind, kinds.MoneyKind | kinds.NumberKind | kinds.DecimalKind | kinds.AmountKind):
        return "number"
    if kind.name in OFFERED:
        return kind.name
    return "text" if isinstance(kind, kinds.TextKind) else ""


def known_as(entity: Entity, name: str) -> tuple[Field, str]:
    """A field, own or of a related record, with how people call it; raises BadQuery."""
    known, rest = entity.step(name)
    labels = [known.heading]
    while rest:
        if not known.relation:
            raise BadQuery(_("“%(name)s” is no field of this list.") % {"name": name})
        known, rest = registry.get(known.relation).step(rest)
        labels.append(known.heading)
    return known, " › ".join(labels)


@dataclass(slots=True)
class Asked:
    """What a condition asks, as its editor shows it."""

    field: str
    code: str = ""
    values: list[Any] = slot(default_factory=list)


def asked_of(entity: Entity, condition: Item) -> Asked:
    """A condition as the editor takes it; ``code`` is empty where the editor has no words for it."""
    if "not" in condition:
        inner = condition["not"]
        return Asked(inner["field"], "has_none", _listed(inner.get("value")))
    name, op, value = condition["field"], condition.get("op", "eq"), condition.get("value")
    first, _dot, rest = name.rpartition(".")
    if rest == "team" and value == "my_team" and first in entity.fields and entity.fields[first].relation == "user":
        return Asked(first, "my_team")
    known, _label = known_as(entity, name)
    offered = dict(OFFERED.get(family(known), ()))
    if op == "is_empty":
        return Asked(name, "filled" if value is False else "empty")
    if value == "my_team":
        return Asked(name, "my_team")
    for code, fixed in _FIXED.items():
        if code in offered and fixed == {"op": op, "value": value}:
            return Asked(name, code)
    if op in ("eq", "ne") and op not in offered:
        op = {"eq": "in", "ne": "not_in"}[op] if "in" in offered else "has_any" if "has_any" in offered else op
    if op in ("in", "not_in", "has", "has_any") and op in offered:
        return Asked(name, op, _listed(value))
    return Asked(name, op if op in offered else "", _listed(value))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value.get("n"), value.get("unit", "day")]
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def condition_of(entity: Entity, name: str, code: str, given: Mapping[str, list[str]]) -> Item:
    """The condition that a filled editor makes; raises BadQuery at what is missing."""
    known, _label = known_as(entity, name)
    offered = dict(OFFERED.get(family(known), ()))
    if code not in offered:
        raise BadQuery(_("Choose a comparison."))
    if code == "my_team":
        return {"field": name if known.relation == "team" else f"{name}.team", "op": "eq", "value": "my_team"}
    if code in _FIXED:
        return {"field": name, **_FIXED[code]}
    value = _value(offered[code], given, isinstance(known.kind, kinds.MomentKind))
    if code == "has_none":
        return {"not": {"field": name, "op": "has_any", "value": value}}
    return {"field": name, "op": code, "value": value}


def _value(shape: str, given: Mapping[str, list[str]], moment: bool) -> Any:
    def one(part: str) -> str:
        return next((each.strip() for each in given.get(part, []) if each.strip()), "")

    if shape == "several":
        chosen = list(dict.fromkeys(each for each in given.get("value", []) if each))
        if not chosen:
            raise BadQuery(_("Choose at least one."))
        return chosen[:MANY]
    if shape == "span":
        if not one("n").isdecimal() or not 0 < int(one("n")) < 4000:
            raise BadQuery(_("Give a whole number, such as 30."))
        return {"n": int(one("n")), "unit": one("unit") or "day"}
    if shape == "period":
        return one("period") or "month"
    if shape in ("two", "days"):
        low, high = one(f"low_{shape}"), one(f"high_{shape}")
        if not low or not high:
            raise BadQuery(_("Give both ends."))
        return [low, f"{high}T23:59:59Z" if moment else high]
    text = one(shape)
    if not text:
        raise BadQuery(_("Give a day.") if shape == "day" else _("Give a value."))
    if shape == "day":
        _check_day(text)
    return text


def _check_day(text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(_("“%(text)s” is no date.") % {"text": text[:40]}) from error
