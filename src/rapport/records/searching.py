"""One search table over everything: folded text, and the tokens of who may find it."""

import functools
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.text import words
from rapport.records import shared, tagging
from rapport.records.entity import Entity
from rapport.records.territories import reach

COLUMNS = ("entity", "record", "text", "scope")
LONGEST = 2000
MOVES = ("owner_id", "team_id", "territory_id")  # what says who finds a record
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # J.P. Morgan is found by jp
MOST_LENT = 200
Written = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def text_of(entity: Entity, values: Mapping[str, Any], lent: Iterable[str] = ()) -> str:
    """The searchable words of a record: each once, most weighty fields first, then what its parts lend."""
    found: list[str] = []
    for value in dict.fromkeys((*(values.get(attname) for attname in looked_at(entity)), *lent)):
        if value:
            text = str(value)
            found += words(text)
            found += ("".join(words(letters)) for letters in _INITIALS.findall(text))
    if values.get("tags"):
        found += words(tagging.text(values["tags"]))
    return " ".join(dict.fromkeys(found))[:LONGEST]


def looked_at(entity: Entity) -> tuple[str, ...]:
    """The attribute names whose words a record is found by: not those that are hidden from anybody."""
    hidden, every = _unsearched(entity), entity.every
    return tuple(name for name in every.searched if every.by_attname[name].name not in hidden)


def _unsearched(entity: Entity) -> frozenset[str]:
    found: frozenset[str] = snapshot.held().parts["field_rights"].unsearched(entity.key)
    return found


def _lenders(entity: Entity) -> list[Entity]:
    """The parts by whose words a record is found."""
    return [part for part in entity.parts if part.lends and _unsearched(entity).isdisjoint(part.copies)]


def whole_of(entity: Entity, record: Any) -> str:
    """The key of the record that this one is part of."""
    return str(getattr(record, entity.field(entity.part_of).attname))


def lent(entity: Entity, born: Iterable[Any]) -> dict[str, list[str]]:
    """What the parts that come with new records lend them, by the record."""
    lenders = {
        part.model: operator.attrgetter(part.field(part.part_of).attname, part.field(part.lends).attname)
        for part in _lenders(entity)
    }
    found: dict[str, list[str]] = {}
    for child in born if lenders else ():
        look = lenders.get(type(child))
        if look is not None:
            whole, value = look(child)
            found.setdefault(whole, []).append(value)
    return found


def _lent(entity: Entity, keys: Sequence[str]) -> dict[str, list[str]]:
    """What the parts of stored records lend them, by the record."""
    found: dict[str, list[str]] = {}
    lenders = _lenders(entity) if keys else []
    marks = ", ".join(["%s"] * len(keys))
    for part in lenders:
        column, by = part.field(part.lends).column, part.field(part.part_of).column
        one = f" LIMIT {MOST_LENT}" if len(keys) == 1 else ""
        sql = f"""SELECT {by}, "{column}" FROM "{part.table}" WHERE {by} IN ({marks}) AND binned_at IS NULL
                  ORDER BY id{one}"""
        for key, value in db.rows(sql, [db.key(key) for key in keys]):
            words_of = found.setdefault(str(db.unkey(key)), [])
            if len(words_of) < MOST_LENT:
                words_of.append(str(value))
    return found


def refresh(entity: Entity, key: str) -> None:
    """Bring the search row of a stored record up to date: a part of it has changed."""
    names = (*looked_at(entity), *(("tags",) if entity.has_tags else ()))
    columns = ", ".join(entity.every.by_attname[name].raw("t") for name in names)
    row = db.one(f'SELECT {columns} FROM "{entity.table}" t WHERE t.id = %s', (db.key(key),))
    if row is not None:
        text = text_of(entity, dict(zip(names, row, strict=True)), _lent(entity, [key]).get(key, ()))
        retext([(text, db.key(key))])


def reword(entity: Entity, written: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """The words of stored records anew: (id, values by attribute name)."""
    held = _lent(entity, [key for key, _values in written])
    retext([(text_of(entity, values, held.get(key, ())), db.key(key)) for key, values in written])


def retext(found: list[tuple[str, Any]]) -> None:
    """Other words for records (as stored) that have a row; it counts as a new one, so that its words are learnt."""
    fresh = "(SELECT max(id) + 1 FROM search_entry)"
    if not db.is_sqlite():
        fresh = "nextval(pg_get_serial_sequence('search_entry', 'id'))"
    db.execute_many(f"UPDATE search_entry SET text = %s, id = {fresh} WHERE record = %s", found)


def tokens_of(
    entity: Entity, owner: str | None, team: str | None, grantees: Iterable[str] = (), territory: str | None = None
) -> str:  # fmt: skip
    """Who may find it: who has "all" on the entity, the owner, those above his team, those who work its territory or
    one above it, and whom it is shared with."""
    found = tokens(entity, owner, snapshot.held().path(team), grantees)
    return " ".join([found, *reach.tokens_of(territory)])


def tokens(entity: Entity, owner: str | None, path: Iterable[str], grantees: Iterable[str] = ()) -> str:
    """The same where the teams above the record are known."""
    teams = [f"t{each}" for each in path]
    found = [kind_token(entity), *([f"o{owner}"] if owner else []), *teams]
    if stands_apart(entity):
        found += [own_token(entity, each) for each in teams]
    return " ".join([*found, *map(shared.token, grantees)])


def kind_token(entity: Entity) -> str:
    """What all rows of a kind carry."""
    return f"e{entity.key.replace('_', '')}"


def own_token(entity: Entity, token: str) -> str:
    """A team's token on the rows of one kind only."""
    return f"{kind_token(entity)}{token}"


@functools.cache
def stands_apart(entity: Entity) -> bool:
    """True when a role is declared to reach its team's records of this kind, as it does with no others.

    Rows of such a kind carry the team's tokens once more, for this kind alone: to find "a task, and this team's" SQLite
    would walk two lists of millions. Who declares it of a kind that has rows migrates them (as migration 0010 does).
    """
    return any("view:team" in verbs.split() for verbs in entity.grants.values())


def rescope(entity: Entity, record: Any) -> None:
    """Owner, team, territory or shares of a record have changed: who finds it now."""
    if entity.search:
        key = db.key(record.id)
        tokens = _scope(entity, vars(record), shared.grantees_of([key]).get(record.id))
        db.execute("UPDATE search_entry SET scope = %s WHERE record = %s", (tokens, key))


def index(entity: Entity, key: str, values: dict[str, Any], born: Iterable[Any] = ()) -> None:
    """The search row of a new record, inside the transaction; ``born``: the parts that came with it."""
    if entity.lends:
        _index_wholes(entity, [(key, None, values)])
    if entity.search:
        text = text_of(entity, values, lent(entity, born).get(key, ()))
        found = (entity.key, db.key(key), text, _scope(entity, values, ()))
        db.execute(db.insert_sql("search_entry", COLUMNS), found)


def follow(entity: Entity, written: Sequence[Written]) -> None:
    """Keep the search rows of stored records in step: (id, values before, values after) by attribute name."""
    if entity.lends:
        _index_wholes(entity, written)
    if not entity.search:
        return
    gone, back, told, moved = _by_need(entity, written)
    held = _lent(entity, [key for key, _values in (*back, *told)])
    given = shared.grantees_of([db.key(key) for key, _values in (*back, *moved)])
    if gone:
        db.execute_many("DELETE FROM search_entry WHERE record = %s", [(db.key(key),) for key in gone])
    if back:
        texts = {key: text_of(entity, values, held.get(key, ())) for key, values in back}
        fresh = [(entity.key, db.key(key), texts[key], _scope(entity, values, given.get(key))) for key, values in back]
        db.execute_many(db.insert_sql("search_entry", COLUMNS), fresh)
    if told:
        retext([(text_of(entity, values, held.get(key, ())), db.key(key)) for key, values in told])
    if moved:
        scopes = [(_scope(entity, values, given.get(key)), db.key(key)) for key, values in moved]
        db.execute_many("UPDATE search_entry SET scope = %s WHERE record = %s", scopes)


Needs = list[tuple[str, Mapping[str, Any]]]


def _by_need(entity: Entity, written: Sequence[Written]) -> tuple[list[str], Needs, Needs, Needs]:
    """Which search rows go, come back, get other words, are found by others."""
    gone: list[str] = []
    back: Needs = []
    told: Needs = []
    moved: Needs = []
    seen = (*looked_at(entity), "tags")
    for key, before, values in written:
        if values.get("binned_at"):
            gone.append(key)
        elif before.get("binned_at"):
            back.append((key, values))
        else:
            if any(before.get(name) != values.get(name) for name in seen):
                told.append((key, values))
            if any(before.get(name) != values.get(name) for name in MOVES):
                moved.append((key, values))
    return gone, back, told, moved


def _scope(entity: Entity, values: Mapping[str, Any], given: Iterable[str] | None) -> str:
    owner, team, territory = map(values.get, MOVES)
    return tokens_of(entity, owner, team, given or (), territory)


def _index_wholes(entity: Entity, written: Iterable[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]]]) -> None:
    """What these records are part of is found by other words now."""
    by, own = entity.field(entity.part_of).attname, entity.field(entity.lends).attname
    wholes: dict[str, None] = {}
    for _key, before, values in written:
        if before is None or any(before[name] != values[name] for name in (by, own, "binned_at")):
            wholes |= dict.fromkeys([values[by], before[by]] if before else [values[by]])
    for key in wholes:
        refresh(entity.whole, str(key))
