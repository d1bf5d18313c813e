"""``rapport check [--deep]``: says what is not well."""

import argparse
import sys

from rapport.config import readiness
from rapport.config.prepare import prepare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--deep", action="store_true", help="verify events, history, search, timeline and totals")


def run(options: argparse.Namespace) -> int:
    """0 when all is well, else 1 with the reasons."""
    prepare()
    found = readiness.problems()
    if not readiness.built():
        found.append("the front end is not built: run make setup")
    if options.deep and not found:
        found = readiness.deep()
    for problem in found:
        print(problem, file=sys.stderr)
    print("not well" if found else "all is well")
    return 1 if found else 0
