"""Columns that fill parts of a record: ``contact_points.mobile``, ``addresses.delivery.city``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.entity import Entity
from rapport.records.errors import Bad
from rapport.records.kinds import ChoiceKind
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.problems import Unusable, nearest

LABELLED = 3
OWN, PREFERRED = "own", "preferred"
# What a file may say of a part beside its value: parts that differ only in this are the same.
SAID = ("kind", "label", "is_preferred", "is_primary")


@dataclass(slots=True)
class Part:
    """A part that a row brings, its values by attribute name.

    ``own``: it is the one that the record's own field is a copy of, and tells its kind. ``further``: a second one of
    its kind, which changes none that is there.
    """

    entity: Entity
    values: dict[str, Any]
    own: bool = False
    further: bool = False


@dataclass(frozen=True, slots=True)
class PartBound:
    """A column that fills ``bound.field`` of a part. ``fixed``: what its name says; ``group``: which make one."""

    part: Entity
    bound: Bound
    fixed: tuple[tuple[str, Any], ...]
    group: str
    own: bool = False
    further: bool = False

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
    target = part.lends or part.title
    for at, (kind, words) in enumerate(_choices(part, "kind")):
        name = f"{plain(part)}.{kind}"
        if target == "kind":
            fields = (each for each in part.form if each != "kind" and not part.fields[each].relation)
            yield from ((f"{name}.{each}", f"{words}: {part.fields[each].label}") for each in fields)
            continue
        yield name, str(words)
        if at < LABELLED:
            yield from ((f"{name}.{label}", f"{words} ({said})") for label, said in _choices(part, "label"))


def words_of(part: Entity, name: str) -> str:
    """A target in words: “Mobile (Work, own)”."""
    _parts, kind, *more = name.split(".")
    said = [str(part.fields[word].label) for word in more if word in part.fields]
    labels = dict(_choices(part, "label")) | {OWN: _("its own"), PREFERRED: _("preferred")}
    rest = [str(labels.get(word, word)) for word in more if word not in part.fields]
    words = ": ".join([str(dict(_choices(part, "kind")).get(kind, kind)), *said])
    return f"{words} ({', '.join(rest)})" if rest else words


def known_words(part: Entity) -> set[str]:
    """What may stand behind a kind to say more of a part: ``contact_points.mobile.work.preferred``."""
    more = {PREFERRED} if "is_preferred" in part.fields else set()
    return {OWN, *more, *(value for value, _label in _choices(part, "label"))}


def bind_part(part: Entity, name: str, column: str, at: int, place: Any, values: Any) -> PartBound:
    """``contact_points.KIND`` or ``addresses.KIND.FIELD``, and behind it a label, ``preferred``, ``own`` (what the
    record's own field says) or a number (a second one of the kind); raises Unusable."""
    _parts, kind, *more = name.split(".")
    fixed: dict[str, Any] = {"kind": _choice(part, "kind", kind, column)}
    target, number = "", ""
    for word in more:
        if word in part.fields:
            target = word
        elif word.isdecimal():
            number = f".{word}"
        elif word == PREFERRED and "is_preferred" in part.fields:
            fixed["is_preferred"] = True
        elif word != OWN:
            fixed["label"] = _choice(part, "label", word, column)
    own = OWN in more
    group = f"{_parts}.{kind}{number}{'.own' if own else ''}" if target else f"{_parts}.{kind}.{at}"
    target = target or part.lends or part.title
    if target == "kind":
        names = ", ".join(f"{_parts}.{kind}.{each}" for each in part.fields if each in part.form and each != "kind")
        raise Unusable(f"Column “{column}”: say which field “{name}” fills: {names}.")
    bound = Bound(part.fields[target], place, at=at, values=values)
    return PartBound(part, bound, tuple(fixed.items()), group, own, bool(number))


def _choices(part: Entity, field: str) -> Any:
    kind = part.fields[field].kind if field in part.fields else None
    return kind.choices if isinstance(kind, ChoiceKind) else ()


def _choice(part: Entity, field: str, word: str, column: str) -> str:
    known = [value for value, _label in _choices(part, field)]
    if not known:
        raise Unusable(f"Column “{column}”: {part.plural} have no “{word}”.")
    if word not in known:
        raise Unusable(f"Column “{column}”: no {field} “{word}”.{nearest(word, known)} Known: {', '.join(known)}.")
    return word


def gather(bounds: list[PartBound], cells: Any) -> tuple[list[Part], list[str]]:
    """(Parts, what could not be read) of a line."""
    made: dict[str, Part] = {}
    wrong = []
    for each in bounds:
        value = each.read(cells[each.bound.at])
        if value.__class__ is Bad:
            wrong.append(f"{each.group}: {value}")
        elif value is not None:
            found = made.setdefault(each.group, Part(each.part, dict(each.fixed), each.own, each.further))
            found.values[each.bound.field.attname] = value
    return list(made.values()), wrong
