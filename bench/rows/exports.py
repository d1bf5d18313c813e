"""Export of all parties as CSV against the database driver's own dump of the same table."""

import csv
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg

from bench.place import ROOT, Place
from bench.registry import Bench, Result, row
from bench.rows.imports import COMMAND

GOAL = "≥ 0.3, ≤ 200 MB"


@row("export")
def parties(bench: Bench) -> Iterator[Result]:
    """``rapport export parties`` with all fields, relations by their titles, and its peak memory; taken in turns."""
    path = bench.place.folder / "parties.csv"
    ours, floors = [], []
    for _turn in range(3 if bench.place.scale < 0.5 else 1):
        made = subprocess.run(
            [sys.executable, "-c", COMMAND, "export", "parties", str(path)],
            env=bench.place.environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            yield Result("export", "export of parties", "failed", "", None, GOAL, False, made.stderr[-300:])
            return
        told = orjson.loads(made.stdout.splitlines()[-1])
        ours.append(told["exported"] / told["seconds"])
        floors.append(_dump(bench.place, path.with_name("dump.csv")))
    peak = int(made.stderr.split()[-1]) / 1000
    best, floor = max(ours), max(floors)
    what = f"export of {told['exported']:,} parties"
    figures = f"{best:,.0f} rows/s", f"{floor:,.0f} rows/s"
    ok = best / floor >= 0.3 and peak <= 200
    yield Result("export", what, *figures, best / floor, GOAL, ok, f"{peak:.0f} MB")


def _dump(place: Place, path: Path) -> float:
    """Rows per second of the driver: SQLite's rows through Python's CSV writer, PostgreSQL's COPY."""
    sqlite = place.engine == "sqlite"
    door: Any = sqlite3.connect(place.database) if sqlite else psycopg.connect(place.url)
    began = time.monotonic()
    if sqlite:
        with path.open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file)
            for values in door.execute("SELECT * FROM party WHERE binned_at IS NULL ORDER BY id"):
                write.writerow(values)
    else:
        question = "COPY (SELECT * FROM party WHERE binned_at IS NULL ORDER BY id) TO STDOUT (FORMAT csv)"
        with path.open("wb") as file, door.cursor() as cursor, cursor.copy(question) as copy:
            for data in copy:
                file.write(data)
    seconds = time.monotonic() - began
    (count,) = door.execute("SELECT count(*) FROM party WHERE binned_at IS NULL").fetchone()
    door.close()
    path.unlink()
    return int(count) / seconds
