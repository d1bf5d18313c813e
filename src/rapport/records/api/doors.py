"""The API: one parametric set of addresses for every entity."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from rapport.platform.actor import current
from rapport.records import erasing, read, search_read, sharing, sourcing, tallies, timeline_read, upserting, write
from rapport.records.api import asked, once
from rapport.records.api import bulk as many
from rapport.records.api.answers import guarded, json, problem
from rapport.records.api.openapi import document
from rapport.records.duplicates import merging, pairs
from rapport.records.entity import Entity, registry
from rapport.records.errors import BadQuery, Invalid, NotFound, Stale
from rapport.records.queues import taking
from rapport.records.transfer.runs import desk

# Verbs that the engine itself gives to records.
VERBS: dict[str, Callable[..., Any]] = {**sharing.VERBS, **taking.VERBS, merging.VERB: merging.act}


@guarded("GET", "POST", "PUT")
def collection(request: HttpRequest, plural: str) -> HttpResponse:
    """GET a page of a list; POST creates; PUT creates or changes what matches."""
    entity = registry.at(plural)
    if request.method == "GET":
        return _list(request, entity)
    if request.method == "PUT":
        return once.once(request, lambda: _put(request, entity))
    asked.only(request)
    return once.once(request, lambda: _created(entity, write.create(entity, asked.body(request))))


def _put(request: HttpRequest, entity: Entity) -> HttpResponse:
    asked.only(request, "match")
    data, expected, match = asked.body(request), asked.version(request), request.GET.get("match", "external_id")
    try:
        record, fresh = upserting.upsert(entity, data, match, version=expected)
    except Stale as stale:
        raise since(stale, entity, stale.more["id"], expected) if "id" in stale.more else stale from None
    return _created(entity, record) if fresh else _record(entity, record)


@guarded("POST")
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """Many writes, all or nothing, or each for itself."""
    entity = registry.at(plural)
    return once.once(request, lambda: many.carry_out(request, entity))


def _list(request: HttpRequest, entity: Entity) -> HttpResponse:
    query = asked.query(request, entity)
    if sought := request.GET.get("q"):
        query.where.append(search_read.condition(entity, sought))
    page = read.page(query)
    tallies.note(entity.key, len(page.rows), current())
    following = orjson.dumps(page.next)
    parts = [b'{"items":[', b",".join(page.rows), b'],"next":', following]
    if asked_count := request.GET.get("count"):
        if asked_count not in ("exact", "estimate"):
            raise BadQuery("“count” is exact or estimate.")
        most = None if asked_count == "exact" else 10_001
        counted = read.count(query, most=most)
        parts.append(b',"count":%d' % counted)
        if asked_count == "estimate":
            parts.append(b',"count_is_exact":' + (b"true" if counted <= 10_000 else b"false"))
    return json(b"".join([*parts, b"}"]))


def _record(entity: Entity, record: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A record as it is now stored, with its ETag."""
    return json(read.written(entity, record.id), status, {"ETag": f'"{record.version}"', **headers})


def _created(entity: Entity, record: Any) -> HttpResponse:
    return _record(entity, record, 201, Location=f"/api/v1/{entity.plural}/{record.id}")


@guarded("GET", "PATCH", "DELETE")
def item(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """GET one record; PATCH changes it; DELETE bins it, or removes it for ever."""
    entity, known = registry.at(plural), asked.key(key)
    if request.method == "GET":
        asked.only(request, "fields", "binned")
        fields, binned = asked.names(request, "fields"), asked.yes(request, "binned")
        try:
            body = read.one(entity, known, fields=fields, binned=binned)
        except NotFound:
            if other := merging.heir(entity, known):
                return HttpResponse(status=301, headers={"Location": f"/api/v1/{entity.plural}/{other}"})
            raise
        tallies.note(entity.key, 1, current())
        version = orjson.loads(body).get("version")
        return json(body, headers={"ETag": f'"{version}"'} if version else {})
    expected = asked.version(request)
    try:
        if request.method == "PATCH":
            asked.only(request)
            return _record(entity, write.change(entity, known, asked.body(request), version=expected))
        asked.only(request, "forever")
        if asked.yes(request, "forever"):
            erasing.erase(entity, known, version=expected)
        else:
            write.put_in_bin(entity, known, version=expected)
    except Stale as stale:
        raise since(stale, entity, known, expected) from None
    return HttpResponse(status=204)


def since(stale: Stale, entity: Entity, key: str, expected: int | None) -> Stale:
    """The refusal, with what changed since the version that was expected."""
    if expected is not None:
        found = timeline_read.changes(entity, key)
        stale.more = {**stale.more, "changes": [c for c in found.entries if c["version"] > expected]}
    return stale


@guarded("POST")
def action(request: HttpRequest, plural: str, key: str, verb: str) -> HttpResponse:
    """Carry out a verb on a record."""
    asked.only(request)
    entity, known = registry.at(plural), asked.key(key)
    if verb == "restore":
        return once.once(request, lambda: _record(entity, write.restore(entity, known)))
    expected, args = asked.version(request), asked.body(request)
    act = VERBS.get(verb) or partial(write.act, verb=verb)
    try:
        return once.once(request, lambda: _record(entity, act(entity, known, args=args, version=expected)))
    except Stale as stale:
        raise since(stale, entity, known, expected) from None


@guarded("GET")
def timeline(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """What happened with a record, newest first."""
    asked.only(request, "limit", "after", "channel")
    limit = asked.number(request, "limit", 50, 200)
    channels = tuple(asked.names(request, "channel"))
    entity = registry.at(plural)
    found = timeline_read.read(entity, asked.key(key), channels=channels, limit=limit, after=request.GET.get("after"))
    tallies.note(entity.key, len(found.entries), current())
    return json({"items": found.entries, "next": found.next})


@guarded("GET")
def changes(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Who changed what, newest first."""
    asked.only(request, "limit", "after")
    limit = asked.number(request, "limit", 50, 200)
    entity = registry.at(plural)
    found = timeline_read.changes(entity, asked.key(key), limit=limit, after=request.GET.get("after"))
    tallies.note(entity.key, len(found.entries), current())
    return json({"items": found.entries, "next": found.next})


@guarded("GET")
def shares(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """With whom a record is shared."""
    asked.only(request)
    return json({"items": sharing.of(registry.at(plural), asked.key(key)), "next": None})


@guarded("GET")
def sources(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Where the data of a record come from: as told, and as the history knows."""
    asked.only(request)
    entity, known = registry.at(plural), asked.key(key)
    said = sourcing.said_of(entity, known)
    return json({"sources": said, "last_set": sourcing.known_of(entity, known)})


@guarded("GET")
def aggregate(request: HttpRequest, plural: str) -> HttpResponse:
    """Counts and sums by group."""
    entity = registry.at(plural)
    query = asked.query(request, entity, {"group", "sum"})
    group = asked.names(request, "group")
    if len(group) > 4:
        raise BadQuery("Group by at most four fields.")
    return json({"groups": read.aggregate(query, group, asked.names(request, "sum"))})


@guarded("GET")
def duplicates(request: HttpRequest, plural: str) -> HttpResponse:
    """Pairs of records that may be one, the most certain first; ``of``: those of one record, ``import``: of those
    that this import made."""
    asked.only(request, "limit", "after", "of", "import")
    entity, of = registry.at(plural), request.GET.get("of")
    if not merging.is_mergeable(entity):
        raise NotFound(f"Of {entity.plural} no duplicates are looked for.")
    after = request.GET.get("after")
    limit = asked.number(request, "limit", 50, 200)
    run = desk.one(asked.key(request.GET["import"])) if request.GET.get("import") else None
    made_by = run.operation if run else None
    found, following = pairs.queue(entity, limit=limit, after=after, of=asked.key(of) if of else None, made_by=made_by)
    return json({"items": [pairs.wire(pair) for pair in found], "next": following})


@guarded("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    """The API described, as far as the visitor may use it."""
    asked.only(request)
    return json(document(current()))


def nothing(request: HttpRequest) -> HttpResponse:
    """Every other address below the API."""
    return problem(404, "There is nothing at this address.", code="not_found")


@guarded("GET")
def search(request: HttpRequest) -> HttpResponse:
    """Find across all entities."""
    asked.only(request, "q", "entity", "limit")
    text = request.GET.get("q", "")
    if not text.strip():
        raise Invalid.at("q", "Say what to look for.", "required")
    wanted = tuple(registry.at(plural).key for plural in asked.names(request, "entity"))
    hits = search_read.search(text, entities=wanted, limit=asked.number(request, "limit", 20, 100))
    for key, count in Counter(hit.entity.key for hit in hits).items():
        tallies.note(key, count, current())
    return json(
        {
            "items": [
                {
                    "entity": hit.entity.key,
                    "id": hit.id,
                    "title": hit.title,
                    "detail": hit.detail,
                    "url": hit.entity.url(hit.id),
                }
                for hit in hits
            ]
        }
    )
