"""The looking over of a plan: everything it names must be there, for whoever writes it; each problem at its place."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.records import kinds
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.filters import Joins, compile_filter

UNITS = ("minute", "hour", "day", "week", "month")
MOST_STEPS, LONGEST_TEXT = 30, 4000
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


@dataclass(slots=True)
class Checker:
    """Gathers what is wrong with a plan about records of ``entity``; ``at``: where in the plan it looks."""

    entity: Entity
    actor: Actor
    place: kinds.Place
    errors: list[dict[str, str]] = field(default_factory=list)
    at: list[str] = field(default_factory=list)

    @contextmanager
    def within(self, *names: str | int) -> Iterator[None]:
        """Look at a part of it."""
        self.at += [str(name) for name in names]
        yield
        del self.at[-len(names) :]

    def wrong(self, message: Any, code: str = "invalid", at: str = "") -> None:
        """Note a problem at the place that is looked at, or a part of it."""
        where = ".".join([*self.at, *([at] if at else [])])
        self.errors.append({"field": where, "code": code, "message": str(message)})

    def needed(self, at: str = "") -> None:
        """Note that something is missing."""
        self.wrong(_("This is needed."), "required", at)

    def object(self, given: Any, at: str) -> dict[str, Any]:
        """``given`` when it is an object."""
        if isinstance(given, dict):
            return given
        self.wrong(_("This is an object in braces."), "type", at)
        return {}

    def listed(self, given: Any, at: str) -> list[Any]:
        """``given`` when it is a list, or nothing."""
        if given is None or isinstance(given, list):
            return given or []
        self.wrong(_("This is a list in brackets."), "type", at)
        return []

    def path(self, path: Any, at: str = "") -> Field | None:
        """The field that ``path`` reaches from the record; None, and a problem, when there is none."""
        if not path:
            self.needed(at)
            return None
        try:
            return Joins(self.entity, self.actor).column(str(path))[1]
        except (BadQuery, KeyError) as problem:
            self.wrong(getattr(problem, "detail", problem), "unknown_field", at)
            return None

    def field(self, entity: Entity, name: Any, at: str = "") -> Field | None:
        """A field of ``entity`` that may be written; None, and a problem, when there is none."""
        known = entity.fields.get(str(name or ""))
        if not name:
            self.needed(at)
        elif known is None:
            words = {"entity": entity.label_plural, "name": name}
            self.wrong(_("%(entity)s have no field “%(name)s”.") % words, "unknown_field", at)
        elif known.read_only:
            self.wrong(_("“%(name)s” is kept by Rapport.") % {"name": known.heading}, "read_only", at)
        else:
            return known
        return None

    def filter(self, tree: Any, at: str, *, needed: bool = False) -> None:
        """A condition on the record."""
        if not tree:
            if needed:
                self.needed(at)
            return
        try:
            compile_filter(tree, Joins(self.entity, self.actor), self.place)
        except (BadQuery, KeyError) as problem:
            self.wrong(getattr(problem, "detail", problem), "filter", at)

    def span(self, given: Any, at: str, *, backwards: bool = False) -> None:
        """A length of time: ``{"n": 3, "unit": "day"}``."""
        span = given if isinstance(given, dict) else {}
        n = span.get("n")
        if span.get("unit") not in UNITS or not isinstance(n, int) or isinstance(n, bool) or abs(n) > 4000:
            self.wrong(_("Give a whole number and a unit."), "span", at)
        elif n < 0 and not backwards:
            self.wrong(_("Give a number from 0 on."), "span", at)

    def clock(self, given: Any, at: str) -> None:
        """A time of day, when there is one."""
        if given not in (None, "") and not is_clock(given):
            self.wrong(_("Give a time of day such as 09:00."), "clock", at)


def is_clock(text: Any) -> bool:
    """Whether this is a time of day, ``09:00``."""
    return isinstance(text, str) and CLOCK.fullmatch(text) is not None
