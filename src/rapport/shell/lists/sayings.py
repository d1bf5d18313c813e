"""Conditions in words: "Role is any of Customer, Supplier", "Last contact in the last 60 days"."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.platform.identity import snapshot
from rapport.records import kinds, read, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import Problem
from rapport.records.read import Query
from rapport.shell.lists.conditions import Asked, asked_of, family, known_as
from rapport.shell.lists.state import among
from rapport.shell.lists.tree import is_condition
from rapport.ui import formats

Titles = Mapping[str, str]
FEW = 3
SAID: dict[str, Any] = {
    "contains": gettext_lazy("contains"), "not_contains": gettext_lazy("does not contain"),
    "starts_with": gettext_lazy("starts with"), "eq": gettext_lazy("is"), "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is any of"), "not_in": gettext_lazy("is none of"), "has_any": gettext_lazy("is any of"),
    "has": gettext_lazy("has all of"), "has_none": gettext_lazy("is none of"), "has_not": gettext_lazy("lacks"),
    "gt": gettext_lazy("is more than"), "gte": gettext_lazy("is at least"), "lt": gettext_lazy("is less than"),
    "lte": gettext_lazy("is at most"), "between": gettext_lazy("is between"),
    "in_last": gettext_lazy("in the last"), "in_next": gettext_lazy("in the next"), "this": gettext_lazy("is in this"),
    "last": gettext_lazy("was in the last full"), "next": gettext_lazy("is in the next full"),
    "empty": gettext_lazy("is empty"), "filled": gettext_lazy("is filled"), "me": gettext_lazy("is me"),
    "my_team": gettext_lazy("is in my team"), "yes": gettext_lazy("yes"), "no": gettext_lazy("no"),
    "today": gettext_lazy("is today"), "past": gettext_lazy("is before today"),
}  # fmt: skip
SAID_OF_TIME: dict[str, Any] = {
    "lt": gettext_lazy("is before"), "gt": gettext_lazy("is after"), "lte": gettext_lazy("is until"),
    "gte": gettext_lazy("is from"), "eq": gettext_lazy("is on"),
}  # fmt: skip
# Those whose last word is the value of the chip: "Owner | is | me".
_PARTED = {
    "empty": (gettext_lazy("is"), gettext_lazy("empty")), "filled": (gettext_lazy("is"), gettext_lazy("filled")),
    "me": (gettext_lazy("is"), gettext_lazy("me")), "my_team": (gettext_lazy("is in"), gettext_lazy("my team")),
    "yes": ("", gettext_lazy("yes")), "no": ("", gettext_lazy("no")),
    "today": (gettext_lazy("is"), gettext_lazy("today")), "past": (gettext_lazy("is before"), gettext_lazy("today")),
}  # fmt: skip
_PERIODS: dict[str, dict[Any, Any]] = {
    "this": {"day": gettext_lazy("today"), "week": gettext_lazy("this week"), "month": gettext_lazy("this month"),
             "quarter": gettext_lazy("this quarter"), "year": gettext_lazy("this year")},
    "last": {"day": gettext_lazy("yesterday"), "week": gettext_lazy("last week"), "month": gettext_lazy("last month"),
             "quarter": gettext_lazy("last quarter"), "year": gettext_lazy("last year")},
    "next": {"day": gettext_lazy("tomorrow"), "week": gettext_lazy("next week"), "month": gettext_lazy("next month"),
             "quarter": gettext_lazy("next quarter"), "year": gettext_lazy("next year")},
}  # fmt: skip


def comparison(known: Field, code: str) -> str:
    """A comparison in the words of its kind."""
    timely = isinstance(known.kind, kinds.DayKind | kinds.MomentKind)
    return str((SAID_OF_TIME.get(code) if timely else None) or SAID.get(code, code))


def said(entity: Entity, condition: Any, titles: Titles) -> tuple[str, str, str]:
    """(What, how, which) of a condition; a deeper tree is one sentence in the first part. Never fails."""
    if not is_condition(condition):
        return sentence(entity, condition, titles), "", ""
    try:
        asked = asked_of(entity, condition)
        known, label = known_as(entity, asked.field)
    except Problem:
        return str(condition.get("field", "?"))[:60], "", "?"
    if asked.code in _PARTED:
        op, value = _PARTED[asked.code]
        return label, str(op), str(value)
    if asked.code in _PERIODS:
        unit = asked.values[0] if asked.values else ""
        return label, _("is"), str(_PERIODS[asked.code].get(unit, unit))
    code = asked.code or str(condition.get("op", "eq"))
    if known.name == "team" and code in ("eq", "in") and asked.values and _are_queues(asked.values):
        return _("Waits in"), "", _values(known, asked, code, titles)
    return label, comparison(known, code), _values(known, asked, code, titles)


def _are_queues(values: Iterable[Any]) -> bool:
    """True when all of these are queues: what has one for its team waits there."""
    queues = snapshot.held().queues
    return all(_key(each) in queues for each in values)


def _values(known: Field, asked: Asked, code: str, titles: Titles) -> str:
    if code in ("in_last", "in_next") and asked.values:
        unit = asked.values[1] if len(asked.values) > 1 else "day"
        return _span(asked.values[0], str(unit))
    words = [word(known, value, titles) for value in asked.values]
    if code == "between" and len(words) == 2:
        return _("%(low)s and %(high)s") % {"low": words[0], "high": words[1]}
    if len(words) > FEW:
        return f"{', '.join(words[:2])} +{len(words) - 2}"
    return ", ".join(words)


def _span(n: Any, unit: str) -> str:
    count = n if isinstance(n, int) else 0
    return {
        "day": ngettext("%(n)s day", "%(n)s days", count),
        "week": ngettext("%(n)s week", "%(n)s weeks", count),
        "month": ngettext("%(n)s month", "%(n)s months", count),
        "quarter": ngettext("%(n)s quarter", "%(n)s quarters", count),
        "year": ngettext("%(n)s year", "%(n)s years", count),
    }.get(unit, "%(n)s") % {"n": n}


def word(known: Field, value: Any, titles: Titles) -> str:
    if value is None or value == "":
        return _("nothing")
    text = str(value)
    if known.relation:
        return _("me") if text == "me" else titles.get(text.replace("-", ""), _("someone or something unseen"))
    if isinstance(known.kind, kinds.ChoiceKind):
        return known.kind.label(text)
    if isinstance(known.kind, kinds.DayKind | kinds.MomentKind):
        return _day(text)
    if isinstance(known.kind, kinds.MoneyKind | kinds.NumberKind):
        return formats.number(value)
    return formats.country(text) if isinstance(known.kind, kinds.CountryKind) else text


def _day(text: str) -> str:
    try:
        return formats.day(text)
    except ValueError:
        return text


def sentence(entity: Entity, tree: Any, titles: Titles) -> str:
    """A whole tree in words."""
    if not isinstance(tree, dict):
        return "?"
    for word, between in (("and", _("and")), ("or", _("or"))):
        if isinstance(tree.get(word), list):
            return "(" + f" {between} ".join(sentence(entity, part, titles) for part in tree[word]) + ")"
    if "not" in tree and not is_condition(tree):
        return _("not %(what)s") % {"what": sentence(entity, tree["not"], titles)}
    return " ".join(filter(None, said(entity, tree, titles))) if is_condition(tree) else "?"


def titles_of(entity: Entity, tree: Any) -> dict[str, str]:
    """The titles of the records that a filter names, as far as the reader may see them."""
    named: dict[str, set[str]] = {}
    for condition in _conditions(tree):
        try:
            known, _label = known_as(entity, str(condition.get("field")))
        except Problem:
            continue
        if known.relation and family(known):
            value = condition.get("value")
            given = value if isinstance(value, list) else [value]
            keys = {key for each in given if (key := _key(each))}
            named.setdefault(known.relation, set()).update(keys)
    found: dict[str, str] = {}
    for key, keys in named.items():
        if keys:
            found |= titles(registry.get(key), sorted(keys)[:200])
    return found


def titles(related: Entity, keys: list[str]) -> dict[str, str]:
    """Titles of records by id, within the reader's scope."""
    query = Query(related, fields=(related.title,), limit=200)
    among(query, keys)
    query.sort = ("created_at",)
    try:
        return {row["id"]: row[related.title] or "" for row in read.page(query).items()}
    except Problem:
        return {}


def _key(value: Any) -> str:
    text = str(value).replace("-", "").lower()
    return text if len(text) == 32 and all(letter in "0123456789abcdef" for letter in text) else ""


def _conditions(tree: Any) -> Iterable[dict[str, Any]]:
    if not isinstance(tree, dict):
        return
    for word in ("and", "or"):
        for part in tree[word] if isinstance(tree.get(word), list) else []:
            yield from _conditions(part)
    if "not" in tree:
        yield from _conditions(tree["not"])
    if isinstance(tree.get("field"), str):
        yield tree
