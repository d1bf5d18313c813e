"""How a file spells dates and numbers, told from its values."""

import re
from collections.abc import Iterable

from rapport.records import kinds
from rapport.records.kinds.moments import read_day, read_moment

ISO = "YYYY-MM-DD"
# In order of preference where several fit.
DATES = (
    ISO, "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "YYYY/MM/DD", "YYYYMMDD", "DD-MMM-YYYY", "DD-MMM-YY",
    "DD.MM.YY", "DD/MM/YY", "MM/DD/YY", "DD.MM.YYYY HH:mm", "DD.MM.YYYY HH:mm:ss", "DD/MM/YYYY HH:mm",
    "DD/MM/YYYY HH:mm:ss", "MM/DD/YYYY HH:mm", "MM/DD/YYYY HH:mm:ss", "DD-MM-YYYY HH:mm", "YYYY/MM/DD HH:mm",
)  # fmt: skip
MONTH_FIRST = ("US", "PH")
_COMMA = re.compile(r"[+-]?[\d .'’]*\d,\d{1,2}\D*")
_POINT = re.compile(r"[+-]?[\d ,'’]*\d\.\d{1,2}\D*")


def dates_of(values: Iterable[str], country: str = "") -> str | None:
    """The order that fits the most values; None when none fits any."""
    texts = [text for text in values if text]
    order = sorted(DATES, key=lambda each: country in MONTH_FIRST and each.startswith("DD/"))
    best = max(order, key=lambda pattern: sum(_fits(text, pattern) for text in texts)) if texts else ISO
    return best if any(_fits(text, best) for text in texts) else None


def _fits(text: str, pattern: str) -> bool:
    try:
        if pattern == ISO:
            read_day(text, None)
        else:
            read_moment(text, pattern)
    except ValueError:
        return False
    return True


def decimal_of(values: Iterable[str]) -> str:
    """``,`` when more values are written so."""
    texts = list(values)
    return "," if sum(map(bool, map(_COMMA.fullmatch, texts))) > sum(map(bool, map(_POINT.fullmatch, texts))) else "."


def spelled(columns: Iterable[tuple[kinds.Kind, list[str]]], country: str = "") -> tuple[str | None, str]:
    """(Order of dates, decimal sign) of columns given by their kind and values."""
    days: list[str] = []
    numbers: list[str] = []
    for kind, values in columns:
        if is_dated(kind):
            days += values
        elif is_number(kind):
            numbers += values
    return (dates_of(days, country) if days else None), decimal_of(numbers)


def is_dated(kind: kinds.Kind) -> bool:
    """Whether values of this kind are spelled as dates."""
    return isinstance(kind, kinds.DayKind | kinds.MomentKind)


def is_number(kind: kinds.Kind) -> bool:
    """Whether values of this kind have a decimal sign."""
    return isinstance(kind, kinds.NumberKind | kinds.DecimalKind | kinds.MoneyKind | kinds.AmountKind)
