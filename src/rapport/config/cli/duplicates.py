"""``rapport duplicates``: find records that may be one; the last line on stdout is the outcome as JSON."""

import argparse
import sys
import time

import orjson

from rapport.config.prepare import prepare
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records.duplicates import merging, pairs
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.transfer.entities import entity_named

DONE, UNUSABLE = 0, 2
PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("entity", metavar="ENTITY", help="parties …")
    parser.add_argument("--limit", type=int, metavar="N", default=pairs.MOST, help="keep the N most certain pairs")
    parser.add_argument("--json", action="store_true", help="write every open pair as a line of JSON first")


def run(options: argparse.Namespace) -> int:
    """Find, keep and count the pairs; returns the exit code."""
    try:
        prepare()
        db.be_thorough()
        with as_system("rapport duplicates"):
            entity = entity_named(options.entity)
            if not merging.is_mergeable(entity):
                raise Problem(f"Of {entity.plural} no duplicates are looked for.")
            began = time.monotonic()
            count = pairs.search(entity, _Progress().tell, most=max(1, options.limit))
            seconds = round(time.monotonic() - began, 2)
            if options.json:
                _write(entity)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return UNUSABLE
    print(orjson.dumps({"pairs": count, "seconds": seconds}).decode(), flush=True)
    return DONE


def _write(entity: Entity) -> None:
    after: str | None = None
    while True:
        found, after = pairs.queue(entity, limit=PAGE, after=after)
        for pair in found:
            sys.stdout.write(orjson.dumps(pairs.wire(pair)).decode() + "\n")
        if after is None:
            return


class _Progress:
    """How far it is, on stderr, at most every second."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def tell(self, done: int, total: int) -> None:
        if time.monotonic() - self.last < 1 or not total:
            return
        self.last = time.monotonic()
        print(f"{done / total:4.0%} of {total:,} records", file=sys.stderr, flush=True)
