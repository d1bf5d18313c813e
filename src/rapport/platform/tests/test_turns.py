"""Whoever is waited for comes in between the transactions of what works in the background."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rapport.platform import turns

SLICES = """
import sqlite3, sys, time
from rapport.platform import turns
turns.give_way()
turns.LONGEST = 60
place, door = turns.waiting_place(sys.argv[1]), sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
for number in range(1, 1000):
    with turns.turn(place):
        door.execute("BEGIN IMMEDIATE")
    door.execute("UPDATE slices SET done = ?", (number,))
    time.sleep(0.12)
    door.execute("COMMIT")
    print(number, flush=True)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "there.sqlite3"
    with sqlite3.connect(path) as door:
        door.execute("PRAGMA journal_mode = WAL")
        door.execute("CREATE TABLE slices (done)")
        door.execute("INSERT INTO slices VALUES (0)")
    return path


def test_one_who_is_waited_for_comes_next(database: Path) -> None:
    door = sqlite3.connect(database, isolation_level=None, timeout=20)
    place, waited = turns.waiting_place(str(database)), []
    with subprocess.Popen([sys.executable, "-c", SLICES, str(database)], stdout=subprocess.PIPE) as slices:
        assert slices.stdout
        slices.stdout.readline()
        for _time in range(8):
            with turns.turn(place, behind=False):
                before = door.execute("SELECT done FROM slices").fetchone()[0]
                door.execute("BEGIN IMMEDIATE")
            waited.append(door.execute("SELECT done FROM slices").fetchone()[0] - before)
            door.execute("COMMIT")
        slices.kill()
    assert max(waited) <= 1, "the slice that was under way"


def test_the_background_waits_while_somebody_does_but_not_for_ever(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 60)
    order: list[str] = []

    def behind() -> None:
        with turns.turn(turns.waiting_place(str(database)), behind=True):
            order.append("background")

    with turns.turn(turns.waiting_place(str(database)), behind=False):
        work = threading.Thread(target=behind)
        work.start()
        work.join(0.1)
        order.append("at work")
    work.join(20)
    assert order == ["at work", "background"]
    monkeypatch.setattr(turns, "LONGEST", 0.01)
    with turns.turn(turns.waiting_place(str(database)), behind=False):
        behind()
    assert order[2:] == ["background"]


def test_without_a_file_nobody_waits() -> None:
    assert turns.waiting_place(":memory:") is None
    with turns.turn(None):
        pass
