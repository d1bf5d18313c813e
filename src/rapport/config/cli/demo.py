"""``rapport demo [--size small|large] [--remove]``: demonstration data in, and out again without a trace."""

import argparse
import sys
import time

import orjson

from rapport.config.demo import book, loading, removal
from rapport.config.demo.selling import CURRENCY
from rapport.config.prepare import prepare
from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.platform.identity.organisation import organisation

DONE, SOME_FAILED = 0, 3
SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--size", choices=("small", "large"), default="small", help="large: 20,000 parties and deals")
    parser.add_argument("--remove", action="store_true", help="take the demonstration out again")


def run(options: argparse.Namespace) -> int:
    """Load or remove; the last line on stdout is the summary as JSON."""
    prepare()
    snapshot.current()
    with as_system("rapport demo", source="demo"):
        return _remove() if options.remove else _load(options.size)


def _load(size: str) -> int:
    held = book.held()
    if any(run.status == "done" for run in held):
        _say("The demonstration is here already; “rapport demo --remove” takes it out.")
        _answer({"run": held[0].id, "size": held[0].options.get("demo"), "already": True, "records": 0})
        return DONE
    if held:
        _say("An earlier loading was broken off; what it left is taken out first.")
        removal.remove(held)
    if book.own_data():
        _say("There is other data here. The demonstration is put beside it, marked, and can be taken out by itself.")
    own = organisation()
    if own.to_base(1, CURRENCY) is None:
        _say(f"Deals are in {CURRENCY}; without a rate to {own.base_currency}, sums in that miss them.")
    found = loading.load(size, _say)
    _say("Loaded. “rapport serve” shows it; “rapport demo --remove” takes it out.")
    _answer(found)
    return DONE


def _remove() -> int:
    began = time.perf_counter()
    held = book.held()
    if not held:
        _say("There is no demonstration data here.")
    found = removal.remove(held)
    for reason, keys in found.kept.items():
        if keys:
            _say(f"{len(keys)} stay: {removal.REASONS[reason]}.")
            for title in removal.titles(keys[:SHOWN]) if reason in ("changed", "parties") else ():
                _say(f"  {title}")
    for key, reason in found.failed[:SHOWN]:
        _say(f"{key}: {reason}")
    _answer({**found.counts(), "seconds": round(time.perf_counter() - began, 1)})
    return SOME_FAILED if found.failed else DONE


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _answer(found: dict[str, object]) -> None:
    print(orjson.dumps(found).decode(), flush=True)
