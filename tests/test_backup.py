"""The whole organisation into one file while people write, and back: equal to the last byte, or not at all."""

import hashlib
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from django.core.management import call_command

from rapport.config import readiness, upgrade
from rapport.config.backup import Unfit, folder, make, postgres, restore, sqlite
from rapport.config.backup.archive import Archive
from rapport.config.backup.manifest import Manifest
from rapport.platform import db, locks
from rapport.platform.actor import as_system
from rapport.records import read, registry, timeline_read, write
from rapport.records.read import Query
from tests.standing import copy_of


def quiet(_words: str) -> None:
    """Nobody listens."""


@pytest.fixture
def place(standing: str, tmp_path: Path, settings: Any) -> Path:
    """A data folder with a secret and a file in it, its database filled."""
    settings.DATA = tmp_path / "data"
    (settings.DATA / "imports" / "one").mkdir(parents=True)
    (settings.DATA / "secret").write_text("sesame")
    (settings.DATA / "imports" / "one" / "file.csv").write_bytes(b"name\r\n\xff\xfe\0")
    _fill()
    return Path(settings.DATA)


def _fill() -> None:
    with as_system("tests"):
        for at in range(30):
            party = write.create(registry.get("party"), {"name": f"Żółw “{at}”\t\\N\n", "email": f"p{at}@example.com"})
            write.create(registry.get("deal"), {"name": f"Deal {at}", "party": party.id, "amount": "12.34"})
        write.put_in_bin(registry.get("party"), party.id)


def tables() -> list[str]:
    return sorted([*db.connection().introspection.django_table_names(only_existing=True), "django_migrations"])


def digests() -> dict[str, str]:
    """Every table's content, row by row."""
    found = {}
    for table in tables():
        digest = hashlib.sha256()
        for row in db.rows(f'SELECT * FROM "{table}" ORDER BY 1'):
            digest.update(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]).encode())
        found[table] = digest.hexdigest()
    return found


def in_file(path: Path) -> dict[str, Any]:
    """What the backup says that it holds of the database."""
    with Archive(path) as archive:
        return {part.name: part.sha256 for part in archive.manifest.parts if part.name.startswith(postgres.PREFIX)}


def ruin() -> None:
    """Whatever people do to a database."""
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Came later"})
    db.execute("DELETE FROM stage_visit")
    db.execute("UPDATE party SET name = 'gone'")
    db.execute("DELETE FROM search_entry")


def test_a_backup_put_back_is_equal_to_what_was_there(place: Path, tmp_path: Path) -> None:
    before = digests()
    manifest = make(tmp_path / "b.zip", quiet)
    assert manifest.rows == sum(db.one(f'SELECT count(*) FROM "{table}"')[0] for table in tables())
    ruin()
    (place / "secret").write_text("other")
    (place / "imports" / "one" / "file.csv").unlink()
    (place / "imports" / "late.csv").write_text("later")
    assert digests() != before
    assert restore(tmp_path / "b.zip", quiet) == manifest
    assert digests() == before
    assert readiness.deep() == []
    assert (place / "secret").read_text() == "sesame"
    assert (place / "imports" / "one" / "file.csv").read_bytes() == b"name\r\n\xff\xfe\0"
    assert not (place / "imports" / "late.csv").exists()
    with as_system("tests"):  # numbers go on behind the last one
        write.create(registry.get("party"), {"name": "Next"})
    assert readiness.deep() == []


def test_what_was_there_is_kept(place: Path, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", quiet)
    ruin()
    ruined = digests()["party"]
    (place / "secret").write_text("other")
    restore(tmp_path / "b.zip", quiet)
    [kept] = (place / "backups").glob("before-restore-*")
    assert (kept / "secret").read_text() == "other"
    if db.is_sqlite():
        with closing(sqlite3.connect(next(kept.glob("*.sqlite3")))) as old:
            assert old.execute("SELECT DISTINCT name FROM party").fetchall() == [("gone",)]
    else:
        assert db.rows(f"SELECT DISTINCT name FROM {postgres.BEFORE}.party") == [("gone",)]
        restore(tmp_path / "b.zip", quiet)  # makes room for the next
    assert digests()["party"] != ruined


class Writers:
    """Two who write without pause; ``made`` are the ids of what has been committed."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self._done = Event()
        self._threads = [Thread(target=self._work, args=(n,), daemon=True) for n in range(2)]
        for thread in self._threads:
            thread.start()

    def _work(self, n: int) -> None:
        with as_system("tests"):
            at = 0
            while not self._done.is_set():
                at += 1
                self.made.append(write.create(registry.get("deal"), {"name": f"W{n} {at}", "amount": "1.10"}).id)
        db.close()

    def wait_for(self, count: int) -> None:
        until = time.monotonic() + 30
        while len(self.made) < count:
            assert time.monotonic() < until, "writers are held up"
            time.sleep(0.01)

    def stop(self) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(20)


@pytest.fixture
def writers(place: Path) -> Iterator[Writers]:
    """Two people at work."""
    found = Writers()
    yield found
    found.stop()


def test_while_people_write_it_holds_one_moment(writers: Writers, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sqlite, "STEP", 5)  # a few pages at a time, so that there is time to write
    writers.wait_for(20)
    before = list(writers.made)
    path = tmp_path / "b.zip"
    manifest = make(path, quiet)
    writers.wait_for(len(writers.made) + 1)
    writers.stop()
    restore(path, quiet)
    held = {str(db.unkey(key)) for (key,) in db.rows("SELECT id FROM deal")}
    assert set(before) <= held
    assert len(held) == manifest.contents.tables["deal"]
    if db.is_sqlite():
        with Archive(path) as archive:
            archive.extract(sqlite.PART, tmp_path / "part.sqlite3")
        assert _of_file(sqlite.path()) == _of_file(tmp_path / "part.sqlite3")
    else:
        make(tmp_path / "again.zip", quiet)
        assert in_file(tmp_path / "again.zip") == in_file(path)
    assert readiness.deep() == []


def _of_file(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as held:
        return {table: held.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables()}


def test_nothing_is_replaced_when_the_last_step_fails(place: Path, tmp_path: Path, monkeypatch: Any) -> None:
    make(tmp_path / "b.zip", quiet)
    ruin()
    (place / "secret").write_text("other")
    before = digests()

    def fail(*_given: object) -> None:
        raise OSError("the disk went away")

    monkeypatch.setattr(sqlite if db.is_sqlite() else postgres, "_take_over", fail)
    with pytest.raises(OSError, match="went away"):
        restore(tmp_path / "b.zip", quiet)
    assert digests() == before
    assert (place / "secret").read_text() == "other"
    assert (place / "imports" / "one" / "file.csv").exists()
    assert not list((place / "backups").iterdir())
    assert not list(place.parent.rglob("*restoring*"))


def test_a_server_on_the_data_keeps_a_restore_out(place: Path, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", quiet)
    before = digests()
    with locks.held(place, locks.SERVING, shared=True), pytest.raises(Unfit, match="server"):
        restore(tmp_path / "b.zip", quiet)
    ready, go = Event(), Event()

    def sit() -> None:
        db.one("SELECT 1 FROM party")
        ready.set()
        go.wait(20)
        db.close()

    other = Thread(target=sit)
    other.start()
    ready.wait(20)
    with pytest.raises(Unfit, match="other commands first"):
        restore(tmp_path / "b.zip", quiet)
    go.set()
    other.join(20)
    assert digests() == before


def test_what_is_newer_or_of_another_engine_is_refused_in_words(place: Path, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", quiet)
    before = digests()
    for change, words in (
        ({"contents": {"schema": ["parties.9999_far_ahead"]}}, "parties.9999_far_ahead.. Install that version first"),
        ({"contents": {"engine": "oracle"}}, "It was made on oracle, this installation runs on"),
        ({"contents": {"engine": "postgresql" if db.is_sqlite() else "oracle"}}, "back to the same engine"),
        ({"format": 2}, "newer form"),
    ):
        _rewrite(tmp_path / "b.zip", tmp_path / "c.zip", change)
        with pytest.raises(Unfit, match=words):
            restore(tmp_path / "c.zip", quiet)
    assert digests() == before


def _rewrite(source: Path, target: Path, change: dict[str, Any]) -> None:
    """The same backup with another manifest."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "manifest.json":
                held = msgspec.json.decode(data)
                for key, value in change.items():
                    held[key] = {**held[key], **value} if isinstance(value, dict) else value
                data = msgspec.json.encode(held)
            new.writestr(name, data)


def test_a_damaged_file_is_refused_wherever_it_is_damaged(place: Path, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", quiet)
    whole = (tmp_path / "b.zip").read_bytes()
    with Archive(tmp_path / "b.zip") as archive:
        good: Manifest = archive.manifest
    damaged = tmp_path / "damaged.zip"
    places = [*range(0, len(whole), len(whole) // 150), *range(len(whole) - 200, len(whole), 7)]
    told = 0
    for at in places:
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            with Archive(damaged) as archive:
                archive.verify(quiet)  # by the checksum of every part: what is not refused is whole
                assert archive.manifest == good
        except Unfit:
            told += 1
    assert told > len(places) / 2, "the others met time stamps and the like, of which every small table has some"
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        damaged.write_bytes(whole[:cut])
        with pytest.raises(Unfit):
            restore(damaged, quiet)
    with pytest.raises(Unfit, match="no file"):
        restore(tmp_path / "nowhere.zip", quiet)


def test_files_that_point_out_of_the_folder_are_refused(place: Path, tmp_path: Path) -> None:
    for name in ("../evil", "/evil", "backups/evil"):
        with pytest.raises(Unfit, match="does not belong"):
            folder._inside(name)


def test_a_backup_leaves_nothing_behind_when_it_fails(place: Path, tmp_path: Path, monkeypatch: Any) -> None:
    with pytest.raises(Unfit, match="data folder"):
        make(place / "b.zip", quiet)
    with pytest.raises(Unfit, match="cannot be written"):
        make(tmp_path / "no" / "where.zip", quiet)
    monkeypatch.setattr(folder, "save", lambda writer: 1 / 0)
    before = set(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError):
        make(tmp_path / "b.zip", quiet)
    assert set(tmp_path.iterdir()) == before


def test_only_its_owner_may_read_it(place: Path, tmp_path: Path) -> None:
    make(tmp_path / "b.zip", quiet)
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0


def test_an_older_backup_is_brought_up_to_date(place: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """What ran last is taken back before the backup, and done again by the restore."""
    call_command("migrate", "shell", "0001", verbosity=0)
    manifest = make(tmp_path / "b.zip", quiet)
    assert "shell.0002_saved_view" not in manifest.contents.schema
    assert upgrade.pending() == ["shell.0002_saved_view"]
    restore(tmp_path / "b.zip", quiet)
    assert upgrade.pending() == []
    assert db.one("SELECT count(*) FROM saved_view") == (0,)
    assert db.one("SELECT count(*) FROM deal") == (30,)


@pytest.mark.postgres
def test_from_one_file_up_to_a_server(
    tmp_path: Path, settings: Any, request: pytest.FixtureRequest, django_db_blocker: Any
) -> None:
    """A backup of SQLite restored on PostgreSQL: every record reads alike, the history goes on."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    with copy_of("sqlite", request, tmp_path, django_db_blocker):
        _fill()
        manifest = make(tmp_path / "b.zip", quiet)
        before = _as_read()
    with copy_of("postgresql", request, tmp_path, django_db_blocker):
        restore(tmp_path / "b.zip", quiet)
        assert {table: db.one(f'SELECT count(*) FROM "{table}"')[0] for table in tables()} == manifest.contents.tables
        assert _as_read() == before
        assert readiness.deep() == []
        with as_system("tests"):
            party = write.create(registry.get("party"), {"name": "Next"})
            write.change(registry.get("party"), party.id, {"name": "Next one"})
        assert readiness.deep() == []


def _as_read() -> dict[str, Any]:
    """Every record as the product gives it, and its history."""
    found: dict[str, Any] = {}
    with as_system("tests"):
        for entity in registry:
            rows = map(msgspec.json.decode, read.everything(Query(entity)))
            found[entity.key] = {row["id"]: row for row in rows}
            for key in found[entity.key]:
                found[f"changes of {key}"] = timeline_read.changes(entity, key)
    return found
