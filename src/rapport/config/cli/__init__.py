"""The command ``rapport``. stdout carries only the result; everything else goes to stderr."""

import argparse
import importlib
import keyword
import os
import sys
from collections.abc import Sequence

import django

from rapport import __version__
from rapport.config.errors import UpgradeFailed
from rapport.platform import turns

COMMANDS = {
    "serve": "start Rapport: web and background jobs",
    "organisation": "show or set name, base currency, country and time zone",
    "user": "add users, reset a lost second factor",
    "role": "list, show, add and remove permission roles, say what they may do, give and take them",
    "queue": "list, add, close and open queues, say who takes from them",
    "token": "add, list and revoke API tokens",
    "import": "bring records in from CSV or XLSX",
    "export": "write records to CSV, XLSX or NDJSON",
    "mcp": "let an assistant search, read and write for the user of a token (Model Context Protocol)",
    "duplicates": "find records that may be one and the same",
    "demo": "put demonstration data in, or take it out",
    "backup": "write the whole organisation into one file, also while serving",
    "restore": "put a backup in the place of what is there",
    "check": "say what is not well; exit 1 with the reasons",
}
# They write for long, and nobody waits for each thing that they write.
LONG = ("import", "duplicates", "demo")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Carry out one command; returns its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    name = next((word for word in arguments if word in COMMANDS), None)
    if name and name != "serve":
        django.setup()
    parser = argparse.ArgumentParser(prog="rapport", description="Rapport, the relationship management system")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    module = None
    for each, meaning in COMMANDS.items():
        sub = commands.add_parser(each, help=meaning, description=meaning)
        if each == name:
            module = importlib.import_module(f"rapport.config.cli.{each}{'_' * keyword.iskeyword(each)}")
            module.add_arguments(sub)
    options = parser.parse_args(arguments)
    if module is None:
        return 2
    if name in LONG:
        turns.give_way()
    try:
        return int(module.run(options))
    except UpgradeFailed as problem:
        print(problem, file=sys.stderr)
        return 1
