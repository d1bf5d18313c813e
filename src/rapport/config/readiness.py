"""Whether requests can be served, for /readyz and ``rapport check``. A few SELECTs; writes nothing."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from rapport.config import soundness, upgrade
from rapport.platform import db, locks
from rapport.platform.identity.saml import renewing
from rapport.platform.jobs.health import queue_health

LATE = 300
LEAST_FREE = 256 << 20


def built() -> bool:
    """True when the front end has been built."""
    return (Path(settings.STATIC_ROOT) / "ui" / "rapport.js").exists()


def states() -> dict[str, str]:
    """By what requests need, why they cannot have it: an empty text when all is well."""
    try:
        found = {"database": _unwritable(), "migrations": _behind()}
        found["jobs"] = "" if found["migrations"] else _idle()
    except db.DatabaseError as error:
        found = {"database": f"the database does not answer: {error}"}
    return {**found, "disk": _full()}


def problems() -> list[str]:
    """Reasons why requests would fail; empty when all is well."""
    return [reason for reason in states().values() if reason]


def warnings() -> list[str]:
    """What will be wrong before long, while requests are served well."""
    return [] if _behind() else renewing.warnings()


def deep() -> list[str]:
    """Broken invariants, in words: empty when all is well."""
    return [str(found) for found in soundness.deep()]


def _unwritable() -> str:
    """Looks without writing: another's lock, a read-only disk or a standby server would refuse the next write."""
    if not db.is_sqlite():
        row = db.one("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')") or (False, "off")
        return "the database only reads: it is a standby or set read-only" if row[0] or row[1] == "on" else ""
    db.one("SELECT 1 FROM sqlite_master LIMIT 1")
    path = Path(str(db.connection().settings_dict["NAME"]))
    if not path.exists():  # in memory
        return ""
    return "" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else f"{path} cannot be written"


def _behind() -> str:
    waiting = upgrade.pending()
    return f"migrations have not run: {', '.join(waiting)}" if waiting else ""


def _idle() -> str:
    """A server starts a worker beside it; where none runs, nobody expects the jobs to be done."""
    serving = locks.is_held(settings.DATA, locks.SERVING)
    if serving and not locks.is_held(settings.DATA, locks.WORKING):
        return "no process for background jobs is alive"
    if not serving and db.is_sqlite():
        return ""
    late = queue_health().late_seconds
    return f"the oldest waiting job is {late:.0f} s late; no worker keeps up" if late > LATE else ""


def _full() -> str:
    free = shutil.disk_usage(settings.DATA).free if Path(settings.DATA).exists() else LEAST_FREE
    if free >= LEAST_FREE:
        return ""
    return f"only {free >> 20} MB are left on the disk of {settings.DATA}; at least {LEAST_FREE >> 20} MB are needed"
