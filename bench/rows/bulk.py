"""A deed on many records, its history included, against one bare UPDATE of the same rows."""

import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from bench import place as places
from bench.place import Place
from bench.registry import Bench, Result, row

MANY = 100_000
# What is changed by the product, and by the bare statement before it.
DEEDS = {
    "industry": ({"industry": "wholesale"}, "industry = 'retail'"),
    "owner": ({"owner": None}, "owner_id = (SELECT id FROM user_account ORDER BY id LIMIT 1)"),
}
COMMAND = """
import json, os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.config.settings"
import django
django.setup()
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.jobs import claims, discover, execution
from rapport.platform.jobs.heart import Heart
from rapport.records import registry
from rapport.records.bulk import runs
from rapport.records.bulk.deeds import Deed
from rapport.records.models import BulkRun
data, most = json.loads(sys.argv[1]), sys.argv[2]
discover()
snapshot.current()
heart = Heart()
def work(run):
    began = time.perf_counter()
    while job := claims.claim("long", ["records.bulk", "records.bulk_undo"], "bench"):
        execution.execute(job, heart)
    seconds = time.perf_counter() - began
    run.refresh_from_db()
    return seconds

with as_system("bench"):
    run = runs.begin(registry.get("party"), Deed("change", data=data), None)
    BulkRun.objects.filter(id=run.id).update(until=most)
changed = work(run)
with as_system("bench"):
    runs.undo(run)
undone = work(run)
told = {"changed": changed, "undone": undone, "counts": run.counts, "status": run.status, "problem": run.problem}
print(json.dumps(told))
"""


@row("bulk")
def change(bench: Bench) -> Iterator[Result]:
    """One field of 100,000·scale records set by the job that the screens use, and taken back."""
    count = max(2000, int(MANY * bench.place.scale))
    door = _door(bench.place)
    most = door.execute(
        f"SELECT id FROM party WHERE binned_at IS NULL ORDER BY id LIMIT 1 OFFSET {count - 1}"
    ).fetchone()
    door.close()
    key = most[0].hex() if isinstance(most[0], bytes) else most[0].hex
    for name, (data, sets) in DEEDS.items():
        bare = _bare(bench.place, sets, most[0])
        made = places.python(["-c", COMMAND, json.dumps(data), key], bench.place.environment)
        told = json.loads(made.stdout.splitlines()[-1])
        if told["status"] != "undone":
            yield Result("bulk", f"bulk change of {name}", "failed", "", None, "≥ 0.2", False, told["problem"])
            continue
        changed = told["counts"]["changed"]
        ours, floor = changed / told["changed"], count / bare
        note = f"{changed:,} changed; taken back at {told['counts']['reverted'] / told['undone']:,.0f} rows/s"
        yield Result(
            "bulk", f"bulk change of {name}", f"{ours:,.0f} rows/s", f"{floor:,.0f} rows/s", ours / floor, "≥ 0.2",
            ours / floor >= 0.2, note,
        )  # fmt: skip


def _door(place: Place) -> Any:
    if place.engine != "sqlite":
        return psycopg.connect(place.url)
    door = sqlite3.connect(place.database, isolation_level=None, timeout=20)
    door.execute("PRAGMA synchronous = FULL")
    return door


def _bare(place: Place, sets: str, most: Any) -> float:
    """Seconds that one statement takes to its commit, on the same file with the same pragmas."""
    door = _door(place)
    mark = "?" if place.engine == "sqlite" else "%s"
    sql = f"UPDATE party SET {sets}, version = version + 1 WHERE id <= {mark} AND binned_at IS NULL"
    door.execute("BEGIN")
    began = time.perf_counter()
    door.execute(sql, (most,))
    door.execute("COMMIT")
    seconds = time.perf_counter() - began
    door.close()
    return seconds
