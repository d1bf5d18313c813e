"""One search table over everything: folded text, and the tokens of who may find it."""

from collections.abc import Iterable
from typing import Any

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.platform.text import words
from rapport.records import shared, tagging
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
    if values.get("tags"):
        found += words(tagging.text(values["tags"]))
    return " ".join(dict.fromkeys(found))[:LONGEST]


def tokens_of(entity: Entity, owner: str | None, team: str | None, grantees: Iterable[str] = ()) -> str:
    """Who may find it: who has "all" on the entity, the owner, those above his team, and whom it is shared with."""
    found = [f"e{entity.key}"]
    if owner:
        found.append(f"o{owner}")
    if team:
        found += [f"t{each}" for each in snapshot.held().path(team)]
    found += map(shared.token, grantees)
    return " ".join(found)


def row(entity: Entity, key: str, values: dict[str, Any], *, fresh: bool = False) -> tuple[Any, ...]:
    """The parameters of a record's search row; ``fresh``: it is new and shared with nobody."""
    given = () if fresh else shared.grantees_of([db.key(key)]).get(key, ())
    scope = tokens_of(entity, values.get("owner_id"), values.get("team_id"), given)
    return entity.key, db.key(key), text_of(entity, values), scope


def rescope(entity: Entity, key: str, owner: str | None, team: str | None) -> None:
    """Owner, team or shares of a record have changed: who finds it now."""
    if entity.search:
        tokens = tokens_of(entity, owner, team, shared.grantees_of([db.key(key)]).get(key, ()))
        db.execute("UPDATE search_entry SET scope = %s WHERE record = %s", (tokens, db.key(key)))


def index(entity: Entity, key: str, values: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Keep the search row of one record in step, inside the transaction."""
    if not entity.search:
        return
    if before is None or (before.get("binned_at") and not values.get("binned_at")):
        db.execute(db.insert_sql("search_entry", COLUMNS), row(entity, key, values, fresh=before is None))
        return
    if values.get("binned_at"):
        db.execute("DELETE FROM search_entry WHERE record = %s", (db.key(key),))
        return
    if any(before.get(name) != values.get(name) for name in (*entity.searched, "tags")):
        db.execute("UPDATE search_entry SET text = %s WHERE record = %s", (text_of(entity, values), db.key(key)))
    if any(before.get(name) != values.get(name) for name in ("owner_id", "team_id")):
        rescope(entity, key, values.get("owner_id"), values.get("team_id"))
