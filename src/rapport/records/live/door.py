"""``GET /live?topics=…``: server-sent events, answered on the event loop of the web process."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from rapport.platform.web.middleware import HEADERS, SESSION_COOKIE
from rapport.records.live import topics
from rapport.records.live.connection import Connection
from rapport.records.live.reader import Reader

PATH = "/live"
MOST = 2000
FIXED = [(name.lower(), value) for name, value in HEADERS.items() if name != "Cache-Control"]
STREAM = [*FIXED, ("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
PLAIN = [*FIXED, ("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]
WORDS = {400: "Bad request", 403: "Sign in again", 405: "Only GET", 503: "Try again"}


class Door:
    """Lets pages in, sends them what the reader finds, and sees them out."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._open = 0
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """The process starts serving."""
        self._loop = loop
        self._reader.begin(loop)

    def end(self) -> None:
        """The process stops: every stream ends, and its page comes back to whoever serves next."""
        self._closing = True
        self._reader.end()

    async def answer(self, scope: Any, protocol: Any) -> None:
        """One open page, from its coming to its going."""
        connection = self._asked(scope)
        status = connection if isinstance(connection, int) else await self._admitted(connection)
        if isinstance(connection, int) or status != 200:
            retry = [("retry-after", "5")] if status == 503 else []
            protocol.response_str(status, [*PLAIN, *retry], WORDS[status])
            return
        self._open += 1
        gone = asyncio.ensure_future(_watch(protocol, connection))
        try:
            transport = protocol.response_stream(200, STREAM)
            while (part := await connection.next()) is not None:
                await transport.send_bytes(part)
        except RuntimeError:
            pass  # the page has gone
        finally:
            self._open -= 1
            gone.cancel()
            self._reader.let_out(connection)

    async def _admitted(self, connection: Connection) -> int:
        self._reader.let_in(connection)
        return await connection.accepted

    def _asked(self, scope: Any) -> Connection | int:
        """What the request asks for, or the status that refuses it."""
        if scope.method != "GET":
            return 405
        headers = scope.headers
        host, _port = split_domain_port(headers.get("host", "") or scope.authority or "")
        if not validate_host(host, settings.ALLOWED_HOSTS):
            return 400
        if self._closing or self._open >= MOST or self._loop is None:
            return 503
        query = parse_qs(scope.query_string)
        try:
            asked = topics.read(query.get("topics", [""])[0])
        except topics.BadTopics:
            return 403
        after = headers.get("last-event-id") or query.get("after", [""])[0]
        secret = parse_cookie(headers.get("cookie", "")).get(SESSION_COOKIE, "")
        return Connection(secret, asked, int(after) if after.isdecimal() else None, self._loop)


async def _watch(protocol: Any, connection: Connection) -> None:
    await protocol.client_disconnect()
    connection.put(None)
