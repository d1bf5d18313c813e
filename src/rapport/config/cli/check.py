"""``rapport check [--deep]``: says what is not well."""

import argparse
import sys

from rapport.config import readiness, soundness, upgrade
from rapport.config.prepare import prepare
from rapport.platform import db


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--deep", action="store_true", help="verify events, history, search, timeline and totals")


def run(options: argparse.Namespace) -> int:
    """0 when all is well, else 1 with the reasons."""
    prepare()
    found = readiness.problems()
    if not readiness.built():
        found.append("the front end is not built: run make setup")
    if newer := upgrade.foreign():
        found.append(f"a newer version has been here ({', '.join(newer)}): install that one, or restore a backup")
    if options.deep:
        db.be_thorough()
        found += map(str, soundness.deep(_say))
    for problem in found:
        print(problem, file=sys.stderr)
    for warning in readiness.warnings():
        print(f"soon: {warning}", file=sys.stderr)
    print("not well" if found else "all is well")
    return 1 if found else 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
