"""Bringing the database of an older version up to date, so that a failure leaves what was there.

On SQLite all migrations of an upgrade share one transaction: when one fails, or the machine does, none has happened.
On PostgreSQL each has its own: those before the one that failed stay, and the next attempt goes on behind them.
"""

import functools
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from rapport import __version__
from rapport.config.errors import UpgradeFailed
from rapport.platform import db
from rapport.platform.clock import now

KEPT = 5
Names: TypeAlias = frozenset[tuple[str, str]]


@functools.cache
def known() -> Names:
    """The migrations of this program."""
    return frozenset(MigrationLoader(None).disk_migrations)


def applied() -> Names:
    """The migrations that the database has behind it."""
    return frozenset(MigrationRecorder(db.connection()).applied_migrations())


def pending() -> list[str]:
    """Names of migrations that have not run: one SELECT."""
    return sorted(f"{app}.{name}" for app, name in known() - applied())


def foreign() -> list[str]:
    """Names of migrations that have run and that this program does not know: a newer one has been here."""
    return sorted(f"{app}.{name}" for app, name in applied() - known())


def upgrade() -> None:
    """Migrate, after a copy when embedded; raises UpgradeFailed."""
    before, copy = applied(), None
    steps = ["copying the database"]

    def told(step: str, migration: Any = None, fake: bool | None = False) -> None:
        if step == "apply_start":
            steps.append(str(migration))
            if before:
                sys.stderr.write(f"upgrading: {migration}\n")

    try:
        copy = back_up()
        with _all_or_none():
            executor = MigrationExecutor(db.connection(), told)
            executor.migrate(executor.loader.graph.leaf_nodes())
    except Exception as error:
        words = f"The upgrade to Rapport {__version__} failed at {steps[-1]}: {error or type(error).__name__}"
        raise UpgradeFailed(f"{words}\n{_left(before, copy)}") from error


@contextmanager
def _all_or_none() -> Iterator[None]:
    if not db.is_sqlite():
        yield
        return
    db.execute("PRAGMA foreign_keys = OFF")  # tables are rebuilt; each migration checks all references at its end
    try:
        with db.transaction():
            yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")


def _left(before: Names, copy: Path | None) -> str:
    """How a failed upgrade leaves the database; puts the copy back where a migration has committed by itself."""
    if not db.is_sqlite():
        stay = sorted(f"{app}.{name}" for app, name in applied() - before)
        if not stay:
            return "Its transaction was rolled back: the database is as it was, the version from before works with it."
        return (
            f"Its transaction was rolled back. What ran before it stays: {', '.join(stay)}. The version from before "
            "may not work with that: mend the cause and start again, or restore the backup from before."
        )
    if applied() != before and copy:
        db.close()
        with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(_file(), timeout=20)) as ours:
            old.backup(ours)
    kept = f" A copy from before is kept in {copy}." if copy else ""
    return f"The database is as it was; the version from before works with it.{kept}"


def back_up() -> Path | None:
    """Copy an embedded database that holds something; the last few copies are kept."""
    if not db.is_sqlite() or not applied() or not _file().exists():
        return None
    folder = settings.DATA / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / f"before-upgrade-{now():%Y%m%d-%H%M%S-%f}.sqlite3"
    try:
        with closing(sqlite3.connect(_file())) as old, closing(sqlite3.connect(target)) as new:
            target.chmod(0o600)
            old.backup(new)
    except sqlite3.Error:
        target.unlink(missing_ok=True)
        raise
    for stale in sorted(folder.glob("before-upgrade-*.sqlite3"))[:-KEPT]:
        stale.unlink()
    return target


def _file() -> Path:
    return Path(str(db.connection().settings_dict["NAME"]))
