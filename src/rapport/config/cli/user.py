"""``rapport user add EMAIL --role ROLE [--name NAME] [--team TEAM] --password-stdin``; ``user reset-factor EMAIL``."""

import argparse
import sys

from rapport.config.prepare import prepare
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import accounts, factors, sessions, sign_ins
from rapport.platform.identity.sign_ins import NOBODY
from rapport.records import registry, write
from rapport.records.errors import Problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    deeds = parser.add_subparsers(dest="what", required=True)
    reset = deeds.add_parser("reset-factor", help="take a lost second factor away and end the user's sessions")
    reset.add_argument("email")
    add = deeds.add_parser("add", help="add a user")
    add.add_argument("email")
    add.add_argument("--role", required=True, help="admin, manager, sales, service, readonly or one of your own")
    add.add_argument("--name", default="")
    add.add_argument("--team", default=None, help="name of the team")
    add.add_argument(
        "--password-stdin", action="store_true", required=True, help="read the password from standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Add a user, or reset his second factor; prints the id."""
    prepare()
    return _reset(options) if options.what == "reset-factor" else _add(options)


def _reset(options: argparse.Namespace) -> int:
    user = accounts.by_email(options.email)
    if user is None or not factors.switch_off(user.id):
        print(f"There is no user {options.email} with a second factor.", file=sys.stderr)
        return 2
    sessions.end_all(user.id)
    sign_ins.record("second_factor_reset", user.id, NOBODY)
    print(user.id)
    return 0


def _add(options: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\r\n")
    problem = accounts.password_problem(password, options.email)
    if problem:
        print(f"The password will not do. {problem}", file=sys.stderr)
        return 2
    values = {
        "email": options.email,
        "name": options.name or options.email.split("@")[0],
        "team": options.team,
    }
    try:
        with as_system("rapport user add", source="cli"), db.transaction():
            user = write.create(registry.get("user"), values)
            accounts.set_password(user, password)
            accounts.give_role(user, options.role)
    except KeyError as known:
        print(f"There is no role “{options.role}”. Known: {known.args[0]}.", file=sys.stderr)
        return 2
    except Problem as found:
        print(found.detail, file=sys.stderr)
        return 2
    print(user.id)
    return 0
