"""At most 500 rows that a search looks at, taken inside the actor's scope, newest first, at a bounded cost.

SQLite's FTS5 walks its rows newest first by itself and stops. PostgreSQL's GIN gives all hits or none: so some of the
newest rows of each kind are looked through first. They tell how common the words are: of common ones the newest are
enough, found by looking through more; rare ones are left to the index.
"""

from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.identity import snapshot
from rapport.records import shared
from rapport.records.entity import Entity

Found = tuple[str, Any, str, int]
MOST = 500
FEW_ROWS, MANY_ROWS = 3_000, 30_000
RARE = 60
SHORT = 3

_SQLITE = """SELECT e.entity, e.record, e.text, e.id FROM search_text s JOIN search_entry e ON e.id = s.rowid
WHERE search_text MATCH %s ORDER BY s.rowid DESC LIMIT %s"""
_NEWEST = """SELECT entity, record, text, id FROM (
  SELECT entity, record, text, id, vector FROM search_entry WHERE entity = %s ORDER BY id DESC LIMIT %s OFFSET 0) n
WHERE vector @@ %s::tsquery LIMIT %s"""
# OFFSET 0 fences the index off from the planner, who would rather walk the whole table by id.
_ALL = """SELECT e.entity, e.record, e.text, e.id FROM (SELECT id FROM (
  SELECT id FROM search_entry WHERE entity = %s AND vector @@ %s::tsquery OFFSET 0) h ORDER BY id DESC LIMIT %s) s
JOIN search_entry e ON e.id = s.id"""


def candidates(sought: list[str], searchable: list[Entity], actor: Actor) -> list[Found]:
    """(entity, key as stored, text, row number) of rows with all words, newest first."""
    if db.is_sqlite():
        text = " AND ".join(f'text:"{word}"*' for word in sought)
        places = " OR ".join(_scope(entity, actor, 'scope:"{}"', " AND ", " OR ") for entity in searchable)
        return db.rows(_SQLITE, (f"({text}) AND ({places})", MOST))
    # A start of up to three letters is a lexeme of its own (migration 0002), a longer one a range of them.
    text = " & ".join(f"'^{word}'" if len(word) <= SHORT else f"'{word}':*" for word in sought)
    found: list[Found] = []
    for entity in searchable:
        scope = _scope(entity, actor, "'={}'", " & ", " | ")
        found += _of(entity, f"({text}) & {scope}" if actor.level(entity.key, "view") < 3 else text)
    return found


def _of(entity: Entity, query: str) -> list[Found]:
    """The newest rows of one entity that fit (PostgreSQL)."""
    newest = db.rows(_NEWEST, (entity.key, FEW_ROWS, query, MOST))
    if RARE <= len(newest) < MOST:
        newest = db.rows(_NEWEST, (entity.key, MANY_ROWS, query, MOST))
    return newest if len(newest) >= MOST else db.rows(_ALL, (entity.key, query, MOST))


def _scope(entity: Entity, actor: Actor, form: str, both: str, either: str) -> str:
    """The entity's token, and those of who may find it."""
    terms = [form.format(f"e{entity.key}")]
    level = actor.level(entity.key, "view")
    if level < 3:
        tokens = [f"o{actor.id}"] + ([f"t{team}" for team in _tops(actor)] if level == 2 else [])
        tokens += shared.tokens(actor) if entity.is_shareable else []
        terms.append("(" + either.join(form.format(token) for token in tokens) + ")")
    return f"({both.join(terms)})"


def _tops(actor: Actor) -> list[str]:
    """The uppermost of the actor's teams: a record names every team above its own, so the lower ones add nothing."""
    above = snapshot.held().parents
    return [team for team in actor.teams if above.get(team) not in actor.teams]
