"""``rapport export``: records into a file; the last line on stdout is the summary as JSON."""

import argparse
import getpass
import socket
import sys
import time
from pathlib import Path

import orjson

from rapport.config.prepare import prepare
from rapport.platform.actor import as_system
from rapport.records.errors import Problem
from rapport.records.transfer.entities import entity_named
from rapport.records.transfer.export.files import export
from rapport.records.transfer.export.trace import Taking
from rapport.records.transfer.vcards.spelling import VERSIONS
from rapport.shell.lists import saved


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("entity", metavar="ENTITY", help="parties, deals, users …")
    parser.add_argument("file", metavar="FILE", help="its ending says the format: .csv, .xlsx, .ndjson, .vcf")
    parser.add_argument("--view", metavar="NAME", help="only what this list shows, with its columns; a saved view too")
    parser.add_argument("--fields", nargs="+", metavar="FIELD", default=[], help="these only; id comes first")
    parser.add_argument("--vcard", choices=VERSIONS, default=VERSIONS[0], help="the version of a .vcf file")


def run(options: argparse.Namespace) -> int:
    """Write the file; returns the exit code."""
    names = [name for given in options.fields for name in given.split(",") if name]
    began = time.perf_counter()
    try:
        prepare()
        with as_system("rapport export", source="export"):
            entity = entity_named(options.entity)
            view = saved.named(entity, options.view) if options.view else None
            if view and not names and not options.file.lower().endswith(".vcf"):
                names = [column.partition(":")[0] for column in view.columns.split(",") if column]
            taking = Taking(Path(options.file).suffix[1:].lower(), _login(), view=options.view or "")
            tree = saved.tree_of(view) if view else None
            count = export(entity, options.file, names, filter=tree, taking=taking, version=options.vcard)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 2
    found = {"exported": count, "file": options.file, "seconds": round(time.perf_counter() - began, 3)}
    print(orjson.dumps(found).decode())
    return 0


def _login() -> str:
    """Who sits at the command line, as far as the machine knows: the audit names no user of ours there."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a number without a name
        return socket.gethostname()
