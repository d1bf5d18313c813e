"""Parameters, headers and answers that the addresses share."""

from typing import Any

from django.utils.translation import gettext as _

from rapport.records.api.answers import TITLES
from rapport.records.api.openapi.schemas import ref
from rapport.records.entity import Entity
from rapport.records.kinds.schemas import ID, Schema

EVERYWHERE = (400, 401, 403, 404, 413, 429, 503)
WRITING = (*EVERYWHERE, 409, 412, 422)
UNSORTED = ("multi_choice", "about", "long_text", "tags", "filter")
UNGROUPED = ("money", "about", "long_text", "tags", "filter")
RELATED = {"type": "string", "pattern": r"^-?[a-z0-9_]+(\.[a-z0-9_]+){1,3}$"}


def parameter(name: str, schema: Schema, description: str = "", *, where: str = "query") -> Schema:
    """A parameter of an address."""
    made: Schema = {"name": name, "in": where, "schema": schema}
    if description:
        made["description"] = description
    if where == "path":
        made["required"] = True
    if schema.get("type") == "array":
        made |= {"style": "form", "explode": False}
    return made


def named(name: str) -> Schema:
    """A reference to a shared parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def shared() -> dict[str, Schema]:
    """Parameters of many addresses."""
    tree = {
        "name": "filter", "in": "query", "content": {"application/json": {"schema": ref("Filter")}},
        "description": _("A tree of conditions as URL-encoded JSON."),
    }  # fmt: skip
    once = _("A repeated request with the same key gets the first answer again, for a day.")
    seen = _("The ETag as it was read; 412 tells what changed since.")
    yes = {"type": "string", "enum": ["true", "false"]}
    return {
        "filter": tree,
        "id": parameter("id", ID, _("32 hex digits; the dashed form is accepted."), where="path"),
        "limit": parameter("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
        "few": parameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        "after": parameter("after", {"type": "string"}, _("The cursor “next” of the page before.")),
        "count": parameter(
            "count", {"enum": ["exact", "estimate"]}, _("Asks for a total; an estimate stops at 10,000.")
        ),
        "q": parameter("q", {"type": "string", "maxLength": 200}, _("Words to search for.")),
        "view": parameter(
            "view", {"type": "string", "maxLength": 200}, _("A list by name or id: its filter and order.")
        ),
        "binned": parameter("binned", yes, _("Looks into the bin.")),
        "forever": parameter("forever", yes, _("Removes it for ever, instead of into the bin.")),
        "atomic": parameter("atomic", {**yes, "default": "true"}, _("“false”: each for itself.")),
        "idempotency": parameter("Idempotency-Key", {"type": "string", "maxLength": 200}, once, where="header"),
        "if_match": parameter("If-Match", {"type": "string", "pattern": r'^"[0-9]{1,9}"$'}, seen, where="header"),
    }


def fields(entity: Entity) -> Schema:
    """``fields``: what to send, of the record and of what it is related to."""
    names = list(dict.fromkeys([*entity.fields, *(name.partition(".")[0] for name in entity.fields if "." in name)]))
    items = {"anyOf": [{"type": "string", "enum": names}, RELATED]}
    return parameter("fields", {"type": "array", "items": items})


def sort(entity: Entity) -> Schema:
    """``sort``: by which fields."""
    names = [name for name, known in entity.fields.items() if known.kind.name not in UNSORTED]
    items = {"anyOf": [{"type": "string", "enum": [f"{sign}{name}" for name in names for sign in ("", "-")]}, RELATED]}
    by = ", ".join(entity.sorts)
    told = _("“-” for descending. By %(names)s at any size, by others up to 10,000 records.") % {"names": by}
    return parameter("sort", {"type": "array", "items": items}, told)


def match(entity: Entity) -> Schema:
    """``match``: by what an upsert recognises a record."""
    told = _("More fields can follow, joined by “+”: all must fit.")
    by = {
        "anyOf": [
            {"type": "string", "enum": list(entity.match_on)},
            {"type": "string", "pattern": r"^[a-z_.]+\+[a-z_.]+$"},
        ]
    }
    return parameter("match", {**by, "default": "external_id"}, told)


def grouping(entity: Entity) -> list[Schema]:
    """``group`` and ``sum`` of an aggregate."""
    groups = [name for name, known in entity.fields.items() if known.kind.name not in UNGROUPED]
    sums = [name for name, known in entity.fields.items() if known.kind.name in ("money", "number")]
    by = {"anyOf": [{"type": "string", "enum": groups}, RELATED]}
    return [
        parameter("group", {"type": "array", "items": by, "maxItems": 4}),
        parameter("sum", {"type": "array", "items": {"anyOf": [{"type": "string", "enum": sums}, RELATED]}}),
    ]


def body(schema: Schema, *, required: bool = True) -> Schema:
    """A JSON body."""
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def answer(told: str, schema: Schema | None = None, *headers: str) -> Schema:
    """A successful answer; ``headers`` by shared name."""
    made: Schema = {"description": told, "headers": _headers("RateLimit", "RateLimit-Policy", *headers)}
    if schema is not None:
        made["content"] = {"application/json": {"schema": schema}}
    return made


def problems(*statuses: int) -> Schema:
    """References to the problem answers of these statuses."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def answers() -> dict[str, Schema]:
    """The problem answers."""
    told = {"application/problem+json": {"schema": ref("Problem")}}
    more: dict[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
    return {
        str(status): {"description": TITLES[status], "content": told, "headers": _headers(*more.get(status, ()))}
        for status in WRITING
    }


def headers() -> dict[str, Schema]:
    """Headers of answers."""
    told: dict[str, tuple[str, Any]] = {
        "ETag": (_("The record's version; “If-Match” takes it."), {"type": "string"}),
        "Location": (_("The address of the new record."), {"type": "string"}),
        "Idempotency-Replayed": (_("The first answer to this key again."), {"enum": ["true"]}),
        "Retry-After": (_("Seconds to wait."), {"type": "integer"}),
        "WWW-Authenticate": ("Bearer", {"type": "string"}),
        "RateLimit": (_("Requests left, and seconds until all are there again."), {"type": "string"}),
        "RateLimit-Policy": (_("Requests per window of seconds."), {"type": "string"}),
    }
    return {name: {"description": words, "schema": schema} for name, (words, schema) in told.items()}


def _headers(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
