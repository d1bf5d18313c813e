"""Tags of records: shared ones (a column of the record, with history and undo) and personal ones (their owner's alone).

Both stand in ``record_tag``, by which filters find records; the shared column only spares lists from looking there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.identity import snapshot
from rapport.platform.keys import parse_key
from rapport.platform.text import fold
from rapport.records.errors import Bad
from rapport.records.kinds.base import Sql, truth

# Up to that many records are looked up by a filter's tag; of more, the next ones in order are soon found by walking.
FEW = 3_000
NAMED = 30


@dataclass(frozen=True, slots=True)
class TagInfo:
    """A tag as every worker knows it."""

    id: str
    name: str
    key: str
    hue: int | None
    owner: str | None
    binned: bool


@snapshot.part("tags")
def _load() -> dict[str, TagInfo]:
    sql = "SELECT id, name, name_key, hue, owner_id, binned_at FROM tag ORDER BY name_key, id"
    found = ((str(db.unkey(key)), *more, db.unkey(own), at) for key, *more, own, at in db.rows(sql))
    return {key: TagInfo(key, name, plain or "", hue, own, at is not None) for key, name, plain, hue, own, at in found}


def _all() -> dict[str, TagInfo]:
    found: dict[str, TagInfo] = snapshot.held().parts["tags"]
    return found


def visible(actor: Actor) -> list[TagInfo]:
    """The tags that the actor may use: the shared ones and his own, by name."""
    return [tag for tag in _all().values() if not tag.binned and tag.owner in (None, actor.id)]


def resolve(names: Iterable[str], actor: Actor) -> list[TagInfo]:
    """The tags that names or ids mean; raises Bad naming those there are."""
    asked, tags = list(names), visible(actor)
    if missing := unknown(asked, actor):
        known = ", ".join(tag.name for tag in tags[:NAMED]) + (" …" if len(tags) > NAMED else "")
        words = {"name": missing[0][:60], "known": known or "–"}
        raise Bad(_("There is no tag “%(name)s”. Tags: %(known)s.") % words, "unknown")
    by_key = _by_key(tags)
    return [by_key.get(parse_key(name) or "") or by_key[fold(name)] for name in asked]


def unknown(names: Iterable[str], actor: Actor) -> list[str]:
    """Those of the names that mean no tag yet."""
    by_key = _by_key(visible(actor))
    return [name for name in names if (parse_key(name) or "") not in by_key and fold(name) not in by_key]


def _by_key(tags: Sequence[TagInfo]) -> dict[str, TagInfo]:
    """By folded name and by id; one's own tag goes before a shared one of the same name."""
    own = {tag.key: tag for tag in tags if tag.owner}
    return {tag.key: tag for tag in tags} | own | {tag.id: tag for tag in tags}


def split(tags: Iterable[TagInfo]) -> tuple[str | None, list[str]]:
    """(What the column of shared tags holds, ids of personal ones)."""
    known = list(tags)
    return pack(tag.id for tag in known if not tag.owner), [tag.id for tag in known if tag.owner]


def owner_of(key: str) -> str | None:
    """Whose personal tag this is; None for a shared one."""
    tag = _all().get(key)
    return tag.owner if tag else None


def pack(ids: Iterable[str]) -> str | None:
    """Ids of shared tags as the column holds them."""
    return " ".join(sorted(set(ids))) or None


def names(packed: str | None) -> list[str]:
    """The names of shared tags that a column held, also of those since binned."""
    held = _all()
    return sorted((held[key].name for key in (packed or "").split() if key in held), key=fold)


def dressed(shown: Sequence[str], actor: Actor) -> list[dict[str, Any]]:
    """Names as read, with their hue and whether they are personal, for chips."""
    by_name = {tag.name: tag for tag in visible(actor)}
    return [
        {"name": name, "hue": by_name[name].hue, "own": bool(by_name[name].owner)} for name in shown if name in by_name
    ]


def text(packed: str | None) -> str:
    """The shared tags' names, for search."""
    held = _all()
    return " ".join(held[key].name for key in (packed or "").split() if key in held and not held[key].binned)


def keep(written: Iterable[tuple[Any, str | None, str | None]], actor: Actor) -> None:
    """Bring ``record_tag`` in step with (record, its column of tags before, after) and, where a record says which,
    with the actor's own tags."""
    told = [(record, set((was or "").split()), set((now or "").split())) for record, was, now in written]
    personal = [record.id for record, _was, _now in told if record.own_tags is not None] if actor.id else []
    held = own_of(personal, actor)
    gone: list[tuple[Any, Any]] = []
    come: list[tuple[Any, Any]] = []
    for record, was, now in told:
        less, more = was - now, now - was
        if record.own_tags is not None and actor.id:
            less |= held.get(record.id, set()) - set(record.own_tags)
            more |= set(record.own_tags) - held.get(record.id, set())
        key = db.key(record.id)
        gone += [(key, db.key(tag)) for tag in sorted(less)]
        come += [(key, db.key(tag)) for tag in sorted(more)]
    if gone:
        db.execute_many("DELETE FROM record_tag WHERE record = %s AND tag_id = %s", gone)
    if come:
        db.execute_many(INSERT, come)


INSERT = "INSERT INTO record_tag (record, tag_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def own_of(records: Sequence[str], actor: Actor) -> dict[str, set[str]]:
    """The actor's personal tags by record."""
    found: dict[str, set[str]] = {}
    if records:
        marks = ", ".join(["%s"] * len(records))
        sql = f"""SELECT x.record, x.tag_id FROM record_tag x JOIN tag g ON g.id = x.tag_id
                  WHERE x.record IN ({marks}) AND g.owner_id = %s"""
        for record, tag in db.rows(sql, [*map(db.key, records), db.key(actor.id)]):
            found.setdefault(str(db.unkey(record)), set()).add(str(db.unkey(tag)))
    return found


def reader() -> str | None:
    """Who reads, when he has personal tags; nearly everybody's reading needs none of them."""
    actor = current()
    return actor.id if actor.id and any(tag.owner == actor.id for tag in _all().values()) else None


@lru_cache(maxsize=2000)
def names_sql(alias: str, sqlite: bool, reads: str | None) -> str:
    """SQL for the list of a record's tags by name, as JSON; ``reads``: whose personal tags it holds, too."""
    seen = "g.owner_id IS NULL"
    if reads:
        seen = f"({seen} OR g.owner_id = " + (f"x'{reads}')" if sqlite else f"'{reads}'::uuid)")
    source = f"""FROM record_tag x JOIN tag g ON g.id = x.tag_id
                 WHERE x.record = {alias}.id AND g.binned_at IS NULL AND {seen}"""
    if sqlite:
        made = f"(SELECT json_group_array(n) FROM (SELECT g.name AS n {source} ORDER BY g.name_key))"
        empty = "'[]'"
    else:
        made = f"""(SELECT coalesce(json_agg(g.name ORDER BY g.name_key COLLATE "C"), '[]'::json) {source})"""
        empty = "'[]'::json"
    chosen = made if reads else f"CASE WHEN {alias}.tags IS NULL THEN {empty} ELSE {made} END"
    return f"json({chosen})" if sqlite else chosen


def where(alias: str, op: str, value: Any, actor: Actor) -> Sql:
    """A condition on the tags of the record behind ``alias``."""
    if op == "is_empty":
        seen = "g.owner_id IS NULL" if actor.id is None else "(g.owner_id IS NULL OR g.owner_id = %s)"
        sql = f"""EXISTS (SELECT 1 FROM record_tag x JOIN tag g ON g.id = x.tag_id
                          WHERE x.record = {alias}.id AND g.binned_at IS NULL AND {seen})"""
        places = [] if actor.id is None else [db.key(actor.id)]
        return (f"NOT {sql}" if truth(value) else sql), places
    marks, places = among(value, actor)
    sql = f"EXISTS (SELECT 1 FROM record_tag x WHERE x.record = {alias}.id AND x.tag_id IN ({marks}))"
    return (sql if op == "in" else f"NOT {sql}"), places


def among(value: Any, actor: Actor) -> tuple[str, list[Any]]:
    """(Marks, keys) of the tags that a filter names."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise Bad(_("Give a list of tags."), "type")
    keys = [db.key(tag.id) for tag in resolve(given, actor)]
    return ", ".join(["%s"] * len(keys)), keys


def rare(tree: Any, actor: Actor) -> tuple[str, list[Any]] | None:
    """A SELECT of the few ids that a filter can let through because of a tag; None when they are many or any."""
    for part in asked_at_once(tree):
        if part.get("field") == "tags" and part.get("op") == "in":
            marks, keys = among(part.get("value"), actor)
            if found := few(f"SELECT record FROM record_tag WHERE tag_id IN ({marks})", keys):
                return found
    return None


def asked_at_once(tree: Any) -> list[dict[str, Any]]:
    """The conditions that all rows of a filter fulfil: a tree of one, or those joined by "and" at its top."""
    parts = tree.get("and", [tree]) if isinstance(tree, dict) else []
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def few(sql: str, places: list[Any]) -> tuple[str, list[Any]] | None:
    """This SELECT of ids, when it gives but a few."""
    row = db.one(f"SELECT count(*) FROM ({sql} LIMIT {FEW}) n", places)
    return (sql, places) if row and row[0] < FEW else None
