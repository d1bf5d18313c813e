"""The quick picks of a due date, and what a form means by them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.interactions.phrases import DAY_ENDS
from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records.errors import Invalid
from rapport.records.kinds.moments import local_input

PICKS = (
    ("today", _("Today")), ("tomorrow", _("Tomorrow")), ("monday", _("Next Monday")), ("week", _("In a week")),
)  # fmt: skip
REMINDERS = (
    ("10m", _("10 minutes before")), ("1h", _("1 hour before")), ("1d", _("1 day before")), ("at9", _("At 9 that day")),
)  # fmt: skip
BEFORE = {"10m": dt.timedelta(minutes=10), "1h": dt.timedelta(hours=1), "1d": dt.timedelta(days=1)}


def here() -> dt.datetime:
    """This moment where the person is, without a zone."""
    return now().astimezone(ZoneInfo(current().time_zone)).replace(tzinfo=None)


def utc(local: dt.datetime) -> dt.datetime:
    """A moment of the person's own clock."""
    return local.replace(tzinfo=ZoneInfo(current().time_zone)).astimezone(dt.UTC)


def picked(pick: str, typed: str) -> dt.datetime | None:
    """The moment that a pick or a typed date and time mean; the typed one counts. A pick means the end of the day."""
    if typed:
        try:
            return local_input(typed, current().time_zone)
        except ValueError as error:
            raise Invalid.at("due_at", gettext("Give a date and a time.")) from error
    today = here().date()
    days = {"today": 0, "tomorrow": 1, "monday": 7 - today.weekday(), "week": 7}.get(pick)
    return None if days is None else utc(dt.datetime.combine(today + dt.timedelta(days=days), DAY_ENDS))


def reminder(choice: str, due: dt.datetime | None) -> dt.datetime | None:
    """When to remind of what is ``due``."""
    if due is None or not choice:
        return None
    if choice == "at9":
        local = due.astimezone(ZoneInfo(current().time_zone)).replace(tzinfo=None)
        return utc(dt.datetime.combine(local.date(), dt.time(9)))
    return due - BEFORE[choice] if choice in BEFORE else None
