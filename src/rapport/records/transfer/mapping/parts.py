"""Columns that fill parts of a record: ``contact_points.mobile``, ``addresses.delivery.city``."""

from dataclasses import dataclass
from typing import Any

from rapport.records.entity import Entity
from rapport.records.errors import Bad
from rapport.records.kinds import ChoiceKind
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.problems import Unusable, nearest


@dataclass(frozen=True, slots=True)
class PartBound:
    """A column that fills ``bound.field`` of a part. ``fixed``: what its name says; ``group``: which make one."""

    part: Entity
    bound: Bound
    fixed: tuple[tuple[str, str], ...]
    group: str

    def read(self, cell: Any) -> Any:
        """The parsed value of a cell; None when empty."""
        return None if cell == "" else self.bound.read(cell)


def plain(part: Entity) -> str:
    """What parts are called in a map."""
    return part.plural.replace("-", "_")


def part_named(entity: Entity, name: str) -> Entity | None:
    """The entity of the parts that a target names."""
    return next((part for part in entity.parts if name.startswith(f"{plain(part)}.")), None)


def bind_part(part: Entity, name: str, column: str, at: int, place: Any, values: Any) -> PartBound:
    """``contact_points.KIND``, ``contact_points.KIND.LABEL`` or ``addresses.KIND.FIELD``; raises Unusable."""
    _parts, _dot, rest = name.partition(".")
    kind, _dot, more = rest.partition(".")
    fixed = {"kind": _choice(part, "kind", kind, column)}
    target = part.lends or part.title
    if more in part.fields:
        target, group = more, f"{_parts}.{kind}"
    else:
        group = f"{_parts}.{kind}.{at}"
        if more:
            fixed["label"] = _choice(part, "label", more, column)
    if target == "kind":
        names = ", ".join(f"{_parts}.{kind}.{each}" for each in part.fields if each in part.form and each != "kind")
        raise Unusable(f"Column “{column}”: say which field “{name}” fills: {names}.")
    return PartBound(part, Bound(part.fields[target], place, at=at, values=values), tuple(fixed.items()), group)


def _choice(part: Entity, field: str, word: str, column: str) -> str:
    kind = part.fields[field].kind if field in part.fields else None
    if not isinstance(kind, ChoiceKind):
        raise Unusable(f"Column “{column}”: {part.plural} have no “{word}”.")
    known = [value for value, _label in kind.choices]
    if word not in known:
        raise Unusable(f"Column “{column}”: no {field} “{word}”.{nearest(word, known)} Known: {', '.join(known)}.")
    return word


def gather(bounds: list[PartBound], cells: Any) -> tuple[list[tuple[Entity, dict[str, Any]]], list[str]]:
    """(Parts with their values by attribute name, what could not be read) of a line."""
    made: dict[str, tuple[Entity, dict[str, Any]]] = {}
    wrong = []
    for each in bounds:
        value = each.read(cells[each.bound.at])
        if value.__class__ is Bad:
            wrong.append(f"{each.group}: {value}")
        elif value is not None:
            _part, values = made.setdefault(each.group, (each.part, dict(each.fixed)))
            values[each.bound.field.attname] = value
    return list(made.values()), wrong
