"""What the kinds are in JSON Schema: as the API gives a value, and as it takes one. A new kind adds its lines here."""

import functools
from typing import Any

from rapport.records.kinds.base import Kind
from rapport.records.kinds.filters import FilterKind
from rapport.records.kinds.moments import DayKind, MomentKind
from rapport.records.kinds.numbers import AmountKind, DecimalKind, MoneyKind, NumberKind, YesNoKind
from rapport.records.kinds.relations import AboutKind, RelationKind
from rapport.records.kinds.tags import TagsKind
from rapport.records.kinds.texts import ChoiceKind, EmailKind, MultiChoiceKind, TextKind

Schema = dict[str, Any]
ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?[0-9]{1,30}(\.[0-9]+)?$"}
# The engine keeps sums in 64 bits of minor units.
MOST_MONEY = 10**14


@functools.singledispatch
def given(kind: Kind) -> Schema:
    """JSON Schema of a value that the API gives; None beside it is the field's matter."""
    return {"type": "string"}


@functools.singledispatch
def taken(kind: Kind) -> Schema:
    """JSON Schema of a value that the API takes: the canonical ways, as reading is generous."""
    return given(kind)


@taken.register
def _(kind: TextKind) -> Schema:
    return {"type": "string", "maxLength": kind.longest}


@taken.register
def _(kind: EmailKind) -> Schema:
    return {"type": "string", "maxLength": kind.longest, "format": "email"}


@given.register
def _(kind: FilterKind) -> Schema:
    return {"type": "object"}


@taken.register
def _(kind: FilterKind) -> Schema:
    return {"type": "object", "description": "A filter tree, as lists take it."}


@given.register
def _(kind: ChoiceKind) -> Schema:
    return {"type": "string", "enum": [value for value, _label in kind.choices]}


@given.register
def _(kind: MultiChoiceKind) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": [value for value, _label in kind.choices]}}


@given.register
def _(kind: TagsKind) -> Schema:
    return {"type": "array", "items": {"type": "string"}}


@given.register
def _(kind: NumberKind) -> Schema:
    return {"type": "integer", "minimum": kind.low, "maximum": kind.high}


@given.register
def _(kind: DecimalKind) -> Schema:
    scale = 10**kind.places
    return {"type": "number", "minimum": kind.low / scale, "maximum": kind.high / scale}


@given.register
def _(kind: MoneyKind) -> Schema:
    return AMOUNT


@given.register
def _(kind: AmountKind) -> Schema:
    return AMOUNT


@taken.register
def _(kind: MoneyKind) -> Schema:
    return {"anyOf": [AMOUNT, {"type": "number", "minimum": -MOST_MONEY, "maximum": MOST_MONEY}]}


@given.register
def _(kind: YesNoKind) -> Schema:
    return {"type": "boolean"}


@given.register
def _(kind: DayKind) -> Schema:
    return {"type": "string", "format": "date"}


@given.register
def _(kind: MomentKind) -> Schema:
    return {"type": "string", "format": "date-time"}


@given.register
def _(kind: RelationKind) -> Schema:
    return ID


@taken.register
def _(kind: RelationKind) -> Schema:
    by = {
        "type": "object", "properties": {"external_id": {"type": "string"}}, "required": ["external_id"],
        "additionalProperties": False,
    }  # fmt: skip
    return {"anyOf": [{"type": "string", "description": "An id, or the name where only one has it."}, by]}


@given.register
def _(kind: AboutKind) -> Schema:
    return {
        "type": "object", "properties": {"entity": {"type": "string"}, "id": ID}, "required": ["entity", "id"],
        "additionalProperties": False,
    }  # fmt: skip
