"""Putting a backup back: checked as a whole, laid out aside, and only then exchanged for what is there."""

from contextlib import suppress
from pathlib import Path

from rapport.config.backup import folder, postgres, sqlite
from rapport.config.backup.archive import Archive
from rapport.config.backup.manifest import Manifest, Say, Unfit, fit
from rapport.platform import db, locks
from rapport.platform.clock import now


def restore(path: Path, say: Say) -> Manifest:
    """Replace the organisation by the one in ``path``. Raises Unfit with what was there untouched."""
    if not path.is_file():
        raise Unfit(f"There is no file {path}.")
    home = folder.home()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locks.held(home, locks.SERVING) as alone, Archive(path) as archive:
        if not alone:
            raise Unfit("A server runs on this data. Stop it first.")
        fit(archive.manifest, db.vendor())
        archive.verify(say)
        kept = home / folder.KEPT / f"before-restore-{now():%Y%m%d-%H%M%S-%f}"
        kept.mkdir(parents=True, mode=0o700)
        engine = sqlite if db.is_sqlite() else postgres
        try:
            with engine.aside(archive, say) as take_over, folder.exchanged(archive, kept):
                take_over(kept)
        except BaseException:
            with suppress(OSError):  # something could not be moved back; it is in there
                kept.rmdir()
            raise
        if any(kept.iterdir()):
            say(f"what was there before is kept in {kept}")
        else:
            kept.rmdir()
        if not db.is_sqlite() and db.one("SELECT 1 FROM pg_tables WHERE schemaname = %s", [postgres.BEFORE]):
            say(f"the tables of before are kept in the schema {postgres.BEFORE} until the next restore")
        return archive.manifest
