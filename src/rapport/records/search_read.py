"""Finding across everything: at most 500 candidates within the actor's scope, newest first, then ranked."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.identity.organisation import organisation
from rapport.platform.text import fold, prefix_end, words
from rapport.records import scope
from rapport.records.candidates import Found, candidates
from rapport.records.entity import Entity, registry
from rapport.records.errors import BadQuery
from rapport.records.filters import Joins, compile_filter
from rapport.records.intake import place_for
from rapport.records.kinds import Place, international
from rapport.records.spelling import vocabulary
from rapport.records.spelling.edits import distance

LONGEST = 200
SPARE = 4  # hits looked at besides those shown: one may have gone meanwhile


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, with its title and what is shown beneath it."""

    entity: Entity
    id: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Near:
    """Records whose words are a letter or two off, and what could have been meant."""

    hits: list[Hit]
    meant: str


def search(text: str, *, entities: tuple[str, ...] = (), limit: int = 20, of_each: int | None = None) -> list[Hit]:
    """Records with words that start as those of ``text`` do, best first; only what the actor may see.

    ``of_each``: no more of one kind than this, lest it crowd out another.
    """
    actor = current()
    searchable = _searchable(entities, actor)
    for sought in _readings(text) if searchable else ():
        if found := _candidates(sought, searchable, actor):
            ranked = sorted([(*_rank(row[2], sought), -row[3], row[0], row[1]) for row in found])
            return _best(ranked, actor, limit, of_each)
    return []


def near(text: str, *, entities: tuple[str, ...] = (), limit: int = 20, of_each: int | None = None) -> Near:
    """The same for words that are misspelt: for when ``search`` finds nothing, or little."""
    actor, nothing = current(), Near([], "")
    searchable, sought = _searchable(entities, actor), next(iter(_readings(text)), [])[:4]
    known = {word: vocabulary.near(word) for word in sought} if searchable else {}
    if not any(known.values()):
        return nothing
    found = _candidates(sought, searchable, actor, known)
    off = {row[3]: [_instead(word, row[2], known) for word in sought] for row in found}
    ranked = sorted(
        (_off(sought, off[row[3]]), *_rank(row[2], off[row[3]]), -row[3], row[0], row[1])
        for row in found
        if off[row[3]] != sought  # what is not off at all was found already
    )
    if not ranked:
        return nothing
    hits = _best([row[1:] for row in ranked], actor, limit, of_each)
    return Near(hits, " ".join(off[-ranked[0][3]])) if hits else nothing


def _searchable(entities: tuple[str, ...], actor: Actor) -> list[Entity]:
    return [e for e in registry if e.search and actor.may(e.key, "view") and (not entities or e.key in entities)]


def _candidates(
    sought: list[str], searchable: list[Entity], actor: Actor, known: Mapping[str, Sequence[str]] | None = None
) -> list[Found]:
    there = {entity.key for entity in searchable}  # an object of the organisation's own may lie in the bin
    return [row for row in candidates(sought, searchable, actor, known or {}) if row[0] in there]


def _readings(text: str) -> list[list[str]]:
    """The words to look for; a number without letters is one word, read in one way after the other."""
    if len(text) > LONGEST:
        raise BadQuery(f"Search for at most {LONGEST} characters.")
    sought = words(text)[:8]
    digits = re.sub(r"\D", "", text)
    if not sought or len(digits) < 5 or re.search(r"[^\W\d_]", text):
        return [sought] if sought else []
    return [[each] for each in dict.fromkeys((digits, international(text, organisation().country))) if each]


def _off(sought: list[str], instead: list[str]) -> int:
    """How many letters words are off."""
    return sum(distance(word, each) for word, each in zip(sought, instead, strict=True) if word != each)


def _instead(word: str, text: str, known: Mapping[str, Sequence[str]]) -> str:
    """The word of a row that may have been meant."""
    held = text.split(" ")
    if any(each.startswith(word) for each in held):
        return word
    return min((each for each in known[word] if each in held), key=lambda each: distance(word, each), default=word)


def _best(ranked: list[tuple[Any, ...]], actor: Actor, limit: int, of_each: int | None) -> list[Hit]:
    best = [(kind, str(db.unkey(record))) for _penalty, _length, _row, kind, record in _fair(ranked, of_each or limit)]
    return _dress(best[: limit + SPARE], actor)[:limit]


def condition(entity: Entity, text: str) -> tuple[str, list[Any]]:
    """The records of ``entity`` that a search finds, as a condition of a list."""
    if not entity.search:
        raise BadQuery(f"{entity.plural} cannot be searched by text; use “filter”.")
    hits = search(text, entities=(entity.key,), limit=200)
    if not hits:
        return "1 = 0", []
    return f"t.id IN ({', '.join(['%s'] * len(hits))})", [db.key(hit.id) for hit in hits]


def _fair(ranked: list[tuple[Any, ...]], of_each: int) -> Iterator[tuple[Any, ...]]:
    """The best of each kind, and a few to spare."""
    taken: Counter[str] = Counter()
    for one in ranked:
        taken[one[3]] += 1
        if taken[one[3]] <= of_each + SPARE:
            yield one


def _rank(text: str, sought: list[str]) -> tuple[int, int]:
    """Smaller is better: words at the start and whole words first, then short texts."""
    held = text.split(" ")
    penalty = 0
    for at, word in enumerate(sought):
        if at < len(held) and held[at] == word:
            continue
        if at < len(held) and held[at].startswith(word):
            penalty += 1
        elif word in held:
            penalty += 2
        else:
            penalty += 3
    return penalty, len(held)


def _dress(ranked: list[tuple[str, str]], actor: Actor) -> list[Hit]:
    """Titles and details from the records themselves, read once more within the scope."""
    by_entity: dict[str, list[str]] = {}
    for key, record in ranked:
        by_entity.setdefault(key, []).append(record)
    hits: dict[str, Hit] = {}
    place = Place()
    for key, records in by_entity.items():
        entity = registry.get(key)
        where, params = scope.condition(entity, actor)
        joins = Joins(entity, actor)
        names = [entity.title, *(name for name in entity.seen(entity.found_by) if name != entity.title)]
        picked = [joins.column(name, raw=True) for name in names]
        columns = ", ".join(column for column, _known in picked)
        places = ", ".join(["%s"] * len(records))
        sql = f"""SELECT t.id, {columns} FROM "{entity.table}" t {joins.text}
                  WHERE t.id IN ({places}) AND {where} AND t.binned_at IS NULL"""
        for row in db.rows(sql, [*joins.params, *(db.key(record) for record in records), *params]):
            shown = zip(picked[1:], row[2:], strict=True)
            detail = " · ".join(known.kind.text(value, place) for (_column, known), value in shown if value)
            hits[str(db.unkey(row[0]))] = Hit(entity, str(db.unkey(row[0])), row[1] or "", detail)
    return [hits[record] for _key, record in ranked if record in hits]


def lookup(entity: Entity, text: str, offered: Any = None, limit: int = 12) -> list[tuple[str, str]]:
    """(id, title) of records whose title starts with ``text``, for relation pickers; by index, within scope.

    ``offered``: a filter tree that narrows them.
    """
    actor = current()
    joins = Joins(entity, actor)
    narrow, held = compile_filter(offered, joins, place_for(actor))
    known = entity.field(entity.title)
    where, params = scope.condition(entity, actor)
    live = (
        " AND t.binned_at IS NULL" if entity.is_record else " AND t.is_active" if "is_active" in entity.fields else ""
    )
    cut, places = ("1 = 1", [])
    sought = fold(text).replace("\x00", "")
    if sought:
        cut = f't."{known.compare}" >= %s AND t."{known.compare}" < %s'
        places = [sought, prefix_end(sought)]
    sql = f"""SELECT t.id, t."{known.column}" FROM "{entity.table}" t {joins.text}
              WHERE {cut} AND {narrow} AND {where}{live} ORDER BY t."{known.compare}", t.id LIMIT {limit}"""
    found: list[tuple[Any, ...]] = db.rows(sql, [*joins.params, *places, *held, *params])
    return [(str(db.unkey(key)), title or "") for key, title in found]
