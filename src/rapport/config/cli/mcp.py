"""``rapport mcp``: speak the Model Context Protocol on stdin and stdout, as the user of a token."""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import orjson

from rapport.config.prepare import prepare
from rapport.platform import db
from rapport.platform.identity import access, seen
from rapport.platform.web.middleware import on_behalf_of
from rapport.records import tallies
from rapport.records.api import limits
from rapport.records.assistants import protocol
from rapport.records.assistants.door import SOURCE

TOKEN = "RAPPORT_TOKEN"
LONGEST = 16 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--token-stdin", action="store_true", help=f"the token is the first line of stdin; else it is {TOKEN}"
    )


def run(options: argparse.Namespace) -> int:
    """Answer message by message until stdin ends."""
    read, write = sys.stdin.buffer, sys.stdout.buffer
    secret = read.readline().decode().strip() if options.token_stdin else os.environ.get(TOKEN, "")
    prepare()
    if access.by_token(secret) is None:
        print(
            f"This is no token of an active user. Make one with “rapport token add”; put it into {TOKEN}.",
            file=sys.stderr,
        )
        return 2
    for line in _lines(read):
        reply = _answer(secret, line)
        if reply.body is not None:
            write.write(orjson.dumps(reply.body) + b"\n")
            write.flush()
    tallies.write()
    return 0


def _lines(read: BinaryIO) -> Iterator[bytes]:
    """One message a line; what is longer than a request may be is cut, and so refused."""
    while line := read.readline(LONGEST):
        if line.strip():
            yield line


def _answer(secret: str, line: bytes) -> protocol.Reply:
    """The token is looked at anew each time: revoked is revoked, and rights are those of this moment."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return protocol.unreadable()
    entry = access.by_token(secret)
    if entry is None:
        return protocol.unreadable("request", "The token is not valid any more.")
    if entry.stale:
        seen.note(entry.actor.source, entry.number)
        seen.write()
        tallies.write()
    if not limits.passes(str(entry.actor.id), secret)[0]:
        return protocol.unreadable("request", "Too many requests; go on in a minute.")
    try:
        with on_behalf_of(replace(entry.actor, source=SOURCE)):
            return protocol.answer(message)
    finally:
        db.close()  # an assistant may be silent for days
