"""The tools that read."""

from collections import Counter
from typing import Annotated, Any

import orjson
from django.utils.translation import gettext_lazy as _

from rapport.platform.actor import current
from rapport.records import read, scope, search_read, tallies, timeline_read
from rapport.records.assistants import describing
from rapport.records.assistants.tool import (
    ID,
    NEXT,
    OBJECTS,
    RECORD,
    TEXT,
    Cursor,
    Key,
    Kind,
    Meta,
    Names,
    Tool,
    Tree,
    answer,
    key_of,
    kind_of,
)
from rapport.records.errors import BadQuery
from rapport.records.read import Query

HIT = answer({"entity": TEXT, "id": ID, "title": TEXT, "detail": TEXT, "url": TEXT})
HITS = {"type": "array", "items": HIT}
Few = Annotated[int, Meta(ge=1, le=100)]
TOLD = "Only these fields; all when left out. “address” and “custom” stand for groups; related: “party.industry”."
Fields = Annotated[Names, Meta(description=TOLD)]


class Search(Tool):
    """Find records of any kind by words that start so: names, numbers, e-mail addresses, subjects. Best hits first.
    Begin here when you know a name, however it is spelt: where nothing is spelt so, “similar” has what comes close.
    For conditions (“all open deals above 10,000”) use “find”.
    """

    name = "search"
    title = _("Search")
    gives = answer({"items": HITS, "similar": HITS}, "items")
    q: Annotated[str, Meta(min_length=1, max_length=200, description="Words to look for.")]
    entities: Annotated[Names, Meta(description="Only these kinds of records.")] = []
    limit: Few = 20

    def work(self) -> dict[str, Any]:
        """The best hits."""
        wanted = tuple(kind_of(each).key for each in self.entities)
        hits = search_read.search(self.q, entities=wanted, limit=self.limit)
        if hits:
            _noted(hits)
            return {"items": [_told(hit) for hit in hits]}
        near = search_read.near(self.q, entities=wanted, limit=self.limit)
        _noted(near.hits)
        return {"items": [], "similar": [_told(hit) for hit in near.hits]}


def _noted(hits: list[search_read.Hit]) -> None:
    for key, count in Counter(hit.entity.key for hit in hits).items():
        tallies.note(key, count, current())


def _told(hit: search_read.Hit) -> dict[str, Any]:
    url = hit.entity.url(hit.id)
    return {"entity": hit.entity.plural, "id": hit.id, "title": hit.title, "detail": hit.detail, "url": url}


class Describe(Tool):
    """Tell what kinds of records there are and what the user may do with them; with “entity”, the fields of one kind
    (what they take, the operators a filter may use) and its verbs. The organisation's own fields and kinds are among
    them. Ask before the first “find”, “create” or “change” of a kind.
    """

    name = "describe"
    title = _("Kinds of records")
    gives = {"type": "object", "properties": {"kinds": OBJECTS, "fields": OBJECTS, "verbs": OBJECTS}}
    entity: Kind | None = None

    def work(self) -> dict[str, Any]:
        """All kinds in short, or one in full."""
        actor = current()
        if self.entity is None:
            return {"kinds": describing.kinds(actor)}
        entity = kind_of(self.entity)
        scope.level(entity, actor)
        return describing.kind(entity, actor)


class Find(Tool):
    """List records of one kind by conditions, in order, page by page.

    A filter is {"field": "stage", "op": "in", "value": ["Proposal"]}, or {"and": […]}, {"or": […]}, {"not": {…}} of
    such. Fields of related records are reached by a dot: "party.industry". “describe” tells the operators of each
    kind of field. A user may be "me". To count or add up, use “aggregate” instead of reading all pages.
    """

    name = "find"
    title = _("Find by conditions")
    gives = answer({"items": {"type": "array", "items": RECORD}, "next": NEXT})
    entity: Kind
    filter: Annotated[Tree, Meta(description="A tree of conditions.")] = None
    q: Annotated[str, Meta(max_length=200, description="Words that must be found besides.")] = ""
    sort: Annotated[Names, Meta(description="Fields; “-” before one for descending.")] = []
    fields: Fields = []
    limit: Few = 20
    after: Cursor = None

    def work(self) -> dict[str, Any]:
        """One page."""
        entity = kind_of(self.entity)
        query = Query(
            entity, filter=self.filter, sort=self.sort, fields=self.fields, limit=self.limit, after=self.after
        )
        if self.q.strip():
            query.where.append(search_read.condition(entity, self.q))
        found = read.page(query)
        tallies.note(entity.key, len(found.rows), current())
        return {"items": found.items(), "next": found.next}


class Get(Tool):
    """One record with all its fields, and the page where people see it."""

    name = "get"
    title = _("Open a record")
    gives = answer({"record": RECORD, "url": TEXT})
    entity: Kind
    id: Key
    fields: Fields = []

    def work(self) -> dict[str, Any]:
        """The record."""
        entity, key = kind_of(self.entity), key_of(self.id)
        found = orjson.loads(read.one(entity, key, fields=self.fields))
        tallies.note(entity.key, 1, current())
        return {"record": found, "url": entity.url(key)}


class Timeline(Tool):
    """What happened with a record, newest first: calls, meetings, notes, tasks, deals moved. Only what the user may
    see.
    """

    name = "timeline"
    title = _("Timeline")
    gives = answer({"items": OBJECTS, "next": NEXT})
    entity: Kind
    id: Key
    channels: Annotated[Names, Meta(description="Only these channels, such as call, email, meeting, note.")] = []
    limit: Few = 20
    after: Cursor = None

    def work(self) -> dict[str, Any]:
        """One page of entries."""
        entity = kind_of(self.entity)
        found = timeline_read.read(
            entity, key_of(self.id), channels=tuple(self.channels), limit=self.limit, after=self.after
        )
        tallies.note(entity.key, len(found.entries), current())
        return {"items": found.entries, "next": found.next}


class Changes(Tool):
    """Who changed what in a record and from where, newest first, with values before and after. Each names its
    operation, which “undo” takes back.
    """

    name = "changes"
    title = _("History of changes")
    gives = answer({"items": OBJECTS, "next": NEXT})
    entity: Kind
    id: Key
    limit: Few = 20
    after: Cursor = None

    def work(self) -> dict[str, Any]:
        """One page of changes."""
        entity = kind_of(self.entity)
        found = timeline_read.changes(entity, key_of(self.id), limit=self.limit, after=self.after)
        tallies.note(entity.key, len(found.entries), current())
        return {"items": found.entries, "next": found.next}


class Aggregate(Tool):
    """Count records, and add up numbers and amounts, by group: deals by stage with the sum of amounts, parties by
    industry. Without “group” one figure over everything that fits. Amounts are in the organisation's currency.
    """

    name = "aggregate"
    title = _("Count and add up")
    gives = answer({"groups": OBJECTS, "left_out": {"type": "integer"}}, "groups")
    entity: Kind
    group: Annotated[list[str], Meta(max_length=4, description="Fields to group by; also related ones.")] = []
    sum: Annotated[list[str], Meta(max_length=8, description="Fields to add up.")] = []
    filter: Annotated[Tree, Meta(description="A tree of conditions, as in “find”.")] = None
    limit: Annotated[int, Meta(ge=1, le=500, description="The largest groups only.")] = 100

    def work(self) -> dict[str, Any]:
        """The largest groups, and how many more there are."""
        if not self.group and not self.sum and self.filter is None:
            return {"groups": [{"key": {}, "count": read.count(Query(kind_of(self.entity)))}]}
        if len(set(self.group)) < len(self.group):
            raise BadQuery("Group by each field once.")
        groups = read.aggregate(Query(kind_of(self.entity), filter=self.filter), self.group, self.sum)
        found: dict[str, Any] = {"groups": groups[: self.limit]}
        if len(groups) > self.limit:
            found["left_out"] = len(groups) - self.limit
        return found


TOOLS: tuple[type[Tool], ...] = (Search, Describe, Find, Get, Timeline, Changes, Aggregate)
