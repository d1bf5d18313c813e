"""The data set of QUALITY.md, written set-based and consistent with the engine's own invariants.

``python -m bench.generate --scale 0.1`` fills the database of the settings, which must be empty. Scale 1 is
1,000,000 parties, 5,000,000 interactions, 500,000 deals and 2,000,000 tasks. All choices are seeded; the day of
making is the newest day of the data (but for what is still to be done).
"""

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from bench import follow, load, staff  # noqa: E402
from bench.rowmaking import Made, deal_rows, defaults_of, interaction_rows, party_rows, people  # noqa: E402
from bench.taskmaking import task_rows  # noqa: E402
from bench.words import Dice  # noqa: E402
from rapport.config.prepare import prepare  # noqa: E402
from rapport.parties import filling  # noqa: E402
from rapport.platform import db  # noqa: E402
from rapport.platform.keys import key_at  # noqa: E402
from rapport.records import registry  # noqa: E402

PARTIES, INTERACTIONS, DEALS, TASKS = 1_000_000, 5_000_000, 500_000, 2_000_000
SLICE = 5000
DAYS = 3 * 365
SEED = 20261121


class Slices:
    """Operations of the load: (entity, first id, last id, operation, count) per slice."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str, str, int]] = []

    def add(self, entity: str, first: str, last: str, count: int) -> str:
        """One slice of creations; returns the operation that made it."""
        operation = key_at(int(last[:12], 16), 1 << 70 | len(self.found))
        self.found.append((entity, first, last, operation, count))
        return operation


def generate(scale: float) -> dict[str, int]:
    """Fill the database; returns how many rows of each entity were made."""
    prepare()
    if db.one("SELECT 1 FROM party LIMIT 1") is not None:
        raise SystemExit("the database already holds records")
    dice = Dice(SEED)
    sizes = {"party": int(PARTIES * scale), "interaction": int(INTERACTIONS * scale), "deal": int(DEALS * scale)}
    sizes["task"] = int(TASKS * scale)
    crew = staff.hire(dice)
    into = load.loader()
    end = dt.datetime.combine(dt.datetime.now(dt.UTC).date(), dt.time())
    made = people(dice, crew, sizes["party"], into, end - dt.timedelta(days=DAYS), end, scale)
    into.begin()
    slices = Slices()
    _fill(made, sizes, slices)
    follow.write(into, slices.found)
    into.end()
    made.tally()
    with db.transaction():
        filling.fill(db.connection())
    return sizes


def _fill(made: Made, sizes: dict[str, int], slices: Slices) -> None:
    """Slice by slice through time, so that search rows of all entities lie mixed as they would in life."""
    rounds = max(1, sizes["interaction"] // SLICE)
    for number in range(rounds):
        spans = {name: (size * number // rounds, size * (number + 1) // rounds) for name, size in sizes.items()}
        for name, make in (("interaction", interaction_rows), ("deal", deal_rows)):
            low, high = spans[name]
            _insert(made, name, make(made, low, high, sizes[name]), slices)
        _insert(made, "task", task_rows(made, *spans["task"], sizes["task"], sizes["deal"]), slices)
        _search(made, *spans["party"])
        _say(f"{number + 1}/{rounds} slices")
    for low in range(0, sizes["party"], SLICE):
        _insert(made, "party", party_rows(made, low, min(low + SLICE, sizes["party"])), slices)


def _insert(made: Made, name: str, rows: Iterator[dict[str, Any]], slices: Slices) -> None:
    """Insert rows of an entity given as values by column; what is not given takes the model's default."""
    found = list(rows)
    if not found:
        return
    defaults = defaults_of(registry.get(name))
    columns = [*defaults, *[column for column in found[0] if column not in defaults]]
    fixed = list(defaults.values())
    given = columns[len(fixed) :]
    made.into.insert(name, columns, ([*fixed, *[row[column] for column in given]] for row in found))
    first, last = (str(db.unkey(row["id"])) for row in (found[0], found[-1]))
    operation = slices.add(name, first, last, len(found))
    if made.search:
        made.into.insert("search_entry", ("entity", "record", "text", "scope"), made.search)
        made.search.clear()
    if made.visits:
        key = made.into.key(operation)
        made.into.insert("stage_visit", ("deal_id", "stage_id", "entered_at", "operation"),
                         [(*visit, key) for visit in made.visits])  # fmt: skip
        made.visits.clear()


def _search(made: Made, low: int, high: int) -> None:
    rows = [made.party_search(number) for number in range(low, high)]
    made.into.insert("search_entry", ("entity", "record", "text", "scope"), rows)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


def main() -> None:
    """Fill the database of the settings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=float(os.environ.get("BENCH_SCALE", "0.1")))
    options = parser.parse_args()
    began = time.monotonic()
    sizes = generate(options.scale)
    print(f"{sizes} in {time.monotonic() - began:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
