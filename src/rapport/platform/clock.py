"""Time: moments are UTC, dates are dates."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones


def now() -> dt.datetime:
    """This moment in UTC, to the millisecond."""
    moment = dt.datetime.now(dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today(zone: str = "UTC") -> dt.date:
    """Today's date where the reader is."""
    return dt.datetime.now(ZoneInfo(zone)).date()


def wire(moment: dt.datetime | None) -> str | None:
    """RFC 3339 with Z, whole seconds."""
    return None if moment is None else moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight(day: dt.date) -> dt.datetime:
    """The first moment (UTC) of a date."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def local_midnight(day: dt.date, zone: str) -> dt.datetime:
    """The first moment (in UTC) of a date where the reader is."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def known_zone(name: str) -> bool:
    """True for a time zone of the tz database."""
    return name in available_timezones()


def quarter_start(day: dt.date) -> dt.date:
    """First day of the calendar quarter of ``day``."""
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
