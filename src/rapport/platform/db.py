"""The only door to the database: one day a router picks the organisation's database here."""

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Any

from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connections,
)
from django.db import (
    transaction as _transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

from rapport.platform import turns

__all__ = ["DatabaseError", "IntegrityError", "OperationalError"]

ALIAS = "default"


_here = threading.local()  # Django's own way to a thread's connection takes longer than most of what asks for it


def connection() -> BaseDatabaseWrapper:
    """The Django connection of the organisation at work."""
    try:
        found: BaseDatabaseWrapper = _here.connection
    except AttributeError:
        found = _here.connection = connections[ALIAS]
    return found


def lead_to(settings: dict[str, Any]) -> None:
    """From now on this thread's door leads to the database of these Django settings."""
    held = connections[ALIAS]
    if held.connection is not None and not held.in_atomic_block:
        held.close()  # else its place in the pool would never be given back
    connections.settings[ALIAS] = settings
    with suppress(AttributeError):  # there was none yet
        del connections[ALIAS]
    _here.__dict__.clear()


def vendor() -> str:
    """``"sqlite"`` or ``"postgresql"``."""
    return connection().vendor


def is_sqlite() -> bool:
    """True on the embedded database."""
    return connection().vendor == "sqlite"


@contextmanager
def transaction() -> Iterator[None]:
    """One write transaction (IMMEDIATE on SQLite, where those who wait take turns); joins the open one when nested."""
    door = connection()
    with ExitStack() as stack:
        if door.in_atomic_block or door.vendor != "sqlite":
            stack.enter_context(_transaction.atomic(using=ALIAS))
        else:
            with turns.turn(_waiting_place(door)):
                stack.enter_context(_transaction.atomic(using=ALIAS))
        yield


def _waiting_place(door: BaseDatabaseWrapper) -> IO[str] | None:
    """One for each thread: a lock on a file is its opener's."""
    try:
        place: IO[str] | None = _here.waiting_place
    except AttributeError:
        place = _here.waiting_place = turns.waiting_place(str(door.settings_dict["NAME"]))
    return place


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a transaction that may fail alone."""
    with _transaction.atomic(using=ALIAS, savepoint=True):
        yield


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read within the block is as of one moment, however long it takes; nothing is written."""
    if in_transaction():
        yield
    elif is_sqlite():
        execute("BEGIN")
        try:
            yield
        finally:
            execute("ROLLBACK")
    else:
        with transaction():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def be_brief() -> None:
    """This thread would rather fail than wait long for the write lock (work that can be put off)."""
    if is_sqlite():
        execute("PRAGMA busy_timeout = 100")


def be_thorough() -> None:
    """This process reads whole tables: give it the memory for that."""
    if is_sqlite():
        execute("PRAGMA cache_size = -262144")


def in_transaction() -> bool:
    """True inside :func:`transaction`."""
    return connection().in_atomic_block


def on_commit(function: Callable[[], object]) -> None:
    """Call ``function`` once the open transaction has committed (at once when none is open)."""
    _transaction.on_commit(function, using=ALIAS)


def close() -> None:
    """Give this thread's connection back."""
    connections.close_all()


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement with ``%s`` places; returns the number of rows it touched."""
    with connection().cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for many rows."""
    with connection().cursor() as cursor:
        cursor.executemany(sql, rows)


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a bounded query."""
    with _asked(sql, params) as cursor:
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def one(sql: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row, or None."""
    with _asked(sql, params) as cursor:
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


@contextmanager
def _asked(sql: str, params: Sequence[Any]) -> Iterator[Any]:
    """A cursor of this question: the driver's own, as Django's take up to ten times as long as a short question does.

    Whoever counts or wraps statements, and a transaction that failed, get Django's.
    """
    door = connection()
    if door.connection is None or door.queries_logged or door.execute_wrappers or door.needs_rollback:
        with door.cursor() as cursor:
            cursor.execute(sql, params)
            yield cursor
        return
    with door.wrap_database_errors:
        yield door.connection.execute(_marked(sql) if door.vendor == "sqlite" else sql, params)


@functools.lru_cache(maxsize=500)
def _marked(sql: str) -> str:
    """The statement with SQLite's places."""
    marked: str = FORMAT_QMARK_REGEX.sub("?", sql)
    return marked.replace("%%", "%")


def stream(sql: str, params: Sequence[Any] = (), size: int = 2000) -> Iterator[tuple[Any, ...]]:
    """Rows of an unbounded query in constant memory (a server-side cursor on PostgreSQL)."""
    door = connection()
    if door.vendor == "postgresql":
        with transaction(), door.chunked_cursor() as cursor:
            cursor.execute(sql, params)
            yield from iter_chunks(cursor, size)
    else:
        with door.cursor() as cursor:
            cursor.execute(sql, params)
            yield from iter_chunks(cursor, size)


def iter_chunks(cursor: Any, size: int) -> Iterator[tuple[Any, ...]]:
    """Rows of an executed cursor, fetched ``size`` at a time."""
    while chunk := cursor.fetchmany(size):
        yield from chunk


@functools.cache
def insert_sql(table: str, columns: tuple[str, ...]) -> str:
    """An INSERT statement for ``table`` with one ``%s`` place per column."""
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{table}" ({names}) VALUES ({places})'


def key(value: str | None) -> Any:
    """A record key (32 hex digits) as this database takes it in a parameter."""
    if value is None or connection().vendor != "sqlite":
        return value
    return bytes.fromhex(value)


def unkey(value: Any) -> str | None:
    """A record key as this database gives it, as 32 hex digits."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("-", "")
    result: str = value.hex if hasattr(value, "int") else value.hex()
    return result
