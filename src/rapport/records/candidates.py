"""At most 500 rows that a search looks at, within the actor's scope, newest first, at a bounded cost.

SQLite's FTS5 walks the rows of a word newest first by itself and stops; of a start it knows it as well, of others it is
told the words. PostgreSQL's GIN gives all hits or none: so the newest few rows of each kind tell first how common the
words are there. Common ones are found by walking on through the newest rows; rare ones, and those that turn out to be
common among the very newest only, are left to the index.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.identity import snapshot
from rapport.records import searching, shared
from rapport.records.entity import Entity, registry
from rapport.records.territories import reach

Found = tuple[str, Any, str, int]
MOST = 500
FEW_ROWS, MANY_ROWS = 1_000, 30_000
FAIR = 100  # of each kind, when several are asked for
SHORT = 3
INDEXED = 4  # letters of a start that SQLite has an index for (migration 0002)
FEW_WORDS = 24

_SQLITE = """SELECT e.entity, e.record, e.text, e.id FROM search_text s JOIN search_entry e ON e.id = s.rowid
WHERE search_text MATCH %s ORDER BY s.rowid DESC LIMIT %s"""
# All words that start so, each sought behind the one before: no letter or digit sorts before "0".
_WORDS = """WITH RECURSIVE found(start, past, word, nth) AS (
SELECT start, past, (SELECT term FROM search_word WHERE term >= start LIMIT 1), 1 FROM ({starts}) UNION ALL
SELECT start, past, (SELECT term FROM search_word WHERE term >= word || '0' LIMIT 1), nth + 1 FROM found
WHERE word < past AND nth <= {most}) SELECT start, word FROM found WHERE word < past"""
# OFFSET 0 fences the index off from the planner, who would rather walk the whole table by id. (SELECT …) hides the
# words from him: looking them up in the statistics of all words takes him longer than most searches take.
# BETWEEN and ORDER BY entity leave him but one index, that of each kind's newest: by id alone he would look for the
# rows of a kind that has few, or none, through all others.
_NEWEST = "FROM search_entry WHERE entity BETWEEN {of} AND {of} ORDER BY entity DESC, id DESC LIMIT {most} OFFSET 0"
_COMMON = f"""SELECT kind.entity FROM (VALUES {{kinds}}) kind(entity, sought) WHERE {{common}} = (SELECT count(*) FROM (
  SELECT FROM (SELECT vector {_NEWEST.format(of="kind.entity", most=FEW_ROWS)}) n
  WHERE vector @@ kind.sought LIMIT {{common}}) hit)"""
_BY_INDEX = """SELECT entity, record, text, id FROM (
  SELECT entity, record, text, id FROM search_entry WHERE entity = %s AND vector @@ (SELECT %s::tsquery) OFFSET 0) hit
WHERE {when} ORDER BY id DESC LIMIT {most}"""
_WALKING = f"""WITH walked AS MATERIALIZED (SELECT entity, record, text, id FROM (
  SELECT * {_NEWEST.format(of="%s", most=MANY_ROWS)}) newest
  WHERE vector @@ (SELECT %s::tsquery) LIMIT {{most}})
SELECT * FROM walked WHERE (SELECT count(*) FROM walked) = {{most}}
UNION ALL ({_BY_INDEX.replace("{when}", "(SELECT count(*) FROM walked) < {most}")})"""


def candidates(
    sought: list[str], searchable: list[Entity], actor: Actor, near: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[Found]:
    """(entity, key as stored, text, row number) of rows with all words, newest first within each kind.

    ``near``: whole words that do instead of one that is sought.
    """
    if db.is_sqlite():
        asked_for = " AND ".join(filter(None, [_starting(sought, near), _reach(searchable, actor)]))
        return db.rows(_SQLITE, (asked_for, MOST))
    text = " & ".join(f"({' | '.join([_start(word), *map(_whole, near.get(word, ()))])})" for word in sought)
    asked: list[tuple[str, str]] = []
    for entity in searchable:
        scope = " | ".join(f"'={token}'" for token in _tokens(entity, actor))
        asked.append((entity.key, f"({text}) & ({scope})" if scope else text))
    return _of(asked)


def _start(word: str) -> str:
    """Words that start so, for PostgreSQL: up to three letters are a lexeme (migration 0002), more are a range."""
    return f"'^{word}'" if len(word) <= SHORT else f"'{word}':*"


def _whole(word: str) -> str:
    return f"'{word}'"


def _starting(sought: list[str], near: Mapping[str, Sequence[str]]) -> str:
    """The condition that there are words with all of these starts, in the words of FTS5.

    Of a start that it has no index of, it would first gather all rows of all words; a few words, named one by one, are
    each walked newest first and no further than needed.
    """
    whole: dict[str, list[str]] = {word: [] for word in sought if len(word) > INDEXED}
    if whole:
        starts = " UNION ALL ".join(["SELECT %s AS start, %s AS past"] * len(whole))
        ends = [part for word in whole for part in (word, word[:-1] + chr(ord(word[-1]) + 1))]
        for start, word in db.rows(_WORDS.format(starts=starts, most=FEW_WORDS), ends):
            whole[start].append(word)
    starts_so = {
        word: _any("text", whole[word]) if 0 < len(whole.get(word, ())) <= FEW_WORDS else f'text:"{word}"*'
        for word in sought
    }
    return " AND ".join(
        f"({starts_so[word]} OR {_any('text', near[word])})" if near.get(word) else starts_so[word] for word in sought
    )


def _of(asked: list[tuple[str, str]]) -> list[Found]:
    """The newest rows of each (entity, query) that fit (PostgreSQL): two statements, as the planner takes longer over
    a single one that chooses by itself."""
    most = max(FAIR, MOST // len(asked))
    kinds = ", ".join(["(%s, %s::tsquery)"] * len(asked))
    probe = _COMMON.format(kinds=kinds, common=max(3, FEW_ROWS * most // MANY_ROWS))
    common = {key for (key,) in db.rows(probe, [part for each in asked for part in each])}
    parts, params = [], []
    for key, query in asked:
        parts.append(f"({(_WALKING if key in common else _BY_INDEX).format(when='TRUE', most=most)})")
        params += [key, key, query, key, query] if key in common else [key, query]
    return db.rows(" UNION ALL ".join(parts), params)


def _reach(searchable: list[Entity], actor: Actor) -> str:
    """Which rows of which kinds, in the words of FTS5; nothing when all of them.

    A token that counts for all kinds stands without naming them: a kind is a token of millions of rows.
    """
    searched = [entity for entity in registry if entity.search]
    whole, placed = len(searched), sum(bool(entity.territory) for entity in searched)
    of: dict[str, list[Entity]] = {}
    for entity in searchable:
        for token in _tokens(entity, actor) or ("",):
            of.setdefault(token, []).append(entity)
    alone = []
    alike: dict[tuple[str, ...], list[str]] = {}
    for token, kinds in of.items():
        if token[:1] == "t" and len(kinds) < whole:
            alone += [searching.own_token(entity, token) for entity in kinds if searching.stands_apart(entity)]
            kinds = [entity for entity in kinds if not searching.stands_apart(entity)]
        if kinds:  # a territory's token none but its kinds carry
            every = token[:1] == "y" and len(kinds) == placed
            alike.setdefault(() if every else tuple(map(searching.kind_token, kinds)), []).append(token)
    parts = [_any("scope", alone)] if alone else []
    for marks, tokens in alike.items():
        named = [_any("scope", marks)] if 0 < len(marks) < whole else []
        seen = [_any("scope", tokens)] if tokens != [""] else []
        parts.append(" AND ".join([*named, *seen]))
    return "" if "" in parts else f"({' OR '.join(f'({part})' for part in parts)})"


def _any(column: str, tokens: Iterable[str]) -> str:
    return "(" + " OR ".join(f'{column}:"{token}"' for token in tokens) + ")"


def _tokens(entity: Entity, actor: Actor) -> tuple[str, ...]:
    """The tokens of which a row must have one for the actor to find it; none where he sees all."""
    level = actor.level(entity.key, "view")
    if level >= 3:
        return ()
    teams = [f"t{team}" for team in (*(_tops(actor) if level == 2 else ()), *actor.queues)]
    teams += reach.tokens(actor) if reach.of(entity, actor, level) else []
    return (f"o{actor.id}", *teams, *shared.tokens(actor))  # of what cannot be shared no row has such a token


def _tops(actor: Actor) -> list[str]:
    """The uppermost of the actor's teams: a record names every team above its own, so the lower ones add nothing."""
    above = snapshot.held().parents
    return [team for team in actor.teams if above.get(team) not in actor.teams]
