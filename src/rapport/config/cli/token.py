"""``rapport token add NAME --user EMAIL [--scope …] [--expires DAYS]``, ``token list``, ``token revoke NUMBER``."""

import argparse
import sys

import orjson

from rapport.config.prepare import prepare
from rapport.platform.clock import wire
from rapport.platform.identity import access, accounts, sign_ins, tokens
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_ins import NOBODY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    deeds = parser.add_subparsers(dest="what", required=True)
    add = deeds.add_parser("add", help="add a token; prints it once")
    add.add_argument("name")
    add.add_argument("--scope", choices=tokens.SCOPES, default="write")
    add.add_argument("--expires", type=_days, default=None, metavar="DAYS", help="days until it ends; else never")
    listed = deeds.add_parser("list", help="tokens of a user, one line of JSON each")
    revoke = deeds.add_parser("revoke", help="a token is worth nothing from now on")
    revoke.add_argument("number", type=int, help="as told by token list")
    for each in (add, listed, revoke):
        each.add_argument("--user", required=True, metavar="EMAIL")


def _days(text: str) -> int:
    days = int(text)
    if not 0 < days <= 3650:
        raise argparse.ArgumentTypeError("between 1 and 3650 days")
    return days


def run(options: argparse.Namespace) -> int:
    """Make, list or revoke tokens; prints the result."""
    prepare()
    user = accounts.by_email(options.user)
    if user is None or not user.is_active:
        print(f"There is no active user {options.user}.", file=sys.stderr)
        return 2
    return {"add": _add, "list": _list, "revoke": _revoke}[options.what](user, options)


def _add(user: User, options: argparse.Namespace) -> int:
    print(access.make_token(user, options.name, options.scope, tokens.expires_in(options.expires)))
    sign_ins.record("token_made", user.id, NOBODY, about=options.name)
    return 0


def _list(user: User, _options: argparse.Namespace) -> int:
    for token in tokens.of(user.id):
        told = {
            "number": token.id, "name": token.name, "scope": token.scope, "made": wire(token.created_at),
            "expires": wire(token.expires_at), "seen": wire(token.seen_at),
        }  # fmt: skip
        print(orjson.dumps(told).decode())
    return 0


def _revoke(user: User, options: argparse.Namespace) -> int:
    gone = tokens.revoke(user.id, options.number)
    if gone is None:
        print(f"{options.user} has no token {options.number}.", file=sys.stderr)
        return 2
    sign_ins.record("token_revoked", user.id, NOBODY, about=gone.name)
    print(orjson.dumps({"revoked": gone.id, "name": gone.name}).decode())
    return 0
