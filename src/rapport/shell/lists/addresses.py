"""Addresses of lists as they were written before, and where they lead now."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest

from rapport.platform.keys import parse_key
from rapport.records.entity import Entity

KEPT = ("q", "sort", "filter", "columns")


def renewed(request: HttpRequest, entity: Entity) -> str:
    """The address of today for one of before (``?kind=person``, ``?as=table``, ``?owner=me``); else empty."""
    given, known = request.GET, entity.lists
    if not any(given.get(name) for name in ("kind", "as", "owner", "party", "pipeline")):
        return ""
    kinds = {each.new.get("kind"): key for key, each in known.items() if each.new.get("kind")}
    wanted = (given.get("view"), kinds.get(given.get("kind")), given.get("as"), next(iter(known)))
    view = next(each for each in wanted if each in known)
    if known[view].shape == "board":
        return ""
    parts: list[dict[str, Any]] = []
    for name in ("owner", "party", "pipeline"):
        value = given.get(name, "")
        if name in entity.fields and (value == "me" or parse_key(value)):
            parts.append({"field": name, "op": "eq", "value": value})
    kept = {"view": view} if len(known) > 1 else {}
    kept |= {name: given[name] for name in KEPT if given.get(name)}
    if parts and "filter" not in kept:
        kept["filter"] = orjson.dumps(parts[0] if len(parts) == 1 else {"and": parts}).decode()
    return f"/{entity.plural}?{urlencode(kept)}"
