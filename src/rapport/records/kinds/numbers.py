import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.platform import money
from rapport.records.errors import Bad
from rapport.records.kinds.base import Kind, Place, blank

RANGE = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "is_empty")
_SPACES = re.compile(r"[\s'’_]")
LONGEST = 40
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def plain_number(text: str, decimal: str) -> str:
    """A number as people write it, in Python's spelling: grouping removed, the decimal sign a point."""
    text = _SPACES.sub("", text)
    if decimal == ",":
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def exact_number(text: str) -> Decimal:
    """A finite number of at most LONGEST digits; raises ValueError ("1e99999999" is a trap)."""
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite() or abs(found.adjusted()) > LONGEST or len(found.as_tuple().digits) > LONGEST:
        raise ValueError(text)
    return found


class NumberKind(Kind):
    """A whole number between ``low`` and ``high``; ``unit`` follows it where people read it."""

    name = "number"
    slot = "number"
    ops = RANGE

    def __init__(self, low: int = -(2**63), high: int = 2**63 - 1, unit: str = "") -> None:
        self.low, self.high, self.unit = low, high, unit

    def parse(self, value: Any, place: Place) -> int | None:
        if blank(value):
            return None
        if isinstance(value, bool):
            raise Bad(_("Give a number."), "type")
        try:
            exact = exact_number(plain_number(str(value), place.decimal))
            whole = int(exact)
        except ValueError as error:
            raise Bad(_("“%(value)s” is not a number.") % {"value": str(value)[:60]}, "type") from error
        if exact != whole:
            raise Bad(_("Give a whole number."), "type")
        if not self.low <= whole <= self.high:
            raise Bad(_("Give a number from %(low)s to %(high)s.") % {"low": self.low, "high": self.high}, "range")
        return whole


def _amount(value: Any, place: Place) -> str | None:
    """A checked decimal text of an amount as people write it; raises Bad."""
    if blank(value):
        return None
    if isinstance(value, bool):
        raise Bad(_("Give an amount."), "type")
    try:
        exact = exact_number(plain_number(str(value).strip(), place.decimal))
    except ValueError as error:
        raise Bad(_("“%(value)s” is not an amount.") % {"value": str(value)[:60]}, "type") from error
    return format(exact, "f")


def _minor(text: str, currency: str) -> int:
    """Minor units of a parsed amount; raises Bad."""
    try:
        return money.to_minor(text, currency)
    except ValueError as error:
        raise Bad(str(error)) from error


class DecimalKind(Kind):
    """A number with up to ``places`` digits after the point, kept as a whole number of the last digit.

    It stays below 2**53 of those, so that every JSON reader gets it exactly.
    """

    name = "decimal"
    slot = "number"
    ops = RANGE
    MOST = 2**53 - 1

    def __init__(self, places: int = 2, low: int | None = None, high: int | None = None, unit: str = "") -> None:
        self.places, self.unit = places, unit
        self.low = -self.MOST if low is None else low * 10**places
        self.high = self.MOST if high is None else high * 10**places

    def parse(self, value: Any, place: Place) -> int | None:
        if blank(value):
            return None
        if isinstance(value, bool):
            raise Bad(_("Give a number."), "type")
        try:
            exact = exact_number(plain_number(str(value), place.decimal)).scaleb(self.places)
        except ValueError as error:
            raise Bad(_("“%(value)s” is not a number.") % {"value": str(value)[:60]}, "type") from error
        if exact != int(exact):
            raise Bad(_("Give at most %(n)s digits after the point.") % {"n": self.places}, "range")
        if not self.low <= exact <= self.high:
            ends = {"low": self.text(self.low, place), "high": self.text(self.high, place)}
            raise Bad(_("Give a number from %(low)s to %(high)s.") % ends, "range")
        return int(exact)

    def wire(self, value: Any, place: Place) -> Any:
        return None if value is None else float(Decimal(value).scaleb(-self.places))

    def text(self, value: Any, place: Place) -> str:
        return "" if value is None else format(Decimal(value).scaleb(-self.places).normalize(), "f")


class AmountKind(Kind):
    """An amount in the one ``currency`` of its field, kept in minor units; on the wire a decimal text."""

    name = "amount"
    slot = "number"
    ops = RANGE

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def parse(self, value: Any, place: Place) -> int | None:
        text = _amount(value, place)
        return None if text is None else _minor(text, self.currency)

    def wire(self, value: Any, place: Place) -> Any:
        return None if value is None else money.from_minor(int(value), self.currency)


class MoneyKind(Kind):
    """An amount in minor units beside its currency; filters and sorts compare the base amount."""

    name = "money"
    ops = RANGE

    def parse(self, value: Any, place: Place) -> str | None:
        """A checked decimal text; minor units are made once the currency is known."""
        return _amount(value, place)

    def minor(self, text: str, currency: str) -> int:
        """Minor units of a parsed amount; raises Bad."""
        return _minor(text, currency)

    def operand(self, value: Any, place: Place) -> Any:
        text = self.parse(value, place)
        return None if text is None else self.minor(text, place.currency)


class YesNoKind(Kind):
    """Yes or no."""

    name = "yes_no"
    slot = "number"
    ops = ("eq", "ne", "is_empty")
    _WORDS = {
        "true": True,
        "yes": True,
        "1": True,
        "on": True,
        "false": False,
        "no": False,
        "0": False,
        "off": False,
    }

    def parse(self, value: Any, place: Place) -> bool | None:
        if blank(value):
            return None
        if isinstance(value, bool):
            return value
        known = self._WORDS.get(str(value).strip().lower())
        if known is None:
            raise Bad(_("Say yes or no."), "type")
        return known

    def operand(self, value: Any, place: Place) -> Any:
        known = self.parse(value, place)
        return known if known is None or not place.sqlite else int(known)

    def slotted(self, value: Any, place: Place) -> Any:
        known = self.parse(value, place)
        return None if known is None else int(known)

    def unslotted(self, column: str, place: Place) -> str:
        return column if place.sqlite else f"({column} <> 0)"

    def json_sql(self, column: str, place: Place) -> str:
        if not place.sqlite:
            return column
        return f"json(CASE WHEN {column} IS NULL THEN 'null' WHEN {column} THEN 'true' ELSE 'false' END)"
