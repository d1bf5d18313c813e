"""Where a page ended, as a text for the address: the sort it belongs to, the last row's sort values and id."""

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson

from rapport.platform import db
from rapport.platform.keys import parse_key
from rapport.records import kinds
from rapport.records.errors import BadQuery

_NUMBERS = kinds.NumberKind | kinds.DecimalKind | kinds.MoneyKind | kinds.AmountKind | kinds.YesNoKind


def pack(mark: str, values: Sequence[Any], key: Any) -> str:
    """The cursor of a row."""
    portable = [_portable(value) for value in values]
    return base64.urlsafe_b64encode(orjson.dumps([mark, *portable, db.unkey(key)])).rstrip(b"=").decode()


def unpack(text: str, mark: str, sorted_by: Sequence[kinds.Kind], place: kinds.Place) -> list[Any]:
    """The sort values as the columns compare them, and the id (32 hex digits); raises BadQuery."""
    try:
        held, *values = list(orjson.loads(base64.urlsafe_b64decode(text.encode() + b"==")))
        if held != mark or len(values) != len(sorted_by) + 1:
            raise BadQuery("The cursor belongs to another sort; start without “after”.")
        key = parse_key(values.pop())
        if key is None:
            raise ValueError("no id")
        return [*(_held(kind, each, place) for kind, each in zip(sorted_by, values, strict=True)), key]
    except (ValueError, TypeError, OverflowError) as error:
        raise BadQuery("The cursor is none of ours; start without “after”.") from error


def _portable(value: Any) -> Any:
    if isinstance(value, bytes) or hasattr(value, "hex") and not isinstance(value, float | int):
        return db.unkey(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _held(kind: kinds.Kind, value: Any, place: kinds.Place) -> Any:
    """A value of the cursor as the column has it; raises ValueError for what is none."""
    if value is None:
        return None
    if isinstance(kind, _NUMBERS):
        if not isinstance(value, int) or abs(value) >= 2**63:
            raise ValueError("no number")
        return bool(value) if isinstance(kind, kinds.YesNoKind) and not place.sqlite else int(value)
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("no text")
    if isinstance(kind, kinds.RelationKind):
        if parse_key(value) is None:
            raise ValueError("no id")
        return db.key(parse_key(value))
    if isinstance(kind, kinds.DayKind):
        return kind.operand(dt.date.fromisoformat(value), place)
    if isinstance(kind, kinds.MomentKind):
        moment = dt.datetime.fromisoformat(value)
        return kind.column_value((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC), place)
    return value
