"""When a recurring task is due next."""

import datetime as dt
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, TH, TU, WE, WEEKLY, rrule
from django.utils.translation import gettext_lazy as _

NONE = "none"
RECURRENCES = (
    (NONE, _("Does not repeat")), ("daily", _("Daily")), ("weekdays", _("On weekdays")), ("weekly", _("Weekly")),
    ("monthly", _("Monthly")), ("quarterly", _("Quarterly")), ("yearly", _("Yearly")),
)  # fmt: skip
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
WEEKDAYS = (MO, TU, WE, TH, FR)


def anchor(recurrence: str, due: dt.datetime, zone: str) -> int | None:
    """The day that a series keeps to: of the week (1 is Monday) or of the month; None where every day is alike."""
    day = due.astimezone(ZoneInfo(zone))
    if recurrence == "weekly":
        return day.isoweekday()
    return day.day if recurrence in MONTHS else None


def following(
    recurrence: str, every: int, day: int | None, due: dt.datetime, after: dt.datetime, zone: str
) -> dt.datetime | None:
    """The first occurrence later than both ``due`` and ``after``, at the same time of day where the person is.

    ``day`` is what :func:`anchor` gave: a series on the 31st falls on the last day of shorter months. None: the
    calendar ends before.
    """
    here = ZoneInfo(zone)
    start = due.astimezone(here).replace(tzinfo=None)
    past = max(start, after.astimezone(here).replace(tzinfo=None))
    found = _rule(recurrence, every, day, start).after(past)
    return found.replace(tzinfo=here).astimezone(dt.UTC) if found else None


def _rule(recurrence: str, every: int, day: int | None, start: dt.datetime) -> rrule:
    if recurrence == "daily":
        return rrule(DAILY, dtstart=start, interval=every)
    if recurrence == "weekdays":
        return rrule(DAILY, dtstart=start, byweekday=WEEKDAYS)
    if recurrence == "weekly":
        first = min(day or start.isoweekday(), 7)
        monday = start - dt.timedelta(days=start.weekday())
        return rrule(WEEKLY, dtstart=monday, interval=every, byweekday=first - 1)
    last = day or start.day
    days = range(min(last, 28), last + 1)
    # From the first of the month, so that a due date that was put off for once does not shift the series.
    return rrule(
        MONTHLY, dtstart=start.replace(day=1), interval=every * MONTHS[recurrence], bymonthday=days, bysetpos=-1
    )
