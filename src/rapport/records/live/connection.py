"""One open page: what it hears about, who reads it, what waits to be sent."""

import asyncio
from collections import deque
from typing import Any

import orjson

from rapport.platform.actor import Actor
from rapport.records.live.topics import Topics

MOST_WAITING = 200


class Connection:
    """An open stream. What stands above the line belongs to the reader's thread, the rest to the event loop."""

    def __init__(self, secret: str, topics: Topics, after: int | None, loop: asyncio.AbstractEventLoop) -> None:
        self.secret, self.topics, self.after = secret, topics, after
        self.actor: Actor | None = None
        self.entities: frozenset[str] = frozenset()
        self.records: set[tuple[str, str]] = set()
        self.here: dict[tuple[str, str], frozenset[str]] = {}
        self.checked_at = 0.0
        # ---
        self._loop = loop
        self.accepted: asyncio.Future[int] = loop.create_future()
        self._waiting: deque[bytes] = deque()
        self._bell = asyncio.Event()
        self._ended = False

    @property
    def reader(self) -> Actor:
        """Who reads; known once the connection has been let in."""
        assert self.actor is not None
        return self.actor

    def answer(self, status: int) -> None:
        """From the thread: let in (200) or not."""
        self._loop.call_soon_threadsafe(self._settle, status)

    def _settle(self, status: int) -> None:
        if not self.accepted.done():
            self.accepted.set_result(status)

    def put(self, part: bytes | None) -> None:
        """On the loop: send this; None ends the stream, and so does a reader who does not keep up."""
        if part is None or len(self._waiting) >= MOST_WAITING:
            self._ended = True
        else:
            self._waiting.append(part)
        self._bell.set()

    async def next(self) -> bytes | None:
        """All that waits, in one piece; None at the end."""
        while not self._waiting:
            if self._ended:
                return None
            self._bell.clear()
            await self._bell.wait()
        part = b"".join(self._waiting)
        self._waiting.clear()
        return part


def message(event: str, data: Any, position: int) -> bytes:
    """A server-sent event; its id is the position in the stream of facts, from which a reader goes on."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (position, event.encode(), orjson.dumps(data))
