"""What somebody is responsible for, and handing it over to a colleague: a deed on many records for each object."""

from typing import Any
from urllib.parse import urlencode

import orjson

from rapport.platform.actor import current
from rapport.records import Entity, read, registry
from rapport.records.bulk import runs
from rapport.records.bulk.deeds import Deed
from rapport.records.read import Query

COUNTED = 10_000


def _of(user: str) -> dict[str, str]:
    return {"field": "owner", "op": "eq", "value": user}


def _entities() -> list[Entity]:
    return [each for each in registry if each.is_shareable and current().may(each.key, "change")]


def owned(user: str) -> list[dict[str, Any]]:
    """How many records of each object are his, with the list of them; ``many``: there are more than are counted."""
    found = []
    for entity in _entities():
        query = Query(entity, filter=_of(user), sort=("created_at",), fields=("id",))
        if count := read.count(query, most=COUNTED):
            url = f"/{entity.plural}?{urlencode({'filter': orjson.dumps(_of(user)).decode()})}"
            label = str(entity.label_plural)
            found.append({"label": label, "icon": entity.icon, "count": count, "many": count >= COUNTED, "url": url})
    return found


def hand_over(user: str, colleague: str) -> list[str]:
    """Give all of it to a colleague, in the background; the runs, one for each object."""
    begun = []
    for entity in _entities():
        query = Query(entity, filter=_of(user), sort=("created_at",), fields=("id",))
        if read.count(query, most=1):
            begun.append(runs.begin(entity, Deed("change", data={"owner": colleague}), _of(user)).id)
    return begun
