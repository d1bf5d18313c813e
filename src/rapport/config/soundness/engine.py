"""The database engine's own verdict."""

from collections import Counter
from collections.abc import Iterator

from rapport.config.soundness.finding import RESTORE, SHOWN, Finding
from rapport.platform import db

_UNPROVED = """SELECT conrelid::regclass || '.' || conname FROM pg_constraint
WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"""
_INVALID = """SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"""


def foreign_keys() -> Iterator[Finding]:
    """Every foreign key points to a row that is there."""
    if not db.is_sqlite():
        for (name,) in db.rows(_UNPROVED):
            yield Finding(f"the constraint {name} was never proved", remedy="ALTER TABLE … VALIDATE CONSTRAINT")
        return
    broken = Counter((table, parent) for table, _row, parent, _number in db.stream("PRAGMA foreign_key_check"))
    for (table, parent), count in sorted(broken.items()):
        yield Finding(f"{count} rows of {table} point to a {parent} that is not there", remedy=RESTORE)


def files() -> Iterator[Finding]:
    """SQLite: pages, tables and indexes of the file are whole. PostgreSQL: no index is left half built."""
    if not db.is_sqlite():
        for (name,) in db.rows(_INVALID):
            yield Finding(f"the index {name} is not valid", remedy=f"REINDEX INDEX {name}")
        return
    for (words,) in db.rows(f"PRAGMA integrity_check({SHOWN})"):
        if words != "ok":
            yield Finding(f"the database file is damaged: {words}", remedy=f"stop the server and {RESTORE}")
