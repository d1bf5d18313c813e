"""Records on their way to cards: with their numbers and addresses, a batch at a time."""

from collections.abc import Generator, Iterator
from itertools import islice
from typing import Any

import orjson

from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records import read, scope
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.read import Query

BATCH = 200
POINT = ("kind", "value", "label", "is_primary", "is_preferred")
PLACE = ("kind", "street", "city", "region", "postcode", "country", "is_primary", "valid_to")


def gathered(entity: Entity, found: Generator[bytes, None, None]) -> Iterator[dict[str, Any]]:
    """Each record with ``points`` and ``places``, if the actor may take these out; primary ones come first."""
    parts = [(name, part, fields) for name, part, fields in _parts(entity) if _may_take(part)]
    while records := {record["id"]: record for record in map(orjson.loads, islice(found, BATCH))}:
        for name, part, fields in parts:
            _give(records, name, part, fields)
        yield from records.values()


def _parts(entity: Entity) -> Iterator[tuple[str, Entity, tuple[str, ...]]]:
    for part in entity.parts:
        if {"kind", "value"} <= set(part.fields):
            yield "points", part, POINT
        elif {"kind", "city"} <= set(part.fields):
            yield "places", part, PLACE


def _may_take(part: Entity) -> bool:
    try:
        scope.level(part, current(), "export")
    except Problem:
        return False
    return True


def _give(records: dict[str, dict[str, Any]], name: str, part: Entity, fields: tuple[str, ...]) -> None:
    for record in records.values():
        record[name] = []
    asked = Query(part, filter={"field": part.part_of, "op": "in", "value": list(records)})
    asked.fields, asked.verb = [part.part_of, *(each for each in fields if each in part.fields)], "export"
    today = now().date().isoformat()
    for row in map(orjson.loads, read.everything(asked)):
        if not row.get("valid_to") or row["valid_to"] > today:
            records[row[part.part_of]][name].append(row)
    for record in records.values():
        record[name].sort(key=lambda row: not row.get("is_primary"))
