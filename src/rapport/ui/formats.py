"""How values are read by people: money, moments, days, lengths of time, initials, hues.

Values arrive as they travel on the wire (decimal strings, ISO moments and dates), so that no screen formats
its own way.
"""

import datetime as dt
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from django.utils import dateformat, timezone, translation
from django.utils.formats import get_format
from django.utils.translation import gettext, ngettext

from rapport.ui.countries import NAMES

SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF\N{NO-BREAK SPACE}", "INR": "₹", "KRW": "₩"}
SIGN_FIRST = {"en", "ja", "zh", "ko", "th", "nl", "tr"}
HUES = 12
HOUR = 3600
SEASON = 60  # days after which the date says more than the distance
NARROW = "\N{NO-BREAK SPACE}"


class Reader(NamedTuple):
    """What formats depend on: the language, the time zone, and which day it is there."""

    language: str
    zone: dt.tzinfo
    today: dt.date


_reader: ContextVar[Reader | None] = ContextVar("who reads the page", default=None)


def _asked() -> Reader:
    return Reader(translation.get_language() or "en", timezone.get_current_timezone(), timezone.localdate())


@contextmanager
def reading() -> Iterator[None]:
    """Ask Django about the reader once for all that is formatted within the block."""
    token = _reader.set(_asked())
    try:
        yield
    finally:
        _reader.reset(token)


def reader() -> Reader:
    """Who reads: all that the same values may look different for."""
    return _reader.get() or _asked()


def _today() -> dt.date:
    return reader().today


def language() -> str:
    """The reader's language."""
    held = _reader.get()
    return held.language if held else translation.get_language() or "en"


@lru_cache(maxsize=1024)
def _word(_language: str, text: str) -> str:
    return gettext(text)


def _(text: str) -> str:
    return _word(language(), text)


def number(value: object, digits: int | None = None) -> str:
    """``1048200`` -> ``1,048,200`` in the reader's grouping."""
    return "" if value is None or value == "" else _number(language(), str(value), digits)


@lru_cache(maxsize=8192)
def _number(_language: str, value: str, digits: int | None) -> str:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    text = f"{amount:,f}" if digits is None else f"{amount:,.{digits}f}"
    group, point = str(get_format("THOUSAND_SEPARATOR", language())), str(get_format("DECIMAL_SEPARATOR", language()))
    if (group, point) == (",", "."):
        return text
    return text.translate({ord(","): group, ord("."): point})


def money(value: object, currency: str = "") -> str:
    """``"61500.00", "EUR"`` -> ``€61,500``; cents only when there are some."""
    return "" if value is None or value == "" else _money(language(), str(value), currency)


@lru_cache(maxsize=8192)
def _money(_language: str, value: str, currency: str) -> str:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    exponent = amount.as_tuple().exponent
    digits = 0 if amount == amount.to_integral_value() or not isinstance(exponent, int) else max(-exponent, 0)
    return _signed(amount < 0, number(abs(amount), digits), currency)


def compact(value: object, currency: str = "") -> str:
    """Large sums in three figures: ``€1.90 m``; below a million the whole sum without cents."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    size = abs(amount)
    # Translators: million, thousand million, million million, after a number
    for limit, word in ((10**12, _("tn")), (10**9, _("bn")), (10**6, _("m"))):
        if size >= limit:
            part = size / limit
            digits = 2 if part < 10 else 1 if part < 100 else 0  # noqa: PLR2004 - three figures
            return _signed(amount < 0, f"{number(part, digits)}{NARROW}{word}", currency)
    return _signed(amount < 0, number(size, 0), currency)


def _signed(negative: bool, text: str, currency: str) -> str:
    sign = SIGNS.get(currency, currency and currency + NARROW)
    first = language()[:2] in SIGN_FIRST
    whole = f"{sign}{text}" if first else f"{text}{NARROW}{sign.strip()}"
    return f"\N{MINUS SIGN}{whole}" if negative else whole.strip()


def moment(value: object) -> dt.datetime | None:
    """An ISO moment (or a datetime) in the reader's time zone."""
    if not value:
        return None
    found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    held = _reader.get()
    zone = held.zone if held else timezone.get_current_timezone()
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(zone)


def ago(value: object) -> str:
    """``2 h ago``, ``yesterday``, ``3 d ago``, ``in 2 h``, ``tomorrow 10:00``; older than two months: the day."""
    if not value:
        return ""
    then = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    seconds = (dt.datetime.now(dt.UTC) - then).total_seconds()
    if abs(seconds) < 6 * HOUR:
        return _span(language(), int(seconds // 60) if seconds > 0 else -int(-seconds // 60))
    local = moment(then)
    days = (_today() - local.date()).days if local else 0
    if not -SEASON < days < SEASON:
        return day(local, "short")
    if days == 1:
        return _("yesterday")
    if days == -1 and local:
        return _("tomorrow %(time)s") % {"time": local.strftime("%H:%M")}
    minutes = days * 1440 if days else int(seconds // 60)
    return _span(language(), minutes)


@lru_cache(maxsize=4096)
def _span(_language: str | None, minutes: int) -> str:
    """A distance in time; cached, because a page asks for the same few a hundred times."""
    size = abs(minutes)
    if size < 1:
        return _("just now")
    if size < HOUR // 60:
        text = _("%(n)d min") % {"n": size}
    elif size < 1440:
        text = _("%(n)d h") % {"n": size // 60}
    else:
        text = _("%(n)d d") % {"n": size // 1440}
    return (_("%(time)s ago") if minutes > 0 else _("in %(time)s")) % {"time": text}


def day(value: object, style: str = "long") -> str:
    """An ISO date: ``5 August 1996``; ``short``: ``30 Jun``, with the year when it is another one; ``weekday`` too."""
    if not value:
        return ""
    found = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    if style == "weekday":
        return dateformat.format(found, "l, j F")
    return _written(found, style == "long")


def _written(found: dt.date, long: bool) -> str:
    return _day(found, "j F Y" if long else "j M" if found.year == _today().year else "j M Y", language())


@lru_cache(maxsize=4096)
def _day(found: dt.date, form: str, _language: str | None) -> str:
    return dateformat.format(found, form)


def when(value: object) -> str:
    """The exact moment, for titles and machines' readers: ``5 August 1996, 14:03``."""
    found = moment(value)
    return f"{_written(found.date(), True)}, {found:%H:%M}" if found else ""


def moment_input(value: object) -> str:
    """A moment as a control for date and time takes it, where the reader is; what is none stays as typed."""
    try:
        found = moment(value)
    except ValueError:
        return str(value)
    return found.strftime("%Y-%m-%dT%H:%M") if found else ""


def due(value: object) -> str:
    """When something is to be done: ``today 10:00``, ``tomorrow``, ``Mon 24``, ``24 Nov``; 23:59 stands for the day."""
    found = moment(value)
    if not found:
        return ""
    clock = "" if (found.hour, found.minute) == (23, 59) else found.strftime(" %H:%M")
    days = (found.date() - _today()).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if days in near:
        return near[days] + clock
    return (dateformat.format(found, "D j") if 0 < days < 7 else _written(found.date(), False)) + clock  # noqa: PLR2004


def duration(seconds: object) -> str:
    """``420`` -> ``7 min``, ``9000`` -> ``2 h 30 min``."""
    if not seconds:
        return ""
    total = int(str(seconds))
    if total < 60:  # noqa: PLR2004
        return _("%(n)d s") % {"n": total}
    hours, minutes = divmod(round(total / 60), 60)
    parts = [_("%(n)d h") % {"n": hours}] * bool(hours) + [_("%(n)d min") % {"n": minutes}] * bool(minutes)
    return " ".join(parts)


def still(days: int) -> str:
    """How long a card has not moved: ``21 d still``, ``9 y still``."""
    if days >= 730:
        return ngettext("%(n)d y still", "%(n)d y still", days // 365) % {"n": days // 365}
    return ngettext("%(n)d d still", "%(n)d d still", days) % {"n": days}


@lru_cache(maxsize=8192)
def initials(name: object) -> str:
    """Two letters for a picture: ``Ernst Handel`` -> ``EH``, ``QUICK-Stop`` -> ``QS``."""
    words = re.findall(r"[^\W_][\w.']*", str(name or "").replace(".", ""))
    if len(words) > 2:  # noqa: PLR2004 - "Folk och fä HB" is FH, not FO
        words = [word for word in words if not word[0].islower()] or words
    if not words:
        return "?"
    letters = words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()


@lru_cache(maxsize=8192)
def hue(key: object) -> int:
    """A stable colour number 0-11 for an id or a name; the style sheet holds the colours."""
    return zlib.crc32(str(key).encode()) % HUES


def tel(phone: object) -> str:
    """A number as the address of a call: no blanks."""
    return "".join(str(phone).split())


def country(code: object) -> str:
    """``AT`` -> ``Austria``; what is no code stays as it is written."""
    text = str(code or "")
    return _(NAMES[text]) if text in NAMES else text
