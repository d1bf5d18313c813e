"""An embedded database's backup into the tables of PostgreSQL: the way up when a firm outgrows one file."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from rapport.config.backup import folder, sqlite
from rapport.config.backup.archive import Archive
from rapport.config.backup.manifest import Say, Unfit
from rapport.platform import db

_COLUMNS = """SELECT attname, atttypid::regtype::text FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
# What SQLite keeps in another spelling; all else is text that PostgreSQL reads as it is.
SPELLING: dict[str, Callable[[Any], Any]] = {
    "uuid": bytes.hex,
    "boolean": lambda value: "t" if value else "f",
    "timestamp with time zone": lambda value: f"{value}+00",
}


def carry_over(archive: Archive, say: Say) -> None:
    """Fill the tables of the current schema with the rows of the backup's database."""
    with tempfile.TemporaryDirectory(dir=folder.home(), prefix=".restoring-") as aside:
        file = Path(aside) / sqlite.PART
        archive.extract(sqlite.PART, file)
        with closing(sqlite3.connect(file)) as held:
            for table in archive.manifest.contents.tables:
                say(f"filling {table}")
                _fill(held, table)
            _count_on(held)


def _fill(held: sqlite3.Connection, table: str) -> None:
    columns = db.rows(_COLUMNS, [table])
    listed = ", ".join(f'"{name}"' for name, _kind in columns)
    spelling = [SPELLING.get(kind, str) for _name, kind in columns]
    with db.transaction(), db.connection().cursor() as cursor:
        try:
            with cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as copied:
                for row in _rows(held, f'SELECT {listed} FROM "{table}"'):
                    pairs = zip(spelling, row, strict=True)
                    copied.write_row([None if value is None else spell(value) for spell, value in pairs])
        except (db.DatabaseError, ValueError, TypeError) as error:
            raise Unfit(f"PostgreSQL does not take a row of {table}: {error}") from error


def _rows(held: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    cursor = held.execute(sql)
    while found := cursor.fetchmany(2000):
        yield from found


def _count_on(held: sqlite3.Connection) -> None:
    """New numbers begin behind the last one that was ever given."""
    for table, last in held.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0").fetchall():
        row = db.one("SELECT pg_get_serial_sequence(%s, 'id') WHERE to_regclass(%s) IS NOT NULL", [table, table])
        if row and row[0]:
            db.one("SELECT setval(%s::regclass, %s)", [row[0], last])
