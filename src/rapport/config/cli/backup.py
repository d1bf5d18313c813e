"""``rapport backup FILE``: the whole organisation in one file; the last line on stdout is the summary as JSON."""

import argparse
import sys
import time
from pathlib import Path

import orjson

from rapport.config.backup import Unfit, make
from rapport.config.backup.manifest import Manifest
from rapport.config.prepare import is_empty, prepare
from rapport.platform import db


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; replaced when it is there and all went well")


def run(options: argparse.Namespace) -> int:
    """Write the file; returns the exit code."""
    began = time.perf_counter()
    try:
        if is_empty():
            prepare()  # else as it is: also before an upgrade
        manifest = make(options.file, say)
    except (Unfit, OSError, db.DatabaseError) as problem:
        print(f"There is no backup. {problem}", file=sys.stderr)
        return 2
    print(summary(options.file, manifest, began))
    return 0


def say(words: str) -> None:
    """Progress, for people."""
    print(words, file=sys.stderr, flush=True)


def summary(file: Path, manifest: Manifest, began: float) -> str:
    """The last line, for programs."""
    seconds = round(time.perf_counter() - began, 3)
    found = {"file": str(file), "bytes": file.stat().st_size, "rows": manifest.rows, "seconds": seconds}
    return orjson.dumps(found).decode()
