"""Finding across everything: at most 500 candidates within the actor's scope, newest first, then ranked."""

import re
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.text import fold, words
from rapport.records import scope
from rapport.records.entity import Entity, registry
from rapport.records.errors import BadQuery
from rapport.records.filters import Joins
from rapport.records.kinds import Place

CANDIDATES = 500
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, with its title and what is shown beneath it."""

    entity: Entity
    id: str
    title: str
    detail: str


def search(text: str, *, entities: tuple[str, ...] = (), limit: int = 20) -> list[Hit]:
    """Records with all words of ``text`` (the last as a prefix), best first; only what the actor may see."""
    if len(text) > LONGEST:
        raise BadQuery(f"Search for at most {LONGEST} characters.")
    sought = words(text)[:8]
    digits = re.sub(r"\D", "", text)
    if len(sought) > 1 and len(digits) >= 5 and not re.search(r"[^\W\d_]", text):
        sought = [digits]
    actor = current()
    searchable = [e for e in registry if e.search and actor.may(e.key, "view") and (not entities or e.key in entities)]
    if not sought or not searchable:
        return []
    found = _candidates(sought, searchable, actor)
    ranked = sorted(found, key=lambda row: _rank(row[2], sought, row[3]))[: limit * 2]
    return _dress(ranked, actor)[:limit]


def _candidates(sought: list[str], searchable: list[Entity], actor: Actor) -> list[tuple[str, str, str, int]]:
    """(entity, id, text, row number) of candidates, newest first."""
    if db.is_sqlite():
        text = " AND ".join(f'text:"{word}"*' for word in sought)
        places = " OR ".join(f"({' AND '.join(each)})" for each in _scopes(searchable, actor, 'scope:"{}"', " OR "))
        sql = """SELECT e.entity, e.record, e.text, e.id FROM search_text s JOIN search_entry e ON e.id = s.rowid
                 WHERE search_text MATCH %s ORDER BY s.rowid DESC LIMIT %s"""
        rows = db.rows(sql, (f"({text}) AND ({places})", CANDIDATES))
    else:
        text = " & ".join(f"'{word}':*ABC" for word in sought)
        text = text.replace(":*ABC", ":*")
        places = " | ".join(f"({' & '.join(each)})" for each in _scopes(searchable, actor, "'{}':D", " | "))
        sql = """SELECT e.entity, e.record, e.text, e.id FROM (
                   SELECT id FROM search_entry WHERE vector @@ %s::tsquery ORDER BY id DESC LIMIT %s) s
                 JOIN search_entry e ON e.id = s.id"""
        rows = db.rows(sql, (f"({text}) & ({places})", CANDIDATES))
    return [(entity, str(db.unkey(record)), held, key) for entity, record, held, key in rows]


def _scopes(searchable: list[Entity], actor: Actor, form: str, either: str) -> list[list[str]]:
    """Per entity: its token, and who may find it."""
    found = []
    for entity in searchable:
        terms = [form.format(f"e{entity.key}")]
        level = actor.level(entity.key, "view")
        if level < 3:
            tokens = [f"o{actor.id}"] + ([f"t{team}" for team in actor.teams] if level == 2 else [])
            terms.append("(" + either.join(form.format(token) for token in tokens) + ")")
        found.append(terms)
    return found


def _rank(text: str, sought: list[str], key: int) -> tuple[int, int, int]:
    """Smaller is better: words at the start and whole words first, then short texts, then new ones."""
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
    return penalty, len(held), -key


def _dress(ranked: list[tuple[str, str, str, int]], actor: Actor) -> list[Hit]:
    """Titles and details from the records themselves, read once more within the scope."""
    by_entity: dict[str, list[str]] = {}
    for key, record, _text, _row in ranked:
        by_entity.setdefault(key, []).append(record)
    hits: dict[str, Hit] = {}
    place = Place()
    for key, records in by_entity.items():
        entity = registry.get(key)
        where, params = scope.condition(entity, actor)
        joins = Joins(entity, actor)
        names = [entity.title, *(name for name in entity.found_by if name != entity.title)]
        picked = [joins.column(name, raw=True) for name in names]
        columns = ", ".join(column for column, _known in picked)
        places = ", ".join(["%s"] * len(records))
        sql = f"""SELECT t.id, {columns} FROM "{entity.table}" t {joins.text}
                  WHERE t.id IN ({places}) AND {where} AND t.binned_at IS NULL"""
        for row in db.rows(sql, [*joins.params, *(db.key(record) for record in records), *params]):
            shown = zip(picked[1:], row[2:], strict=True)
            detail = " · ".join(known.kind.text(value, place) for (_column, known), value in shown if value)
            hits[str(db.unkey(row[0]))] = Hit(entity, str(db.unkey(row[0])), row[1] or "", detail)
    return [hits[record] for _key, record, _text, _row in ranked if record in hits]


def lookup(entity: Entity, text: str, limit: int = 12) -> list[tuple[str, str]]:
    """(id, title) of records whose title starts with ``text``, for relation pickers; by index, within scope."""
    actor = current()
    known = entity.field(entity.title)
    where, params = scope.condition(entity, actor)
    live = (
        " AND t.binned_at IS NULL" if entity.is_record else " AND t.is_active" if "is_active" in entity.fields else ""
    )
    cut, places = ("1 = 1", [])
    if fold(text):
        cut = f't."{known.compare}" >= %s AND t."{known.compare}" < %s'
        places = [fold(text), fold(text) + "\U0010ffff"]
    sql = f"""SELECT t.id, t."{known.column}" FROM "{entity.table}" t WHERE {cut} AND {where}{live}
              ORDER BY t."{known.compare}", t.id LIMIT {limit}"""
    found: list[tuple[Any, ...]] = db.rows(sql, [*places, *params])
    return [(str(db.unkey(key)), title or "") for key, title in found]
