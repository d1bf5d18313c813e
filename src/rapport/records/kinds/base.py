from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from rapport.records.errors import Bad

Sql = tuple[str, list[Any]]


@dataclass(slots=True)
class Place:
    """Where values come from or are compared: the reader's formats and date, the organisation's currency.

    ``dates``: ``None`` for ISO, else a strptime-like pattern of YYYY, MM, DD; ``decimal``: the decimal sign.
    """

    currency: str = "USD"
    today: Any = None
    zone: str = "UTC"
    me: str | None = None
    my_team: Sequence[str] = ()
    country: str = ""
    dates: str | None = None
    decimal: str = "."
    sqlite: bool = True


class Kind:
    """One kind of value. Subclasses say how it is parsed, compared and written; they hold no record.

    ``slot``: the column of ``custom_value`` that a custom field of this kind is compared by; none when it is compared
    as it is stored.
    """

    name: ClassVar[str] = "text"
    slot: ClassVar[str] = "text"
    ops: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "not_in", "is_empty")

    def parse(self, value: Any, place: Place) -> Any:
        """The stored value for what came from outside (JSON, a form, a CSV cell); raises Bad. Empty gives None."""
        return value

    def json_sql(self, column: str, place: Place) -> str:
        """SQL for the value as JSON takes it."""
        return column

    def wire(self, value: Any, place: Place) -> Any:
        """The stored value as JSON takes it, in Python."""
        return value

    def text(self, value: Any, place: Place) -> str:
        """The stored value as a person reads it."""
        wired = self.wire(value, place)
        return "" if wired is None else str(wired)

    def operand(self, value: Any, place: Place) -> Any:
        """The value of a filter, as the column holds it."""
        return self.parse(value, place)

    def slotted(self, value: Any, place: Place) -> Any:
        """A value as the wire has it, as its slot holds it."""
        return self.operand(value, place)

    def unslotted(self, column: str, place: Place) -> str:
        """SQL for what a slot holds, as a column of this kind would have it."""
        return column

    def sorting(self, column: str) -> "tuple[str, Kind]":
        """SQL that puts values of ``column`` in order, and the kind of what it gives."""
        return column, self

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        """A condition on ``column`` (already qualified), with its parameters."""
        if op == "is_empty":
            return (f"{column} IS NULL", []) if truth(value) else (f"{column} IS NOT NULL", [])
        if op in ("in", "not_in"):
            return self._among(column, op, value, place)
        if op == "between":
            low, high = pair(value)
            return f"{column} BETWEEN %s AND %s", [self.operand(low, place), self.operand(high, place)]
        operand = self.operand(value, place)
        if op == "eq":
            return (f"{column} IS NULL", []) if operand is None else (f"{column} = %s", [operand])
        if op == "ne":
            if operand is None:
                return f"{column} IS NOT NULL", []
            return f"({column} <> %s OR {column} IS NULL)", [operand]
        sign = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}.get(op)
        if sign:
            if operand is None:
                raise Bad(_("This comparison needs a value."))
            return f"{column} {sign} %s", [operand]
        raise Bad(_("Unknown operator."))

    def _among(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if not isinstance(value, list | tuple) or len(value) > 500:
            raise Bad(_("Give a list of at most 500 values."))
        operands = [self.operand(each, place) for each in value]
        known = [each for each in operands if each is not None]
        places = ", ".join(["%s"] * len(known))
        found = f"{column} IN ({places})" if known else "1 = 0"
        if len(known) < len(operands):
            found = f"({found} OR {column} IS NULL)"
        if op == "in":
            return found, known
        if len(known) < len(operands):
            return f"NOT {found}", known
        return f"({column} NOT IN ({places}) OR {column} IS NULL)" if known else "1 = 1", known


def pair(value: Any) -> tuple[Any, Any]:
    """The two ends of a ``between``."""
    if isinstance(value, list | tuple) and len(value) == 2 and all(each not in (None, "") for each in value):
        return value[0], value[1]
    raise Bad(_("Give two values: from and to."))


def truth(value: Any) -> bool:
    """What a yes or no in a filter means."""
    return value not in (False, "false", 0, "0", "no")


def blank(value: Any) -> bool:
    """True for what means "nothing was given"."""
    return value is None or (isinstance(value, str) and not value.strip())
