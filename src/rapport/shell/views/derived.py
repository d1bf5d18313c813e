"""What is worked out of a fact when it is shown: the age, the clock there, the size of a firm."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform.clock import now
from rapport.shell.outcomes import OUTCOMES
from rapport.ui import formats

SIZES = ((10, "micro"), (50, "small"), (250, "medium"))


def local_time(zone: str, _record: Mapping[str, Any]) -> str:
    """A time zone with what the clock says there."""
    clock = now().astimezone(ZoneInfo(zone)).strftime("%H:%M")
    return _("%(time)s there · %(zone)s") % {"time": clock, "zone": zone.rpartition("/")[2].replace("_", " ")}


def age(born: str, _record: Mapping[str, Any]) -> str:
    """A birthday with the age in whole years."""
    day, today = dt.date.fromisoformat(born), now().date()
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return _("%(day)s · %(years)s years") % {"day": formats.day(born), "years": years}


def size(employees: int, _record: Mapping[str, Any]) -> str:
    """A number of employees with what such a firm is called."""
    words = {"micro": _("micro"), "small": _("small"), "medium": _("medium"), "large": _("large")}
    word = next((word for most, word in SIZES if employees < most), "large")
    return f"{formats.number(employees)} · {words[word]}"


def outcome(code: str, _record: Mapping[str, Any]) -> str:
    """How a call ended."""
    return str(OUTCOMES.get(code, code))


def duration(seconds: int, _record: Mapping[str, Any]) -> str:
    """How long a call or a meeting took."""
    return formats.duration(seconds)


def every(count: int, record: Mapping[str, Any]) -> str:
    """How often a series comes back: "2 weeks"."""
    words = {
        "daily": ngettext("%(n)s day", "%(n)s days", count), "weekdays": ngettext("%(n)s day", "%(n)s days", count),
        "weekly": ngettext("%(n)s week", "%(n)s weeks", count),
        "monthly": ngettext("%(n)s month", "%(n)s months", count),
        "quarterly": ngettext("%(n)s quarter", "%(n)s quarters", count),
        "yearly": ngettext("%(n)s year", "%(n)s years", count),
    }  # fmt: skip
    return words.get(str(record.get("recurrence")), "%(n)s") % {"n": count}


BY_FIELD: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "time_zone": local_time, "birth_on": age, "employees": size, "outcome": outcome, "duration_s": duration,
    "recurs_every": every,
}  # fmt: skip
