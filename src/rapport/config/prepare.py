"""Bring the database up to date: back it up when embedded, migrate, seed what is empty. Safe to run beside others."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db.migrations.executor import MigrationExecutor

from rapport.config import seeds
from rapport.platform import db
from rapport.platform.clock import now

_LOCK = 7267712
KEPT = 5


def pending() -> list[str]:
    """Names of migrations that have not run."""
    executor = MigrationExecutor(db.connection())
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def prepare() -> None:
    """Migrate and seed when needed; raises what the database says, the old data untouched."""
    with _alone():
        waiting = pending()
        if waiting:
            _back_up()
            call_command("migrate", verbosity=0, interactive=False)
        seeds.plant()


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time."""
    if db.is_sqlite():
        settings.DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(settings.DATA / "prepare.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    db.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        yield
    finally:
        db.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _back_up() -> None:
    """Copy an embedded database that holds something before it is migrated; the last few copies are kept."""
    if not db.is_sqlite():
        return
    source = Path(str(db.connection().settings_dict["NAME"]))
    if not source.exists() or not source.stat().st_size:
        return
    if db.one("SELECT 1 FROM sqlite_master WHERE name = 'organisation'") is None:
        return
    folder = settings.DATA / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / f"before-upgrade-{now():%Y%m%d-%H%M%S}.sqlite3"
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    for stale in sorted(folder.glob("before-upgrade-*.sqlite3"))[:-KEPT]:
        stale.unlink()
