"""``rapport queue``: the places where records wait, and who takes from them."""

import argparse
import sys
from typing import Any

import orjson

from rapport.config.prepare import prepare
from rapport.platform.actor import as_system
from rapport.platform.identity import accounts
from rapport.records.errors import NotFound, Problem
from rapport.records.queues import keeping, waiting

COUNTED = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``rapport queue``."""
    deeds = parser.add_subparsers(dest="what", required=True)
    deeds.add_parser("list", help="every queue, its members and what waits there (to 100 of a kind), one line each")
    add = deeds.add_parser("add", help="a new queue")
    add.add_argument("name")
    join = deeds.add_parser("join", help="make somebody a member of a queue")
    leave = deeds.add_parser("leave", help="make somebody a member no more")
    close = deeds.add_parser("close", help="close a queue in which nothing waits")
    reopen = deeds.add_parser("open", help="open it again")
    for each in (join, leave, close, reopen):
        each.add_argument("queue", help="its name or its id")
    for each in (join, leave):
        each.add_argument("email")


def run(options: argparse.Namespace) -> int:
    """Carry it out; prints the result as JSON."""
    prepare()
    deed = {"list": _list, "add": _add, "join": _member, "leave": _member, "close": _switch, "open": _switch}
    try:
        with as_system(f"rapport queue {options.what}", source="cli"):
            told = deed[options.what](options)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 2
    for line in told:
        print(orjson.dumps(line).decode())
    return 0


def _told(queue: dict[str, Any]) -> dict[str, Any]:
    members = [member["email"] or member["title"] for member in keeping.members(queue["id"]).values()]
    waits = {sort.label: count for sort, count in waiting.counts([queue["id"]], most=COUNTED).get(queue["id"], ())}
    return {"id": queue["id"], "name": queue["name"], "closed": queue["closed"], "members": members, "waits": waits}


def _list(_options: argparse.Namespace) -> list[dict[str, Any]]:
    return [_told(queue) for queue in keeping.listed()]


def _add(options: argparse.Namespace) -> list[dict[str, Any]]:
    return [_told(keeping.one(keeping.add(options.name).id))]


def _member(options: argparse.Namespace) -> list[dict[str, Any]]:
    queue, user = keeping.called(options.queue), accounts.by_email(options.email)
    if user is None:
        raise NotFound(f"There is no user {options.email}.")
    (keeping.join if options.what == "join" else keeping.leave)(queue["id"], user.id)
    return [_told(keeping.one(queue["id"]))]


def _switch(options: argparse.Namespace) -> list[dict[str, Any]]:
    queue = keeping.called(options.queue)
    (keeping.close if options.what == "close" else keeping.reopen)(queue["id"])
    return [_told(keeping.one(queue["id"]))]
