"""Field kinds: how a value is read from outside, stored, compared in SQL and shown."""

from rapport.records.kinds.base import Kind, Place
from rapport.records.kinds.filters import FilterKind
from rapport.records.kinds.moments import DayKind, MomentKind
from rapport.records.kinds.numbers import AmountKind, DecimalKind, MoneyKind, NumberKind, YesNoKind
from rapport.records.kinds.phones import PhoneKind, international, is_assigned
from rapport.records.kinds.relations import AboutKind, RelationKind
from rapport.records.kinds.tags import TagsKind
from rapport.records.kinds.texts import (
    ChoiceKind,
    CountryKind,
    CurrencyKind,
    EmailKind,
    LongTextKind,
    MultiChoiceKind,
    TextKind,
    UrlKind,
)

__all__ = [
    "AboutKind", "AmountKind", "ChoiceKind", "CountryKind", "CurrencyKind", "DayKind", "DecimalKind", "EmailKind",
    "FilterKind", "Kind", "LongTextKind", "MomentKind", "MoneyKind", "MultiChoiceKind", "NumberKind", "PhoneKind",
    "Place", "RelationKind", "TagsKind", "TextKind", "UrlKind", "YesNoKind", "international",
    "is_assigned",
]  # fmt: skip
