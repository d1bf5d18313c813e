"""``rapport restore FILE``: a backup in the place of what is there; the last line on stdout is the summary as JSON."""

import argparse
import sys
import time
from pathlib import Path

from rapport.config.backup import Unfit, restore
from rapport.config.cli.backup import say, summary
from rapport.platform import db


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what rapport backup has written")


def run(options: argparse.Namespace) -> int:
    """Put it back; returns the exit code."""
    began = time.perf_counter()
    try:
        manifest = restore(options.file, say)
    except (Unfit, OSError, db.DatabaseError) as problem:
        print(f"Nothing has been replaced. {problem}", file=sys.stderr)
        return 2
    print(summary(options.file, manifest, began))
    return 0
