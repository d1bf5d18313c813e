"""Warned while typing: records that are already here, found by indexed keys within the reader's scope."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.text import fold
from rapport.records import custom, intake, kinds, read
from rapport.records.duplicates.evidence import Likeness
from rapport.records.duplicates.manners import NEAR, PART, SAME
from rapport.records.duplicates.pairs import Reason, coded, said
from rapport.records.duplicates.traits import Traits
from rapport.records.entity import Entity, Field
from rapport.records.errors import Bad, Problem, Refused
from rapport.records.layout import value_of
from rapport.records.read import Query

SHOWN, LOOKED_AT = 3, 40
SHORTEST = 3
EXACT = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Near:
    """A record that may be the one being typed, with what speaks for it."""

    id: str
    title: str
    detail: str
    reasons: tuple[Reason, ...]


def nearby(entity: Entity, typed: Mapping[str, Any]) -> list[Near]:
    """Records like the one being typed, the likeliest first; ``typed``: its values so far by field name."""
    told = entity.duplicates
    if told is None:
        return []
    traits, given = Traits(entity), _understood(entity, typed)
    row, found = traits.of(_settled(entity, given)), dict[str, tuple[int, Near]]()
    for item in _candidates(entity, traits, given):
        if item["id"] in found:
            continue
        other = traits.wired(item)
        likeness = max(likenesses(traits, row, other), key=lambda each: _weight(traits, each.levels))
        if weight := _weight(traits, likeness.levels):
            reasons = said(entity, coded(traits, likeness))
            why = tuple(reason for reason in reasons if reason.speaks_for)
            found[item["id"]] = weight, Near(item["id"], item[entity.title], glance(entity, item), why)
    return [near for _weight, near in sorted(found.values(), key=lambda each: -each[0])[:SHOWN]]


def _understood(entity: Entity, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as it would be stored; what is not finished yet stays away."""
    place, found = intake.place_for(current()), {}
    for name, value in typed.items():
        known = entity.fields.get(name)
        if known is not None and isinstance(value, str) and value.strip():
            try:
                found[name] = known.kind.parse(value, place)
            except Bad:
                continue
    if entity.title not in found:
        names = [trait.field.name for trait in Traits(entity).all if trait.kind == "name"]
        found[entity.title] = " ".join(str(found[name]) for name in names if found.get(name))
    return found


def _settled(entity: Entity, given: Mapping[str, Any]) -> Any:
    """The record as it would be: a whole name falls into its parts."""
    record = entity.model()
    custom.assign(record, {entity.fields[name].attname: value for name, value in given.items()})
    with suppress(Refused):
        record.settle(None)  # type: ignore[attr-defined]
    return record


def _candidates(entity: Entity, traits: Traits, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Records in scope that share an address or number, then those whose name begins alike."""
    names = tuple(
        dict.fromkeys(("id", entity.title, *entity.seen(entity.found_by), *(trait.field.name for trait in traits.all)))
    )
    for trait in traits.all:
        value = given.get(trait.field.name)
        if trait.kind in EXACT and value and trait.field.mark is None:
            yield from _holding(entity, trait.field, value, names)
    told, words = entity.duplicates, fold(str(given.get(entity.title) or "")).split()
    apart = told.apart if told else ""
    alike = [{"field": apart, "op": "eq", "value": given[apart]}] if given.get(apart) else []
    if len("".join(words)) < SHORTEST:
        return
    # A first word may be common: with the second it is looked for first; the other way round last.
    for begins in dict.fromkeys((" ".join(words[:2]), words[0], " ".join(words[1:]))):
        if begins:
            begun = {"field": entity.title, "op": "starts_with", "value": begins}
            yield from _read(Query(entity, filter={"and": [*alike, begun]}, fields=names, sort=(entity.title,)))


def _holding(entity: Entity, known: Field, value: Any, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """By the index of the field first: together with an order SQLite would rather walk that."""
    sql = f'SELECT t.id FROM {entity.rows} t WHERE t."{known.column}" = %s LIMIT {LOOKED_AT}'
    keys = [row[0] for row in db.rows(sql, [value])]
    if keys:
        query = Query(entity, fields=names)
        query.where.append((f"t.id IN ({', '.join(['%s'] * len(keys))})", keys))
        yield from _read(query)


def _read(query: Query) -> Iterator[dict[str, Any]]:
    query.limit = LOOKED_AT
    with suppress(Problem):
        yield from read.page(query).items()


def likenesses(traits: Traits, row: list[str], other: list[str]) -> Iterator[Likeness]:
    """How alike two rows are, as they stand and with the two names in each other's place."""
    turned = [row[1], row[0], *row[2:]] if traits.names == 2 else row
    for one in (row, turned):
        levels = tuple(
            trait.manner.level(left, right) if left and right else None
            for trait, left, right in zip(traits.all, one, other, strict=True)
        )
        yield Likeness(0.0, levels, one is not row)


def _weight(traits: Traits, levels: tuple[int | None, ...]) -> int:
    """How much speaks for it: an e-mail or telephone alone is enough, else the whole name must be alike."""
    by_kind: dict[str, list[int]] = {}
    for trait, level in zip(traits.all, levels, strict=True):
        if level is not None:
            by_kind.setdefault(trait.kind, []).append(level)
    same = sum(SAME in by_kind.get(kind, ()) for kind in (*EXACT, "site", "code"))
    named = by_kind.get("name") or by_kind.get("title") or []
    whole = len(named) >= (traits.names if by_kind.get("name") else 1)
    if same:
        return 10 * same + sum(level <= NEAR for level in named)
    alike = all(level <= NEAR for level in named) or sorted(named)[:2] == [SAME, PART]
    return 1 + sum(level == SAME for level in named) if named and whole and alike else 0


def glance(entity: Entity, item: Mapping[str, Any]) -> str:
    """What tells a record apart beside its title, in words."""
    apart, place = entity.duplicates.apart if entity.duplicates else "", kinds.Place()
    shown = ((entity.field(name).kind, value_of(item, name)) for name in entity.found_by if name != apart)
    return " · ".join(kind.text(value, place) for kind, value in shown if isinstance(value, str) and value)
