"""Making a backup while the product serves."""

import datetime as dt
from contextlib import ExitStack
from pathlib import Path

from rapport.config.backup import folder, postgres, sqlite
from rapport.config.backup.archive import Writer
from rapport.config.backup.manifest import Manifest, Say, Unfit
from rapport.platform import db
from rapport.platform.clock import now


def make(path: Path, say: Say) -> Manifest:
    """Write the organisation to ``path``; raises Unfit, and leaves nothing behind, when that cannot be."""
    path = path.expanduser().resolve()
    _allow(path)
    moment = now().astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        writer = Writer(path)
    except OSError as error:
        raise Unfit(f"{path} cannot be written: {error.strerror}.") from error
    with ExitStack() as undo:
        undo.callback(writer.abandon)
        contents = (sqlite if db.is_sqlite() else postgres).save(writer, say)
        # After the database: a file that a row names has been there for longer than the row.
        say(f"{folder.save(writer)} files")
        manifest = writer.close(moment, contents)
        undo.pop_all()
    return manifest


def _allow(path: Path) -> None:
    home = folder.home().resolve()
    if path.is_dir():
        raise Unfit(f"{path} is a folder: name a file.")
    if path.is_relative_to(home) and not path.is_relative_to(home / folder.KEPT):
        raise Unfit(f"{path} lies in the data folder, which is what is backed up. Name a file outside of it.")
