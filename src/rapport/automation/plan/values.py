"""What a step writes: a fixed value, one copied from the record, a date counted from now, a text with gaps.

A fixed value stands as it is. The others are objects: ``{"of": "party.owner"}``, ``{"in": {"n": 3, "unit": "day"},
"at": "09:00", "of": "close_on"}`` (from now unless ``of`` names a date), ``{"text": "Call {name}"}``.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from rapport.automation.plan.checking import LONGEST_TEXT, Checker
from rapport.records import kinds
from rapport.records.entity import Field
from rapport.records.errors import Bad
from rapport.records.kinds.texts import LongTextKind, TextKind

GAP = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
TEXTS = (TextKind, LongTextKind)
TIMES = (kinds.DayKind, kinds.MomentKind)
SHAPES = ({"of"}, {"in"}, {"in", "at"}, {"in", "of"}, {"in", "at", "of"}, {"text"})


def shape_of(value: Any) -> str:
    """``fixed``, ``of``, ``in`` or ``text``."""
    if not isinstance(value, dict) or set(value) not in SHAPES:
        return "fixed"
    return "text" if "text" in value else "in" if "in" in value else "of"


def gaps(text: str) -> list[str]:
    """The fields that a text names in braces."""
    return list(dict.fromkeys(GAP.findall(text)))


def check(checker: Checker, value: Any, known: Field | None, at: str = "") -> None:
    """Whether ``known`` can take what ``value`` gives; a verb's argument that is no field takes anything."""
    shape = shape_of(value)
    if shape == "text":
        check_text(checker, value["text"], at)
        if known and not isinstance(known.kind, TEXTS):
            checker.wrong(_("Only a text can be written with gaps."), "type", at)
    elif shape == "in":
        checker.span(value["in"], at, backwards=True)
        checker.clock(value.get("at"), at)
        source = checker.path(value["of"], at) if value.get("of") else None
        if (known and not isinstance(known.kind, TIMES)) or (source and not isinstance(source.kind, TIMES)):
            checker.wrong(_("Only a date can be counted from another."), "type", at)
    elif shape == "of":
        source = checker.path(value["of"], at)
        if known and source and not fits(known, source):
            words = {"from": source.heading, "to": known.heading}
            checker.wrong(_("“%(to)s” cannot take what “%(from)s” holds.") % words, "type", at)
    elif known:
        _check_fixed(checker, value, known, at)


def check_text(checker: Checker, text: Any, at: str = "") -> None:
    """A text whose gaps name fields of the record."""
    if not isinstance(text, str) or not text.strip():
        checker.needed(at)
    elif len(text) > LONGEST_TEXT:
        checker.wrong(_("At most %(n)s characters.") % {"n": LONGEST_TEXT}, "too_long", at)
    else:
        for path in gaps(text):
            checker.path(path, at)


def _check_fixed(checker: Checker, value: Any, known: Field, at: str) -> None:
    try:
        parsed = known.kind.parse(value, checker.place)
    except Bad as bad:
        checker.wrong(bad, bad.code, at)
        return
    if parsed in (None, "", []) and known.required:
        checker.needed(at)


def fits(known: Field, source: Field) -> bool:
    """Whether a field can take what another holds."""
    if isinstance(known.kind, kinds.AboutKind):
        return source.relation is not None
    if known.relation or source.relation:
        return known.relation == source.relation or (not known.relation and isinstance(known.kind, TEXTS))
    if isinstance(known.kind, TIMES):
        return isinstance(source.kind, TIMES)
    if isinstance(known.kind, kinds.ChoiceKind):
        return source.kind.name == known.kind.name
    numbers = ("number", "decimal", "money", "amount")
    if known.kind.name in numbers:
        return source.kind.name in numbers
    return isinstance(known.kind, TEXTS) or known.kind.name == source.kind.name
