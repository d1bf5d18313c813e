"""Saved views: lists as somebody keeps them, on top of a declared one; those a reader has pinned."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.text import fold
from rapport.records import Entity, read, registry, scope
from rapport.records.errors import BadQuery, NotFound, Unseen
from rapport.records.read import Query

FIELDS = ("name", "entity", "base", "filter", "sort", "columns", "group_by", "owner", "version")
MOST = 100


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of a list. ``owner`` None: everybody's."""

    id: str
    name: str
    entity: str
    base: str
    tree: Any
    sorts: tuple[str, ...]
    columns: str
    group: str
    owner: str | None
    version: int

    @property
    def icon(self) -> str:
        """One's own, or somebody's who shares it."""
        return "bookmark" if self.owner == current().id else "users"

    @property
    def url(self) -> str:
        """The list as it is kept."""
        return f"/{registry.get(self.entity).plural}?view={self.id}"

    @property
    def changeable(self) -> bool:
        """True when the reader may change it."""
        return scope.holds(registry.get("saved_view"), current(), "change", self.owner, None, self.id)


def find(key: str, of: Entity | None = None) -> Saved:
    """The saved view with this id, of ``of`` where that is given; raises NotFound when the reader has none such."""
    gone = _("This view has been deleted, or is not shared with you any more.")
    try:
        found = _made(orjson.loads(read.one(registry.get("saved_view"), key, fields=FIELDS)))
    except Unseen as problem:
        raise NotFound(gone) from problem
    if found.entity not in registry:
        raise NotFound(gone)
    if of and found.entity != of.key:
        raise NotFound(_("This view belongs to another list."))
    return found


def kept_for(entity: Entity) -> list[Saved]:
    """The saved views of ``entity`` that the reader has, by name."""
    if not current().may("saved_view", "view"):
        return []
    query = Query(registry.get("saved_view"), None, ("name",), FIELDS, limit=MOST, ordered=True, few=True)
    query.where.append(("t.entity = %s", [entity.key]))
    return [_made(row) for row in read.page(query).items()]


def named(entity: Entity, text: str) -> Saved:
    """A list by its name, for the command line: a declared one, or a saved view; raises BadQuery."""
    for key, view in entity.lists.items():
        if fold(text) in (fold(key), fold(str(view.label))):
            sorts = (view.sort,) if view.sort else ()
            return Saved("", str(view.label), entity.key, key, view.filter, sorts, ",".join(view.columns), "", None, 0)
    found = [each for each in kept_for(entity) if text == each.id or fold(each.name) == fold(text)]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(f"{each.id} ({each.owner or 'everybody'})" for each in found)
        raise BadQuery(_("Several views have this name; say which by its id: %(keys)s.") % {"keys": keys})
    known = ", ".join([*entity.lists, *dict.fromkeys(each.name for each in kept_for(entity))])
    raise BadQuery(_("There is no view “%(name)s”. Known: %(names)s.") % {"name": text, "names": known})


def tree_of(found: Saved) -> Any:
    """The filter of a saved view with that of the list it stands on."""
    base = registry.get(found.entity).lists.get(found.base)
    parts = [part for part in (base.filter if base and found.id else None, found.tree) if part]
    return {"and": parts} if len(parts) > 1 else parts[0] if parts else None


def for_programs(entity: Entity, text: str) -> tuple[Any, tuple[str, ...]]:
    """What a list of this name holds, and its order."""
    found = named(entity, text)
    return tree_of(found), found.sorts


def _made(row: dict[str, Any]) -> Saved:
    return Saved(
        id=row["id"], name=row["name"], entity=row["entity"], base=row["base"] or "",
        tree=row["filter"],
        sorts=tuple(each for each in (row["sort"] or "").split(",") if each), columns=row["columns"] or "",
        group=row["group_by"] or "", owner=row["owner"], version=row["version"],
    )  # fmt: skip


def pinned(actor: Actor) -> list[tuple[str, str, str]]:
    """(id, name, entity key) of the views the reader has pinned and still has, in the order of pinning."""
    kept = registry.get("saved_view")
    if not actor.may(kept.key, "view"):
        return []
    where, places = scope.condition(kept, actor)
    sql = f"""SELECT t.id, t.name, t.entity FROM pinned_view p JOIN saved_view t ON t.id = p.view
              WHERE p."user" = %s AND t.binned_at IS NULL AND {where} ORDER BY p.id LIMIT {MOST}"""
    found = db.rows(sql, [db.key(actor.id), *places])
    return [(str(db.unkey(key)), name, entity) for key, name, entity in found if actor.may(entity, "view")]


def is_pinned(key: str) -> bool:
    """True when the reader has pinned this view."""
    sql = 'SELECT 1 FROM pinned_view WHERE "user" = %s AND view = %s'
    return db.one(sql, (db.key(current().id), db.key(key))) is not None


def pin(key: str, yes: bool) -> None:
    """Put a view into the reader's navigation, or take it out."""
    pair = (db.key(current().id), db.key(key))
    with db.transaction():
        if yes:
            db.execute('INSERT INTO pinned_view ("user", view) VALUES (%s, %s) ON CONFLICT DO NOTHING', pair)
        else:
            db.execute('DELETE FROM pinned_view WHERE "user" = %s AND view = %s', pair)
