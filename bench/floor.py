"""The bare driver writing what one creation writes: same rows, one transaction, same pragmas."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import uuid_utils

from bench.place import Place

# table -> the column that names the record
WRITTEN = {"party": "id", "change": "record", "timeline_entry": "source", "search_entry": "record", "event": "record"}
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-8000",
    "mmap_size=268435456",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)
KEEP = """UPDATE kept_total SET count = count + 1 WHERE id = (SELECT min(id) FROM kept_total WHERE entity = 'party')"""


@contextmanager
def writer(place: Place, record: str) -> Iterator[Callable[[], None]]:
    """A function that writes the rows of ``record`` once more under a new id."""
    sqlite = place.engine == "sqlite"
    door: Any
    if sqlite:
        door = sqlite3.connect(place.database, isolation_level=None, timeout=20)
        for pragma in PRAGMAS:
            door.execute(f"PRAGMA {pragma}")
    else:
        door = psycopg.connect(place.url)
    try:
        yield _replay(door, sqlite, bytes.fromhex(record) if sqlite else record)
    finally:
        door.close()


def _replay(door: Any, sqlite: bool, record: Any) -> Callable[[], None]:
    place = "?" if sqlite else "%s"
    steps = []
    for table, column in WRITTEN.items():
        found = door.execute(f"SELECT * FROM {table} WHERE {column} = {place}", (record,))
        names = [each[0] for each in found.description]
        skipped = {"vector"} if table == "party" else {"id", "vector"}
        kept = [name for name in names if name not in skipped]
        places = ", ".join(
            "(SELECT max(position) + 1 FROM event)" if sqlite and name == "position" else place for name in kept
        )
        sql = f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({places})"
        given = [name for name in kept if not (sqlite and name == "position")]
        for row in found.fetchall():
            steps.append((sql, column, given, dict(zip(names, row, strict=True))))
    if not sqlite:
        door.commit()

    def write() -> None:
        key = uuid_utils.uuid7()
        new = key.bytes if sqlite else key.hex
        if sqlite:
            door.execute("BEGIN IMMEDIATE")
        for sql, column, given, row in steps:
            door.execute(sql, [new if name == column else _sent(row[name]) for name in given])
        door.execute(KEEP)
        door.execute("COMMIT") if sqlite else door.commit()

    return write


def _sent(value: Any) -> Any:
    return psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value
