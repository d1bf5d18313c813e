"""``rapport token add NAME --user EMAIL [--scope read|write|admin]``: prints the token once."""

import argparse
import sys

from rapport.config.prepare import prepare
from rapport.platform.identity import access, accounts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add = parser.add_subparsers(dest="what", required=True).add_parser("add", help="add a token")
    add.add_argument("name")
    add.add_argument("--user", required=True, metavar="EMAIL")
    add.add_argument("--scope", choices=["read", "write", "admin"], default="write")


def run(options: argparse.Namespace) -> int:
    """Make a token; prints it."""
    prepare()
    user = accounts.by_email(options.user)
    if user is None or not user.is_active:
        print(f"There is no active user {options.user}.", file=sys.stderr)
        return 2
    print(access.make_token(user, options.name, options.scope))
    return 0
