"""Bring the database up to date and seed what is empty. Safe to run beside others."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from rapport.config import seeds, upgrade
from rapport.platform import db
from rapport.platform.identity import snapshot

_LOCK = 7267712


def prepare() -> None:
    """Migrate and seed when needed; raises UpgradeFailed, which says how the data is left."""
    with _alone():
        if upgrade.pending():
            upgrade.upgrade()
        seeds.plant()
    snapshot.current()  # objects of the organisation's own are known by name from here on


def is_empty() -> bool:
    """True when nothing has been set up here yet."""
    return not upgrade.applied()


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
