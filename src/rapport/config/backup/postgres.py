"""A PostgreSQL database in a backup: COPY of every table as of one moment, and back into a schema of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.migrations.executor import MigrationExecutor

from rapport.config.backup import crossing, forward
from rapport.config.backup.archive import Archive, Writer
from rapport.config.backup.manifest import Contents, Say, Unfit, names
from rapport.platform import db

PREFIX = "tables/"
PATIENCE = 2.0
STAGED, BEFORE = "rapport_restoring", "rapport_before_restore"
# Texts are read back alike whatever the server's settings are.
PLAIN = "SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1"
_OTHERS = """SELECT application_name, client_addr::text FROM pg_stat_activity WHERE datname = current_database()
AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND (application_name = '' OR application_name <> current_setting('application_name'))"""
_COLUMNS = """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
AND attgenerated = '' ORDER BY attnum"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
_INDEXES = """SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisunique"""
_REFERENCES = """SELECT r.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"""


def save(writer: Writer, say: Say) -> Contents:
    """Put every table into the backup as of one moment; nobody is held up."""
    counts: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    with db.snapshot():
        db.execute(PLAIN)
        schema = names(db.rows("SELECT app, name FROM django_migrations"))
        for table in sorted(
            [*db.connection().introspection.django_table_names(only_existing=True), "django_migrations"]
        ):
            say(f"copying {table}")
            columns[table] = [name for (name,) in db.rows(_COLUMNS, [table])]
            with writer.part(PREFIX + table) as sink, _copy(f"COPY {_place(table, columns[table])} TO STDOUT") as rows:
                counts[table] = 0
                for data in rows:
                    sink.write(data)
                    counts[table] += 1
        # Sequences stand outside of transactions: read last, they are never behind the rows.
        sequences = {name: last for name, last in db.rows(_SEQUENCES) if last is not None}
    return Contents("postgresql", schema, counts, {"columns": columns, "sequences": sequences})


@contextmanager
def aside(archive: Archive, say: Say) -> Iterator[Callable[[Path], None]]:
    """Lay the backup's tables out in a schema of their own, brought up to date; gives what puts them in their place."""
    _be_alone()
    main = (db.one("SELECT current_schema()") or ("public",))[0]
    _drop(STAGED)
    db.execute(f"CREATE SCHEMA {STAGED}")
    db.execute(f"SET search_path TO {STAGED}")
    try:
        _lay_out(archive, say)
        yield lambda _kept: _take_over(main)
    finally:
        db.execute("RESET search_path")
        _drop(STAGED)


def _lay_out(archive: Archive, say: Say) -> None:
    contents = archive.manifest.contents
    executor = MigrationExecutor(db.connection())
    say("making the tables as they were")
    latest = executor.loader.graph.leaf_nodes()
    plan = [(each, back) for each, back in executor.migration_plan(latest) if str(each) in contents.schema]
    executor.migrate(latest, plan)
    db.execute(f"TRUNCATE {', '.join(_quoted(table) for table in contents.tables)}")
    references, indexes = db.rows(_REFERENCES), db.rows(_INDEXES)
    for table, name, _definition in references:
        db.execute(f"ALTER TABLE {_quoted(table)} DROP CONSTRAINT {_quoted(name)}")
    for name, _definition in indexes:
        db.execute(f"DROP INDEX {_quoted(name)}")
    (_fill if contents.engine == "postgresql" else crossing.carry_over)(archive, say)
    say("building indexes")
    for _name, definition in indexes:
        db.execute(definition)
    for table, name, definition in references:
        db.execute(f"ALTER TABLE {_quoted(table)} ADD CONSTRAINT {_quoted(name)} {definition}")
    forward.migrate()
    db.execute("ANALYZE")


def _fill(archive: Archive, say: Say) -> None:
    contents = archive.manifest.contents
    for table in contents.tables:
        say(f"filling {table}")
        with db.transaction():
            db.execute(PLAIN)
            with _copy(f"COPY {_place(table, contents.more['columns'][table])} FROM STDIN") as rows:
                for data in archive.chunks(PREFIX + table):
                    rows.write(data)
    for name, last in contents.more["sequences"].items():
        db.one("SELECT setval(%s::regclass, %s)", [_quoted(name), last])


def _take_over(main: str) -> None:
    """One transaction: the old tables step aside into a schema that is kept, the new ones into their place."""
    _be_alone()
    db.execute("RESET search_path")
    with db.transaction():
        db.execute(f"DROP SCHEMA IF EXISTS {BEFORE} CASCADE")
        db.execute(f"CREATE SCHEMA {BEFORE}")
        for source, target in ((main, BEFORE), (STAGED, main)):
            for (table,) in db.rows("SELECT tablename FROM pg_tables WHERE schemaname = %s", [source]):
                db.execute(f"ALTER TABLE {_quoted(source)}.{_quoted(table)} SET SCHEMA {_quoted(target)}")


def _be_alone() -> None:
    """Raise Unfit while anybody else is connected to the database; who is just leaving is given time."""
    until = time.monotonic() + PATIENCE
    while others := db.rows(_OTHERS):
        if time.monotonic() > until:
            what, where = others[0]
            raise Unfit(
                f"{len(others)} others are connected to the database ({what or 'unnamed'}, {where or 'this machine'}). "
                "Stop the servers and other commands first."
            )
        time.sleep(0.1)


@contextmanager
def _copy(sql: str) -> Iterator[Any]:
    with db.connection().cursor() as cursor, cursor.copy(sql) as copied:
        yield copied


def _drop(schema: str) -> None:
    db.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _place(table: str, columns: list[str]) -> str:
    return f"{_quoted(table)} ({', '.join(map(_quoted, columns))})"


def _quoted(name: str) -> str:
    return str(db.connection().ops.quote_name(name))
