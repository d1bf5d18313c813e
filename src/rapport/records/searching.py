"""One search table over everything: folded text, and the tokens of who may find it."""

from typing import Any

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.text import words
from rapport.records.entity import Entity

COLUMNS = ("entity", "record", "text", "scope")
LONGEST = 2000


def text_of(entity: Entity, values: dict[str, Any]) -> str:
    """The searchable words of a record: each once, most weighty fields first."""
    found: list[str] = []
    for attname in entity.searched:
        value = values.get(attname)
        if value:
            text = str(value)
            own = words(text)
            found += own
            if "@" in text or "." in text:
                found.append("".join(own))
    return " ".join(dict.fromkeys(found))[:LONGEST]


def tokens_of(entity: Entity, owner: str | None, team: str | None) -> str:
    """Who may find it: everybody with "all" on the entity, the owner, and those above his team."""
    found = [f"e{entity.key}"]
    if owner:
        found.append(f"o{owner}")
    if team:
        found += [f"t{each}" for each in snapshot.held().path(team)]
    return " ".join(found)


def row(entity: Entity, key: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The parameters of a record's search row."""
    scope = tokens_of(entity, values.get("owner_id"), values.get("team_id"))
    return entity.key, db.key(key), text_of(entity, values), scope


def index(entity: Entity, key: str, values: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Keep the search row of one record in step, inside the transaction."""
    if not entity.search:
        return
    if before is not None and before.get("binned_at") and not values.get("binned_at"):
        before = None
    if before is None:
        db.execute(db.insert_sql("search_entry", COLUMNS), row(entity, key, values))
        return
    if values.get("binned_at"):
        db.execute("DELETE FROM search_entry WHERE record = %s", (db.key(key),))
        return
    looked_at = {entity.field(name).attname for name in entity.search} | {"owner_id", "team_id"}
    if any(before.get(name) != values.get(name) for name in looked_at):
        _entity, record, text, scope = row(entity, key, values)
        db.execute("UPDATE search_entry SET text = %s, scope = %s WHERE record = %s", (text, scope, record))
