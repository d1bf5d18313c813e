"""Whose value each field keeps when two records become one.

Without a choice the winner's value stays, an empty one is filled from the loser, and what can hold several (roles,
tags) holds those of both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.keys import parse_key
from rapport.records import custom, tagging
from rapport.records.entity import Entity, Field
from rapport.records.errors import Invalid
from rapport.records.kinds import LongTextKind, MultiChoiceKind, TagsKind

WINNER, LOSER, BOTH = "winner", "loser", "both"
KEPT = ("id", "created_at", "created_by", "updated_at", "version", "external_source", "about")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """A field in which the two differ: both values as stored, whose is kept, and whether both can be."""

    field: Field
    winner: Any
    loser: Any
    kept: str
    joinable: bool


def key_given(value: Any) -> str:
    """The id of the other record, as a program gave it."""
    found = parse_key(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid.at("with", _("Say with which record: give its id."), "required")
    return found


def fields_of(entity: Entity) -> Iterator[Field]:
    """The fields whose value is somebody's to choose; what a verb governs stays as the winner has it."""
    apart = entity.duplicates.apart if entity.duplicates else ""
    for name, known in entity.every.items():
        if name not in KEPT and name != apart and not known.verb and (not known.read_only or name == "owner"):
            yield known


def differing(entity: Entity, winner: Any, loser: Any, choices: Mapping[str, Any]) -> list[Choice]:
    """The fields in which the two differ, with whose value would be kept. Raises Invalid for a choice that is none."""
    known = {field.name: field for field in fields_of(entity)}
    for name, said in choices.items():
        if name not in known or name not in entity.fields or entity.fields[name].guarded:
            raise Invalid.at(f"choices.{name}"[:80], _("This is no field that can be chosen."), "unknown_field")
        if said not in (WINNER, LOSER, BOTH):
            raise Invalid.at(f"choices.{name}", _("Choose winner, loser or both."), "choice")
    found, whole = [], _standing(known, winner, loser)
    for name, field in known.items():
        held, other = getattr(winner, field.attname), getattr(loser, field.attname)
        if field.relation == "territory" and field.mark is None and not loser.territory_fixed:
            continue  # a rule put it there: rules will look at what the two become
        if (held or None) == (other or None) and not _is_value(held, other):
            continue
        joinable = isinstance(field.kind, MultiChoiceKind | TagsKind | LongTextKind)
        usual = LOSER if not _is_value(held) and name.partition(".")[0] not in whole else WINNER
        if usual == WINNER and _is_value(other) and isinstance(field.kind, MultiChoiceKind | TagsKind):
            usual = BOTH
        kept = choices.get(name, usual)
        if kept == BOTH and not joinable:
            raise Invalid.at(f"choices.{name}", _("This field holds one value: choose winner or loser."), "choice")
        found.append(Choice(field, held, other, kept, joinable and _is_value(held) and _is_value(other)))
    return found


def _standing(known: Mapping[str, Field], winner: Any, loser: Any) -> set[str]:
    """Compound fields (an address) of which the winner says something else: they are not filled from two places."""
    compound = (field for name, field in known.items() if "." in name and field.mark is None)
    return {
        field.name.partition(".")[0]
        for field in compound
        if _is_value(held := getattr(winner, field.attname)) and held != (getattr(loser, field.attname) or held)
    }  # fmt: skip


def _is_value(*values: Any) -> bool:
    """Whether any of them is one; a zero and a no are, unless both are the same."""
    if len(values) > 1:
        return values[0] != values[1] and any(each in (0, False) and each is not None for each in values)
    return values[0] not in (None, "", [], {})


def chosen(entity: Entity, winner: Any, loser: Any, choices: Mapping[str, Any]) -> Values:
    """The values that the winner takes over, by attribute name."""
    found: Values = {}
    money = {each.name: each for each in entity.every.money}
    for choice in differing(entity, winner, loser, choices):
        if choice.kept == WINNER:
            continue
        field = choice.field
        found[field.attname] = choice.loser if choice.kept == LOSER else _joined(field, choice.winner, choice.loser)
        if field.name in money:
            for name in (field.compare, money[field.name].money_currency):
                found[entity.every.by_attname[name].attname if name in entity.every.by_attname else name] = getattr(
                    loser, name
                )
        if field.name == "external_id":
            found["external_source"] = loser.external_source
    for name, value in list(found.items()):
        known = entity.every.by_attname.get(name)
        if known is not None and known.relation == entity.key and value in (winner.id, loser.id):
            found[name] = None
    for name, known in entity.every.by_attname.items():
        if known.relation == entity.key and name not in found and name != "id" and getattr(winner, name) == loser.id:
            found[name] = None
    return found


def _joined(field: Field, held: str, other: str) -> str:
    if isinstance(field.kind, TagsKind):
        return tagging.pack([*(held or "").split(), *(other or "").split()]) or ""
    if isinstance(field.kind, LongTextKind):
        return "\n\n".join(filter(None, (held, other)))
    if field.mark is not None:
        return list(dict.fromkeys([*(held or []), *(other or [])]))  # type: ignore[return-value]
    gap = field.kind.gap  # type: ignore[attr-defined]
    words = dict.fromkeys([*(held or "").split(gap), *(other or "").split(gap)])
    return f"{gap}{gap.join(filter(None, words))}{gap}"


def assign(record: Any, name: str, value: Any) -> None:
    """Set a value by attribute name, also of an own field."""
    custom.assign(record, {name: value})
