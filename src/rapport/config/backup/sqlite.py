"""The embedded database in a backup: a copy of its file as of one moment."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from rapport.config.backup import forward
from rapport.config.backup.archive import Archive, Writer
from rapport.config.backup.manifest import Contents, Say, Unfit, names
from rapport.platform import db

PART = "database.sqlite3"
BESIDE = ("-wal", "-shm", "-journal")
STEP = 20_000


def path() -> Path:
    """The file of the database."""
    return Path(str(db.connection().settings_dict["NAME"]))


def save(writer: Writer, say: Say) -> Contents:
    """Put the database into the backup as it is now; writers go on meanwhile."""
    copy = writer.path.with_name(writer.path.name + ".database")
    tables = [*db.connection().introspection.django_table_names(only_existing=True), "django_migrations"]
    _need_space(copy.parent, path().stat().st_size)
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        copy_file(path(), copy, say)
        with closing(sqlite3.connect(copy)) as held:
            schema = names(held.execute("SELECT app, name FROM django_migrations"))
            counts = {name: held.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}
        say("packing the database")
        with writer.part(PART) as sink, copy.open("rb") as source:
            sink.take(source)
    finally:
        remove(copy)
    return Contents("sqlite", schema, counts, {})


def copy_file(source: Path, target: Path, say: Say = lambda words: None) -> None:
    """Copy a database in use, as of now. A reader in the log's snapshot holds up no writer, nor is it held up."""

    def told(_status: int, left: int, total: int) -> None:
        if total:
            say(f"copying the database: {100 * (total - left) // total} %")

    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.execute("BEGIN")  # all steps copy this moment; without it a write would start them again
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        tenth = source.stat().st_size // 4096 // 10
        old.backup(new, pages=max(STEP, tenth), progress=told, sleep=0)


@contextmanager
def aside(archive: Archive, say: Say) -> Iterator[Callable[[Path], None]]:
    """Lay the backup's database out beside ours, brought up to date; gives what puts it in its place."""
    ours = path()
    ours.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = ours.with_name(f".{ours.name}.restoring")
    remove(staged)
    db.close()
    _be_alone(ours)
    try:
        say("laying out the database")
        archive.extract(PART, staged)
        _migrate(staged)
        yield lambda kept: _take_over(staged, ours, kept)
    finally:
        remove(staged)


def remove(file: Path) -> None:
    """A database file with what stands beside it."""
    for end in ("", *BESIDE):
        file.with_name(file.name + end).unlink(missing_ok=True)


def _migrate(staged: Path) -> None:
    usual = db.connection().settings_dict
    db.lead_to({**usual, "NAME": str(staged)})
    try:
        forward.migrate()
        found = db.rows("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise Unfit(f"The database in it is broken: {found[0][0]}.")
    finally:
        db.close()
        db.lead_to(usual)


def _take_over(staged: Path, ours: Path, kept: Path) -> None:
    """The old file gets a second name among what is kept, then the new one takes its place in one step."""
    _be_alone(ours)
    if ours.exists():
        for end in BESIDE:  # the log of a broken file; it must not meet the new one
            with suppress(FileNotFoundError):
                os.replace(ours.with_name(ours.name + end), kept / (ours.name + end))
        try:
            os.link(ours, kept / ours.name)
        except OSError:  # a file system without links
            shutil.copy2(ours, kept / ours.name)
    os.replace(staged, ours)
    folder = os.open(ours.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _be_alone(ours: Path) -> None:
    """Leaving the log works for the only one who has the file open; raises Unfit when somebody else has."""
    if not ours.exists():
        return
    with closing(sqlite3.connect(ours, timeout=2)) as held:
        try:
            held.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Unfit(f"Somebody else is using {ours}. Stop the server and other commands first.") from error
        except sqlite3.DatabaseError:
            return  # what is broken is replaced all the same


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size * 1.5:
        raise Unfit(f"Making it needs {size * 3 // 2 >> 20} MB in {folder}; {free >> 20} MB are free.")
