"""A run that was killed goes on behind the last row that is stored: nothing twice, no failed row untold."""

import csv
from pathlib import Path
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.jobs import LeaseLost
from rapport.records import registry
from rapport.records.models import ImportRun
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.mapping.binding import bind
from rapport.records.transfer.mapping.guess import guess
from rapport.records.transfer.rows.matching import Matcher
from rapport.records.transfer.run import Import
from rapport.records.transfer.sources import open_source
from rapport.records.transfer.writing import slices

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Stands for a process that is no more."""


@pytest.fixture(autouse=True)
def _seeded(organisation: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices.Pace, "learn", lambda pace, seconds: None)


def attempt(run: ImportRun, file: Path, **more: Any) -> Import:
    with as_system("a test") as actor:
        run.refresh_from_db()
        source = open_source(file)
        entity = registry.get("party")
        place = file.with_name("errors.csv")
        errors = ErrorFile(place, source, run.counts.get("errors", 0) if place.exists() else 0)
        binding = bind(entity, guess(entity, source.header, source.doubled), source, actor)
        work = Import(source, binding, record=run, errors=errors, **more)
        work.writer.pace.size = 4
        work.go()
    return work


def told(file: Path) -> list[list[str]]:
    with file.with_name("errors.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


@pytest.fixture
def run() -> ImportRun:
    return ImportRun.objects.create(entity="party", file="a.csv")


def test_after_each_place_where_it_can_be_killed(tmp_path: Path, run: ImportRun) -> None:
    file = tmp_path / "a.csv"
    lines = [f"Firm {n},{'bad' if n % 5 == 0 else f'a{n}@x.example'}" for n in range(23)]
    file.write_text("name,email\n" + "\n".join(lines) + "\n")
    calls = 0

    def fence(line: int) -> None:
        nonlocal calls
        calls += 1
        if calls % 2 == 0:
            raise Killed  # in the transaction, after the error file has been written

    for _attempt in range(20):
        try:
            work = attempt(run, file, fence=fence)
            break
        except Killed:
            continue
    assert (work.counts.created, work.counts.failed, work.counts.rows) == (18, 5, 23)
    assert db.one("SELECT count(*), count(DISTINCT name) FROM party WHERE name LIKE 'Firm %%'") == (18, 18)
    assert [row[0] for row in told(file)] == ["name", "Firm 0", "Firm 5", "Firm 10", "Firm 15", "Firm 20"]
    run.refresh_from_db()
    assert (run.status, run.counts["rows"], run.counts["failed"]) == ("done", 23, 5)


def test_killed_within_a_slice_that_was_stored_in_parts(
    tmp_path: Path, run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("external_id,name\nx,There\n")
    attempt(ImportRun.objects.create(entity="party", file="b.csv"), file)
    # As if it had been stored a moment ago: the database refuses x, and the slice is halved until x stands alone.
    monkeypatch.setattr(Matcher, "find", lambda matcher, drafts: None)
    file.write_text("external_id,name\na,A\nx,X\nb,B\nc,C\nd,D\n")
    seen: list[int] = []

    def fence(line: int) -> None:
        seen.append(line)
        if len(seen) == 2:
            raise Killed

    with pytest.raises(Killed):
        attempt(run, file, fence=fence)
    work = attempt(run, file)
    assert (work.counts.created, work.counts.failed, work.counts.rows) == (4, 1, 5)
    names = [row[0] for row in db.rows("SELECT name FROM party WHERE name IN ('A','B','C','D','X') ORDER BY name")]
    assert names == ["A", "B", "C", "D"]
    assert [row[1] for row in told(file)] == ["name", "X"]


def test_who_has_lost_his_lease_writes_nothing_more(tmp_path: Path, run: ImportRun) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name\n" + "\n".join(f"Firm {n}" for n in range(9)) + "\n")

    def lost(line: int) -> None:
        if line > 5:
            raise LeaseLost("job")

    with pytest.raises(LeaseLost):
        attempt(run, file, fence=lost)
    run.refresh_from_db()
    assert (run.status, run.counts["created"], run.finished_at) == ("running", 4, None)
    assert attempt(run, file).counts.created == 9
