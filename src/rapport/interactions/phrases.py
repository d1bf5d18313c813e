"""What somebody means who types "Call Horst tomorrow 10:00": a title, a moment, a priority. English, and forgiving:
what is not understood stays in the title.
"""

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

# Due "that day": when it ends.
DAY_ENDS = dt.time(23, 59)
EVENING, NOON = dt.time(19), dt.time(12)
DAYS = [name.lower() for name in calendar.day_name]
MONTHS = "|".join(name.lower() for name in calendar.month_abbr[1:])
PRIORITIES = {"!low": "low", "!normal": "normal", "!high": "high", "!urgent": "urgent", "!": "high", "!!": "urgent"}
UNITS = {"min": "minutes", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "month": "months"}
_LEAD = r"(?:(?:on|by|due|until|till)\s+)?"
_SHORT = "mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun"


@dataclass(slots=True)
class Phrase:
    """What was understood. ``due`` is where the person is; ``rest`` is what is still to be read."""

    rest: str
    due: dt.datetime | None = None
    priority: str | None = None
    day: dt.date | None = None
    time: dt.time | None = None

    @property
    def title(self) -> str:
        """What is left, without the blanks and commas around what was taken out."""
        return re.sub(r"\s+", " ", self.rest).strip(" ,;:-")


def understand(text: str, now: dt.datetime) -> Phrase:
    """Read ``text`` as said at ``now`` (the person's own time, without a zone)."""
    found = Phrase(text)
    for pattern, read in _RULES:
        _take(found, pattern, read, now)
    if found.due is None:
        found.due = _moment(found, now)
    if not found.title:
        found.rest = text
    return found


def _moment(found: Phrase, now: dt.datetime) -> dt.datetime | None:
    """Day and time put together; a time alone is the next one to come."""
    if found.day is None and found.time is None:
        return None
    if found.day is None and found.time is not None:
        today = dt.datetime.combine(now.date(), found.time)
        return today if today > now else today + dt.timedelta(days=1)
    return dt.datetime.combine(found.day or now.date(), found.time or DAY_ENDS)


def _take(found: Phrase, pattern: re.Pattern[str], read: "Reader", now: dt.datetime) -> None:
    """Cut the first match out of the rest, unless it means nothing (31 February)."""
    match = pattern.search(found.rest)
    if match is None:
        return
    try:
        if not read(found, match, now):
            return
    except (ValueError, OverflowError):
        return
    found.rest = found.rest[: match.start()] + " " + found.rest[match.end() :]


Reader = Callable[[Phrase, "re.Match[str]", dt.datetime], bool]


def _priority(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    found.priority = PRIORITIES[match["priority"].lower()]
    return True


def _span(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    """In three days, in a week, in 20 minutes."""
    count = 1 if match["n"] in ("a", "an") else int(match["n"])
    unit = UNITS[match["unit"].lower()]
    moment = now.replace(second=0, microsecond=0) + relativedelta(**{unit: count})  # type: ignore[arg-type]
    if unit in ("minutes", "hours"):
        found.due = moment
    else:
        found.day = moment.date()
    return True


def _iso(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    found.day = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
    return True


def _date(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    """24 December, Dec 24, 24.12.: this year's, or next year's once that has gone by."""
    if found.day is not None:
        return False
    word = match["month"]
    month = int(word) if word.isdigit() else MONTHS.split("|").index(word.lower()[:3]) + 1
    year = int(match["year"]) if match["year"] else now.year
    if year < 100:
        year += 2000
    day = dt.date(year, month, int(match["day"]))
    gone_by = not match["year"] and day < now.date()
    found.day = day.replace(year=year + 1) if gone_by else day
    return True


def _word(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    if found.day is not None:
        return False
    word = match["word"].lower()
    if word == "tonight":
        found.time = found.time or EVENING
    found.day = now.date() + dt.timedelta(days=0 if word in ("today", "tonight") else 1)
    return True


def _weekday(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    """The next Monday to come; "next week" is its Monday."""
    if found.day is not None:
        return False
    word = match["weekday"].lower()
    number = 0 if word == "week" else next(at for at, name in enumerate(DAYS) if name.startswith(word[:3]))
    found.day = now.date() + dt.timedelta(days=(number - now.weekday() - 1) % 7 + 1)
    return True


def _clock(found: Phrase, match: "re.Match[str]", now: dt.datetime) -> bool:
    if match.groupdict().get("noon"):
        found.time = NOON
        return True
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        return False
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    found.time = dt.time(hour, minute)
    return True


def _rule(pattern: str, read: Reader) -> "tuple[re.Pattern[str], Reader]":
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE), read


_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_MONTH = rf"(?P<month>(?:{MONTHS})[a-z]*)"
_RULES = (
    _rule(r"(?P<priority>!(?:low|normal|high|urgent)|!!|!)", _priority),
    _rule(rf"{_LEAD}in\s+(?P<n>a|an|\d{{1,3}})\s+(?P<unit>min|minute|hour|day|week|month)s?", _span),
    _rule(rf"{_LEAD}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)", _iso),
    _rule(rf"{_LEAD}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}|\d\d)?", _date),
    _rule(rf"{_LEAD}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}{_YEAR}", _date),
    _rule(rf"{_LEAD}{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}", _date),
    _rule(rf"{_LEAD}(?P<word>today|tonight|tomorrow)", _word),
    _rule(rf"{_LEAD}(?:next\s+|this\s+)?(?P<weekday>{'|'.join(DAYS)})", _weekday),
    _rule(rf"(?:(?:on|by|due|until|till)\s+(?:next\s+)?|next\s+)(?P<weekday>{_SHORT}|week)", _weekday),
    _rule(r"(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s?(?P<half>am|pm)", _clock),
    _rule(r"(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?P<half>)", _clock),
    _rule(r"at\s+(?P<hour>\d{1,2})(?P<minute>)(?P<half>)", _clock),
    _rule(r"(?:at\s+)?(?P<noon>noon)", _clock),
)
