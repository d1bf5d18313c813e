"""What the address of a list says, and the addresses that lead on from it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.keys import parse_key
from rapport.records import registry, related, scope, search_read
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, Unseen
from rapport.records.layout import View
from rapport.records.read import Query
from rapport.shell.lists import saved as views
from rapport.shell.lists.saved import Saved

FOUND = 500
# What the address of a board, a calendar or a map says besides.
BESIDE = {"board": ("track", "closed", "owner"), "calendar": ("span", "on"), "map": ("around", "counted")}
EVERYTHING, UNGROUPED = "{}", "-"  # an empty filter, no groups, where the saved view has them
NARROWEST, WIDEST = 60, 900
BOX = re.compile(r"[a-z][a-z0-9-]{0,40}")
HIDDEN = related.UNTOLD


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as chosen: its field, and its width in px where somebody has set one."""

    name: str
    width: int = 0

    def __str__(self) -> str:
        return f"{self.name}:{self.width}" if self.width else self.name


@dataclass(frozen=True, slots=True)
class State:
    """A list as its address asks for it. ``tree`` is the reader's own filter, beside that of the view.

    ``sorts`` and ``columns`` are empty where the address leaves them to the view (and to what was remembered).
    ``saved``: the saved view it stands on, whose filter and order it has unless the address says otherwise;
    ``beside``: what else the address of a board says; ``binned``: it is of what lies in the bin.
    """

    entity: Entity
    view: View
    tree: Any = None
    sorts: tuple[str, ...] = ()
    columns: tuple[Shown, ...] = ()
    q: str = ""
    after: str | None = None
    saved: Saved | None = None
    group: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    binned: bool = False

    @property
    def place(self) -> str:
        """The list's name, under which its layout is remembered."""
        return f"{self.entity.key}.{self.saved.id if self.saved else self.view.key}"

    @property
    def changed(self) -> bool:
        """True when it is another list than the view it stands on."""
        kept = (self.saved.tree, self.saved.sorts, self.saved.group) if self.saved else (None, (), "")
        return (self.tree, self.sorts, self.group) != kept or bool(self.columns)

    @property
    def box(self) -> str:
        """The part of a form that this filter stands in, where it is no list's."""
        return dict(self.beside).get("box", "")

    @property
    def order(self) -> tuple[str, ...]:
        """The sorts in force."""
        return self.sorts or (("-created_at",) if self.binned else self._usual)

    @property
    def _usual(self) -> tuple[str, ...]:
        """As laid out, as far as the reader sees what it goes by; else as declared."""
        laid_out = self.entity.arranged.list_of(self.view).sort.split(",")
        known = tuple(each for each in laid_out if each.removeprefix("-") in self.entity.fields)
        return known or (self.view.sort or self.entity.default_sort,)

    @property
    def filter(self) -> str:
        """The reader's own filter as an address writes it."""
        return "" if self.tree is None else orjson.dumps(self.tree).decode()

    @property
    def whole(self) -> Any:
        """The filter of the view and the reader's own."""
        parts = [part for part in (self.view.filter, self.tree) if part is not None]
        return {"and": parts} if len(parts) > 1 else parts[0] if parts else None

    @property
    def narrowed(self) -> bool:
        """True when the reader asks for less than the view holds."""
        return bool(self.q) or self.tree is not None

    def parameters(self) -> dict[str, str]:
        """The address' parameters, without the cursor."""
        found = {"view": self.view.key if len(self.entity.lists) > 1 else "", "q": self.q}
        found |= {"filter": self.filter, "sort": ",".join(self.sorts), "columns": ",".join(map(str, self.columns))}
        found["group"], found["binned"] = self.group, "1" if self.binned else ""
        if self.saved:
            found["view"] = self.saved.id
            found["filter"] = "" if self.tree == self.saved.tree else found["filter"] or EVERYTHING
            found["sort"] = "" if self.sorts == self.saved.sorts else found["sort"]
            found["group"] = "" if self.group == self.saved.group else self.group or UNGROUPED
        return {name: value for name, value in [*found.items(), *self.beside] if value}

    def url(self, part: str = "", /, **more: str) -> str:
        """The address of this list, or of a part of it (``rows``, ``sums`` …)."""
        query = urlencode({**self.parameters(), **{name: value for name, value in more.items() if value}})
        path = f"/{self.entity.plural}" + (f"/{part}" if part else "")
        return f"{path}?{query}" if query else path

    def but(self, **changes: Any) -> "State":
        """The same list but for this; from its top."""
        return replace(self, **{"after": None, **changes})

    def found(self) -> list[str] | None:
        """Ids of what has the words asked for, the newest FOUND at most; None where none are looked up so."""
        if not (self.q and self.entity.search) or self.binned:
            return None
        return [hit.id for hit in search_read.search(self.q, entities=(self.entity.key,), limit=FOUND)]

    def query(self, names: Sequence[str] = (), found: Sequence[str] | None = None) -> Query:
        """What to read; ``found``: what :meth:`found` gave, where it is known already."""
        tree = self.whole
        query = Query(self.entity, filter=tree, sort=self.order, fields=names, after=self.after, expand=True)
        query.binned = self.binned
        found = self.found() if found is None else found
        if found is not None:
            among(query, found)
        elif self.q:
            title = {"field": self.entity.title, "op": "contains", "value": self.q}
            query.filter = {"and": [tree, title]} if tree else title
        return query


def among(query: Query, keys: Sequence[str]) -> None:
    """Only these records."""
    places = ", ".join(["%s"] * len(keys)) or "NULL"
    query.where.append((f"t.id IN ({places})", [db.key(key) for key in keys]))


def asked_for(request: HttpRequest, plural: str) -> State:
    """The list that a request asks for; raises Forbidden where the reader sees none of its records."""
    entity = registry.at(plural)
    scope.level(entity, current())
    return state_of(entity, request.GET)


def state_of(entity: Entity, given: QueryDict) -> State:
    """What an address says; raises BadQuery with what to do."""
    lists, key = entity.lists, given.get("view", "")
    saved = views.find(key, entity) if key not in lists and parse_key(key) else None
    view = lists.get(saved.base if saved else key) or next(iter(lists.values()))
    if not entity.shows(view):
        raise Unseen(f"{entity.plural} have no {view.shape}.")
    sorts = tuple(each.strip() for each in given.get("sort", "").split(",") if each.strip())[:5]
    tree = _tree(given.get("filter", ""))
    if saved:
        sorts = sorts or saved.sorts
        tree = tree if "filter" in given else saved.tree
    group = given.get("group", saved.group if saved else "")
    columns = columns_of(entity, given.get("columns", ""))
    q, after = given.get("q", "").strip()[:200], given.get("after") or None
    group = group if group and related.shown(entity, group, current()) else ""
    beside = tuple((name, given.get(name, "")) for name in BESIDE.get(view.shape, ()))
    if BOX.fullmatch(given.get("box", "")):
        beside = (("box", str(given["box"])),)
    binned = given.get("binned") == "1" and entity.is_record
    return State(entity, view, tree, sorts, columns, q, after, saved, group, beside, binned)


def _tree(text: str) -> Any:
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadQuery(_("The filter in this address is cut off or misspelt.")) from error
    return found or None


def columns_of(entity: Entity, text: str) -> tuple[Shown, ...]:
    """``name,amount:140,party.industry``; what is no column for the reader is passed over, the title always leads."""
    found: dict[str, Shown] = {}
    for each in text.split(","):
        name, _colon, width = each.strip().partition(":")
        if name not in found and related.shown(entity, name, current()):
            wide = int(width) if width.isdecimal() and len(width) < 5 else 0
            found[name] = Shown(name, max(NARROWEST, min(wide, WIDEST)) if wide else 0)
    if not found:
        return ()
    return (found.pop(entity.title, Shown(entity.title)), *found.values())


def showable(entity: Entity) -> dict[str, Field]:
    """The fields of its own that may be columns."""
    return {name: known for name, known in entity.fields.items() if name not in HIDDEN}
