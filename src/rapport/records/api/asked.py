"""What a request asks: its JSON body, list parameters, the version it has read."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest

from rapport.platform.keys import parse_key
from rapport.records.entity import Entity
from rapport.records.errors import BadQuery, Invalid, Problem, Unseen
from rapport.records.read import Query

LIST_PARAMETERS = {"filter", "sort", "fields", "limit", "after", "q", "count", "binned", "view"}
# Lists that are kept under a name belong to a floor above: (entity, name) -> (filter, sorts); raises BadQuery.
Named = Callable[[Entity, str], tuple[Any, tuple[str, ...]]]
_named: list[Named] = []
_ETAG = re.compile(r'(?:W/)?"?(\d+)"?')


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the request."""
    if not request.body:
        return {}
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Problem(f"The body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Invalid("Send a JSON object.")
    return found


def key(text: str) -> str:
    """An id of the address; what is none is simply not found."""
    found = parse_key(text)
    if found is None:
        raise Unseen(f"“{text[:60]}” is not an id.")
    return found


def version(request: HttpRequest) -> int | None:
    """The version that If-Match names."""
    given = request.headers.get("If-Match")
    if not given or given == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if not match:
        raise BadQuery("“If-Match” holds the ETag of the record as it was read.")
    return int(match.group(1))


def number(request: HttpRequest, name: str, default: int, most: int) -> int:
    """A whole number of the query between 1 and ``most``."""
    text = request.GET.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadQuery(f"“{name}” is a number from 1 to {most}.")
    return int(text)


def yes(request: HttpRequest, name: str) -> bool:
    """A switch of the query."""
    text = request.GET.get(name, "false")
    if text not in ("true", "false"):
        raise BadQuery(f"“{name}” is true or false.")
    return text == "true"


def names(request: HttpRequest, name: str) -> list[str]:
    """A list of names parted by commas."""
    return [each.strip() for each in request.GET.get(name, "").split(",") if each.strip()]


def tree(request: HttpRequest) -> Any:
    """The filter, as JSON of the query."""
    text = request.GET.get("filter")
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"“filter” is URL-encoded JSON: {error}.") from error


def only(request: HttpRequest, *known: str) -> None:
    """Unknown parameters are named, not ignored."""
    unknown = sorted(set(request.GET) - set(known))
    if unknown:
        raise BadQuery(f"Unknown parameter “{unknown[0]}”. Known: {', '.join(sorted(known))}.")


def know_views(named: Named) -> None:
    """Say what a list by a name holds."""
    _named[:] = [named]


def query(request: HttpRequest, entity: Entity, extra: set[str] = frozenset()) -> Query:  # type: ignore[assignment]
    """The list that is asked for; unknown parameters are named, not ignored."""
    only(request, *LIST_PARAMETERS, *extra)
    asked, sorts = tree(request), names(request, "sort")
    if (view := request.GET.get("view")) and _named:
        kept, order = _named[0](entity, view)
        asked = {"and": [kept, asked]} if kept and asked else kept or asked
        sorts = sorts or list(order)
    return Query(
        entity, filter=asked, sort=sorts, fields=names(request, "fields"),
        limit=number(request, "limit", 50, 1000), after=request.GET.get("after"),
        binned=yes(request, "binned"),
    )  # fmt: skip
