"""The time zones of the tz database, as a kind of value."""

import functools
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from rapport.platform.clock import known_zone
from rapport.records import kinds
from rapport.records.errors import Bad
from rapport.records.kinds import Place
from rapport.records.kinds.base import blank

# Where people live: what the database holds beside is kept for old files.
PARTS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


class ZoneKind(kinds.ChoiceKind):
    """A time zone by its name (``Europe/Riga``)."""

    def __init__(self) -> None:
        self.ranked = False
        self._labels = {}
        self._by_word = {}

    @functools.cached_property
    def choices(self) -> tuple[tuple[str, Any], ...]:  # type: ignore[override]
        names = sorted(name for name in available_timezones() if name.startswith(PARTS))
        return tuple((name, name.replace("_", " ")) for name in ("UTC", *names))

    def parse(self, value: Any, place: Place) -> str | None:
        if blank(value):
            return None
        if not known_zone(str(value)):
            raise Bad(_("“%(value)s” is not a time zone (such as Europe/Riga).") % {"value": str(value)[:60]}, "choice")
        return str(value)
