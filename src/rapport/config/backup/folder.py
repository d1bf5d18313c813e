"""The data folder beside the database: secret, files of imports and whatever else is kept there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings

from rapport.config.backup.archive import Archive, Writer
from rapport.config.backup.manifest import Unfit
from rapport.platform import db

PREFIX = "files/"
KEPT = "backups"
STAGED = ".restoring"


def home() -> Path:
    """The data folder."""
    return Path(settings.DATA)


def entries() -> list[Path]:
    """What of the data folder belongs to the organisation: not the database, backups, locks, what is under way."""
    own = Path(str(db.connection().settings_dict["NAME"])).name if db.is_sqlite() else ""
    return [
        path
        for path in sorted(home().iterdir())
        if path.name != KEPT
        and not path.name.startswith(".")
        and path.suffix != ".lock"
        and not (own and path.name.startswith(own))
        and not path.is_symlink()
    ]


def save(writer: Writer) -> int:
    """Put every file into the backup; one that goes away meanwhile is left out. Returns how many."""
    count = 0
    for entry in entries():
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.is_symlink() or not path.is_file():
                continue
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue
            with source, writer.part(PREFIX + path.relative_to(home()).as_posix()) as sink:
                sink.take(source)
            count += 1
    return count


@contextmanager
def exchanged(archive: Archive, kept: Path) -> Iterator[None]:
    """Within the block the backup's files are in place; the old ones move to ``kept``, or back when the block fails."""
    staged = home() / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    moved: list[tuple[Path, Path]] = []
    try:
        for part in archive.manifest.parts:
            if part.name.startswith(PREFIX):
                archive.extract(part.name, staged / _inside(part.name.removeprefix(PREFIX)))
        for old in entries():
            if old.resolve() == archive.path.resolve():  # the backup itself, left lying there
                continue
            _move(moved, old, kept / old.name)
        for new in sorted(staged.iterdir()):
            _move(moved, new, home() / new.name)
        yield
    except BaseException:
        for source, target in reversed(moved):
            os.replace(target, source)
        raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _move(moved: list[tuple[Path, Path]], source: Path, target: Path) -> None:
    os.replace(source, target)
    moved.append((source, target))


def _inside(name: str) -> PurePosixPath:
    """A path that stays in the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[0] in (KEPT, STAGED):
        raise Unfit(f"It holds a file that does not belong to a data folder: {name}.")
    return path
