"""Many rows into tables, the quickest way each database knows, with the indexes away meanwhile."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from rapport.platform import db

TABLES = (
    "party", "interaction", "deal", "task", "change", "timeline_entry", "search_entry", "stage_visit", "kept_total",
    "event",
)  # fmt: skip


class SqliteLoader:
    """Plain INSERTs on the connection of Django, without safety nets: what fails here is made anew."""

    def __init__(self) -> None:
        self.door = db.connection()
        self.door.ensure_connection()
        self.raw = self.door.connection
        self._aside: list[str] = []

    def begin(self) -> None:
        """Put indexes and triggers aside."""
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000"):
            self.raw.execute(f"PRAGMA {pragma}").fetchall()
        names = ", ".join(f"'{table}'" for table in TABLES)
        found = self.raw.execute(
            f"""SELECT type, name, sql FROM sqlite_master
                WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({names})"""
        ).fetchall()
        for kind, name, sql in found:
            self.raw.execute(f'DROP {kind} "{name}"')
            self._aside.append(sql)
        self.raw.execute("BEGIN")

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows."""
        places = ", ".join("?" * len(columns))
        names = ", ".join(f'"{column}"' for column in columns)
        self.raw.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)

    def sql(self, text: str, params: Sequence[Any] = ()) -> None:
        """Run one statement with ``?`` places."""
        self.raw.execute(text, params)

    def end(self) -> None:
        """Indexes back, the search index built once, statistics gathered."""
        self.raw.execute("COMMIT")
        for sql in self._aside:
            self.raw.execute(sql)
        self.raw.execute("INSERT INTO search_text(search_text) VALUES ('rebuild')")
        self.raw.execute("INSERT INTO search_text(search_text) VALUES ('optimize')")
        self.raw.execute("ANALYZE")
        self.raw.execute("PRAGMA journal_mode=WAL").fetchall()

    @staticmethod
    def key(value: str | None) -> bytes | None:
        """A key as the column takes it."""
        return None if value is None else bytes.fromhex(value)

    @staticmethod
    def moment(value: dt.datetime) -> str:
        """A moment as the column takes it."""
        return value.isoformat(" ")


class PostgresLoader:
    """COPY, with indexes and foreign keys away."""

    def __init__(self) -> None:
        door = db.connection()
        parameters = door.get_connection_params()
        parameters = {name: value for name, value in parameters.items() if name in ("dbname", "user", "host", "port")}
        self.raw = psycopg.connect(**parameters, autocommit=True)
        self._aside: list[str] = []

    def begin(self) -> None:
        """Put indexes and foreign keys aside."""
        tables = list(TABLES)
        keys = self.raw.execute(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
               WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)""",
            (tables,),
        ).fetchall()
        indexes = self.raw.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
               WHERE indrelid::regclass::text = ANY(%s) AND NOT indisprimary
               AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = indexrelid)""",
            (tables,),
        ).fetchall()
        for table, name, _sql in keys:
            self.raw.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        for name, sql in indexes:
            self.raw.execute(f"DROP INDEX {name}")
            self._aside.append(sql)
        self._aside += [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {sql}' for table, name, sql in keys]

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows by COPY."""
        names = ", ".join(f'"{column}"' for column in columns)
        with self.raw.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write("\t".join(map(_copied, row)) + "\n")

    def sql(self, text: str, params: Sequence[Any] = ()) -> None:
        """Run one statement with ``?`` places."""
        self.raw.execute(text.replace("?", "%s"), params)

    def end(self) -> None:
        """Indexes back, statistics gathered."""
        self.raw.execute("SET maintenance_work_mem = '512MB'")
        for sql in self._aside:
            self.raw.execute(sql)
        self.raw.execute("VACUUM ANALYZE")

    @staticmethod
    def key(value: str | None) -> str | None:
        """A key as the column takes it."""
        return value

    @staticmethod
    def moment(value: dt.datetime) -> str:
        """A moment as the column takes it."""
        return value.isoformat(" ") + "+00"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    return text.translate(_ESCAPED) if "\\" in text or "\n" in text or "\t" in text else text


Loader = SqliteLoader | PostgresLoader


def loader() -> Loader:
    """The loader for the database of the settings."""
    return SqliteLoader() if db.is_sqlite() else PostgresLoader()
