"""What of an entity's records is compared: the declared fields, and those that the organisation added."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from rapport.platform import db
from rapport.records.duplicates.manners import MANNERS, Manner
from rapport.records.entity import Entity, Field

# An organisation's own fields, by kind: what is no mark of anybody (amounts, long texts) is left out.
_OWN = {
    "text": "datum", "number": "datum", "date": "day", "email": "email", "phone": "phone", "url": "site",
    "choice": "same", "country": "same",
}  # fmt: skip
GAP = "\x1f"
REMEMBERED = 50_000


class Known(dict[Any, Any]):
    """What values were made into: names, streets and towns repeat from record to record."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Any:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[value] = self._make(value)
        return found


@dataclass(frozen=True, slots=True)
class Trait:
    """One compared field; ``shared`` by those who belong together."""

    field: Field
    manner: Manner
    kind: str
    shared: bool


class Traits:
    """The compared fields of an entity, in order, names first; how records become rows of their cleaned values."""

    def __init__(self, entity: Entity) -> None:
        told = entity.duplicates
        assert told is not None
        found = [
            Trait(entity.fields[name], MANNERS[how], how, name in told.shared)
            for name, how in told.compare.items()
            if name in entity.fields
        ]
        found += [
            Trait(known, MANNERS[how], how, False)
            for known in entity.fields.own
            if (how := _OWN.get(known.kind.name))
        ]  # fmt: skip
        self.entity, self.all = entity, tuple(sorted(found, key=lambda trait: trait.kind != "name"))
        self.names = sum(trait.kind == "name" for trait in self.all)
        self._titles = [at for at, trait in enumerate(self.all) if trait.kind == "title"]
        self._made = [_cleaning(trait.manner) for trait in self.all]
        self._own = any(trait.field.mark is not None for trait in self.all)

    def columns(self) -> str:
        """SQL for what :meth:`row` takes, of a table called ``t``."""
        found = ["NULL" if trait.field.mark is not None else f't."{trait.field.column}"' for trait in self.all]
        return ", ".join([*found, "t.custom" if self._own else "NULL"])

    def row(self, values: Sequence[Any]) -> list[str]:
        """The cleaned values of a record, as :meth:`columns` gave them; empty where there is none."""
        held = values[-1]
        if held and self._own:
            own = orjson.loads(held) if isinstance(held, str | bytes) else held
            values = [
                value if trait.field.mark is None else own.get(trait.field.key)
                for trait, value in zip(self.all, values, strict=False)
            ]  # fmt: skip
        return self._cleaned(values)

    def wired(self, item: Mapping[str, Any]) -> list[str]:
        """The same of a record as the API gives it, by field name."""
        return self._cleaned([item.get(trait.field.name) for trait in self.all])

    def of(self, record: Any) -> list[str]:
        """The same of a record in hand."""
        return self._cleaned([getattr(record, trait.field.attname, None) for trait in self.all])

    def _cleaned(self, values: Sequence[Any]) -> list[str]:
        found = ["" if value is None else made(value) for made, value in zip(self._made, values, strict=False)]
        if self.names and any(found[: self.names]):
            for at in self._titles:  # a person's whole name says his two names once more
                found[at] = ""
        return found


def _cleaning(manner: Manner) -> Callable[[Any], str]:
    clean = manner.clean
    if manner.repeats:
        return Known(lambda value: clean(_text(value))).__getitem__
    return lambda value: clean(value if isinstance(value, str) else _text(value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if isinstance(value, int | float):
        return str(value)
    return str(db.unkey(value))
