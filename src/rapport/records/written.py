"""What operations wrote to records, for consumers of the stream of events: from the proof, by the slice."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from rapport.platform import db
from rapport.records.entity import Entity

SLICE, REMEMBERED = 1000, 100
Step = tuple[Any, str, dict[str, Any]]


class Reader:
    """Reads each change once: an operation of many slices tells of itself once for each."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], int] = {}  # the newest change read of an operation and an entity

    def steps(self, entity: Entity, operations: Iterable[str]) -> Iterator[list[Step]]:
        """(Key as stored, verb, what it held before) of what these operations wrote to records of an entity."""
        for each in operations:
            place = (each, entity.key)
            while True:
                sql = f"""SELECT id, record, verb, before FROM change WHERE operation = %s AND entity = %s AND id > %s
                          ORDER BY id LIMIT {SLICE}"""
                found = db.rows(sql, (db.key(each), entity.key, self._read.get(place, 0)))
                if not found:
                    break
                yield [(record, verb, orjson.loads(before) if before else {}) for _id, record, verb, before in found]
                if len(self._read) > REMEMBERED:
                    self._read.clear()
                self._read[place] = found[-1][0]  # only what has been worked with is not read again


def batches(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Keys in parts of at most ``size``."""
    for at in range(0, len(keys), size):
        yield keys[at : at + size]
