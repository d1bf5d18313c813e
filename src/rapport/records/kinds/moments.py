import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from rapport.platform.clock import local_midnight, midnight, now, wire
from rapport.records.errors import Bad
from rapport.records.kinds.base import Kind, Place, Sql, blank

RELATIVE = ("in_last", "in_next", "this", "last", "next")
RANGE = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "is_empty", *RELATIVE)
UNITS = ("day", "week", "month", "quarter", "year")
# CRM history does not reach further; a year like 20217 is a slip of the keyboard.
EARLIEST, LATEST = 1000, 9998


def read_day(text: str, pattern: str | None) -> dt.date:
    """A date in ISO or in ``pattern`` (YYYY, YY, MM, DD and separators); raises ValueError."""
    if not pattern or pattern == "YYYY-MM-DD":
        day = dt.date.fromisoformat(text[:10])
        if len(text) > 10:
            dt.datetime.fromisoformat(text)
        return day
    return read_moment(text, pattern).date()


def read_moment(text: str, pattern: str) -> dt.datetime:
    """A moment (UTC) in ``pattern`` (YYYY, YY, MMM, MM, DD, HH, mm, ss and separators); raises ValueError."""
    code = pattern
    for word, sign in (
        ("YYYY", "%Y"),
        ("YY", "%y"),
        ("MMM", "%b"),
        ("MM", "%m"),
        ("DD", "%d"),
        ("HH", "%H"),
        ("mm", "%M"),
        ("ss", "%S"),
    ):
        code = code.replace(word, sign)
    return dt.datetime.strptime(text, code).replace(tzinfo=dt.UTC)


def add_months(day: dt.date, months: int) -> dt.date:
    """First day of the month ``months`` after that of ``day``; raises Bad beyond the calendar."""
    count = day.year * 12 + day.month - 1 + months
    if not EARLIEST <= count // 12 <= LATEST:
        raise Bad(_("The year %(year)s cannot be meant.") % {"year": count // 12}, "range")
    return dt.date(count // 12, count % 12 + 1, 1)


def period(day: dt.date, unit: str, shift: int) -> tuple[dt.date, dt.date]:
    """First day of the period of ``day`` shifted by ``shift``, and first day of the next one. Weeks start on Monday."""
    if unit == "day":
        start = day + dt.timedelta(days=shift)
        return start, start + dt.timedelta(days=1)
    if unit == "week":
        start = day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=shift)
        return start, start + dt.timedelta(weeks=1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
    return add_months(first, shift * months), add_months(first, (shift + 1) * months)


def relative(op: str, value: Any, today: dt.date) -> tuple[dt.date, dt.date]:
    """The half-open range of days of "in the last 30 days", "this quarter" … as of ``today``."""
    if op in ("in_last", "in_next"):
        if not isinstance(value, dict):
            value = {"n": value, "unit": "day"}
        unit, n = value.get("unit", "day"), value.get("n")
        if unit not in UNITS or not isinstance(n, int) or isinstance(n, bool) or not 0 < n < 4000:
            raise Bad(_("Give a number and a unit: day, week, month, quarter or year."))
        days = {"day": 1, "week": 7}.get(unit)
        if days:
            step = dt.timedelta(days=days * n)
        else:
            months = {"month": 1, "quarter": 3, "year": 12}[unit] * n
            other = add_months(today, -months if op == "in_last" else months)
            last = (add_months(other, 1) - dt.timedelta(days=1)).day
            step = abs(today - other.replace(day=min(today.day, last)))
        one = dt.timedelta(days=1)
        return (today - step + one, today + one) if op == "in_last" else (today, today + step)
    if value not in UNITS:
        raise Bad(_("Give a unit: day, week, month, quarter or year."))
    return period(today, value, {"this": 0, "last": -1, "next": 1}[op])


class DayKind(Kind):
    """A date."""

    name = "date"
    slot = "moment"
    ops = RANGE

    def parse(self, value: Any, place: Place) -> dt.date | None:
        if blank(value):
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        try:
            day = read_day(str(value).strip(), place.dates)
        except ValueError as error:
            form = place.dates or "YYYY-MM-DD"
            raise Bad(_("“%(value)s” is not a date (%(form)s).") % {"value": str(value)[:40], "form": form}) from error
        if not EARLIEST <= day.year <= LATEST:
            raise Bad(_("The year %(year)s cannot be meant.") % {"year": day.year}, "range")
        return day

    def operand(self, value: Any, place: Place) -> Any:
        day = place.today if value == "today" else self.parse(value, place)
        return day if day is None or not place.sqlite else day.isoformat()

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if op in RELATIVE:
            low, high = relative(op, value, place.today)
            ends = [low.isoformat(), high.isoformat()] if place.sqlite else [low, high]
            return f"({column} >= %s AND {column} < %s)", ends
        return super().where(column, op, value, place)

    def unslotted(self, column: str, place: Place) -> str:
        return f"substr({column}, 1, 10)" if place.sqlite else f"({column} AT TIME ZONE 'UTC')::date"

    def json_sql(self, column: str, place: Place) -> str:
        return column if place.sqlite else f"to_char({column}, 'YYYY-MM-DD')"

    def wire(self, value: Any, place: Place) -> Any:
        return None if value is None else value.isoformat()


class MomentKind(Kind):
    """A moment, stored in UTC."""

    name = "moment"
    slot = "moment"
    ops = RANGE

    def parse(self, value: Any, place: Place) -> dt.datetime | None:
        if blank(value):
            return None
        if isinstance(value, dt.datetime):
            moment = value
        else:
            text = str(value).strip()
            try:
                if place.dates and place.dates != "YYYY-MM-DD":
                    moment = read_moment(text, place.dates)
                else:
                    moment = midnight(read_day(text, None)) if len(text) == 10 else dt.datetime.fromisoformat(text)
            except ValueError as error:
                raise Bad(_("“%(value)s” is not a moment (2026-11-21T09:30:00Z).") % {"value": text[:40]}) from error
        if not EARLIEST <= moment.year <= LATEST:
            raise Bad(_("The year %(year)s cannot be meant.") % {"year": moment.year}, "range")
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)

    def operand(self, value: Any, place: Place) -> Any:
        if value == "today":
            return self.column_value(local_midnight(place.today, place.zone), place)
        moment = now() if value == "now" else self.parse(value, place)
        return None if moment is None else self.column_value(moment, place)

    def column_value(self, moment: dt.datetime, place: Place) -> Any:
        """The moment as this database's column compares it."""
        return moment.replace(tzinfo=None).isoformat(" ") if place.sqlite else moment

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if op in RELATIVE:
            days = relative(op, value, place.today)
            low, high = (self.column_value(local_midnight(day, place.zone), place) for day in days)
            return f"({column} >= %s AND {column} < %s)", [low, high]
        return super().where(column, op, value, place)

    def json_sql(self, column: str, place: Place) -> str:
        if place.sqlite:
            return f"substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || 'Z'"
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

    def wire(self, value: Any, place: Place) -> Any:
        return wire(value)


def local_input(text: str, zone: str) -> dt.datetime:
    """A moment typed without a zone, read where the person is."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
