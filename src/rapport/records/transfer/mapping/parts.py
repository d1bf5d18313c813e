"""Columns that fill parts of a record: ``contact_points.mobile``, ``addresses.delivery.city``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rapport.records.entity import Entity
from rapport.records.errors import Bad
from rapport.records.kinds import ChoiceKind
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.problems import Unusable, nearest

LABELLED = 3


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


def targets_of(part: Entity) -> Iterator[tuple[str, str]]:
    """What a column may fill of such a part: (name in a map, words). The first kinds of numbers by label too."""
    known = {name: field.kind for name, field in part.fields.items() if isinstance(field.kind, ChoiceKind)}
    target = part.lends or part.title
    for at, (kind, words) in enumerate(known["kind"].choices if "kind" in known else ()):
        name = f"{plain(part)}.{kind}"
        if target == "kind":
            fields = (each for each in part.form if each != "kind" and not part.fields[each].relation)
            yield from ((f"{name}.{each}", f"{words}: {part.fields[each].label}") for each in fields)
            continue
        yield name, str(words)
        if at < LABELLED and "label" in known:
            yield from ((f"{name}.{label}", f"{words} ({said})") for label, said in known["label"].choices)


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
