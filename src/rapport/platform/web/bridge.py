"""From the server's event loop to Django and back: a bounded pool of threads that answer as WSGI.

The loop reads the request's body and waits; a thread of the pool works out the answer and sends it itself, so that
an answer costs one hop and no second turn of the loop. What the pool cannot take is shed at once with 503.
"""

import asyncio
import contextlib
import io
import logging
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as SlowReader
from itertools import chain
from typing import Any

from rapport.platform import db

log = logging.getLogger("rapport.web")
Headers = list[tuple[str, str]]
IN_MEMORY = 1024 * 1024
LARGEST_BODY = 1024 * 1024 * 1024
BLOCK = 64 * 1024
SHORT = 256 * 1024
PATIENCE = 60
PLAIN = ("content-type", "text/plain; charset=utf-8")


Handler = Callable[[dict[str, Any], Any], Any]


class File(io.IOBase):
    """A file that is sent in large blocks (``wsgi.file_wrapper``)."""

    streaming = True

    def __init__(self, file: Any, _size: int) -> None:
        self._file = file

    def __iter__(self) -> Any:
        return iter(lambda: self._file.read(BLOCK), b"")

    def close(self) -> None:
        """Close the file, and with it Django's answer."""
        self._file.close()


class Pool:
    """``threads`` answer at a time, ``waiting`` more may wait, ``streams`` long answers go on beside them."""

    def __init__(self, handler: Handler, *, threads: int = 4, waiting: int = 96, streams: int = 16) -> None:
        self._handler, self._most, self._streams = handler, threads + waiting, threading.Semaphore(streams)
        self._work: queue.SimpleQueue[tuple[Any, Any, Any, asyncio.Future[None]]] = queue.SimpleQueue()
        self._busy = 0
        self._threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads; answers are told to ``loop``."""
        self._loop = loop
        for _number in range(self._threads):
            self._hire()

    def _hire(self) -> None:
        threading.Thread(target=self._serve, name="web", daemon=True).start()

    async def answer(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        assert self._loop is not None
        headers = scope.headers
        body: Any = io.BytesIO()
        if "content-length" in headers or "transfer-encoding" in headers:
            body = await _body(headers, protocol)
            if body is None:
                return protocol.response_str(413, [PLAIN], f"At most {LARGEST_BODY >> 20} MB at once.\n")
        if self._busy >= self._most:
            return protocol.response_str(503, [PLAIN, ("retry-after", "1")], "Too much at once. Try again.\n")
        self._busy += 1
        done = self._loop.create_future()
        self._work.put((scope, protocol, body, done))
        try:
            await done
        finally:
            self._busy -= 1

    def _serve(self) -> None:
        """A thread's life: answer after answer; after a long stream another has taken its place."""
        assert self._loop is not None
        lent = False
        while not lent:
            scope, protocol, body, done = self._work.get()
            try:
                lent = self._one(scope, protocol, body)
            except Exception:
                log.exception("%s %s was not answered", scope.method, scope.path)
            finally:
                self._end(done)
                del scope, protocol, body, done
        db.close()

    def _end(self, done: "asyncio.Future[None]") -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the process has stopped meanwhile
            self._loop.call_soon_threadsafe(_finish, done)

    def _one(self, scope: Any, protocol: Any, body: Any) -> bool:
        status, headers = 500, [PLAIN]

        def start(line: str, given: Headers, _problem: object = None) -> None:
            nonlocal status, headers
            status, headers = int(line[:3]), given

        try:
            answer = self._handler(environment(scope, body), start)
        except Exception:
            protocol.response_str(500, [PLAIN], "That did not work.\n")
            raise
        try:
            if not answer.streaming:
                protocol.response_bytes(status, headers, b"".join(answer))
                return False
            return self._stream(protocol, status, headers, answer)
        finally:
            answer.close()
            body.close()

    def _stream(self, protocol: Any, status: int, headers: Headers, answer: Iterable[bytes]) -> bool:
        """Send what comes in parts; True when this thread was lent to a long stream and another took its place."""
        parts, held, size = iter(answer), [], 0
        for part in parts:
            held.append(part)
            size += len(part)
            if size > SHORT:
                break
        else:
            protocol.response_bytes(status, headers, b"".join(held))
            return False
        if not self._streams.acquire(blocking=False):
            protocol.response_str(503, [PLAIN, ("retry-after", "5")], "Too many downloads at once. Try again.\n")
            return False
        self._hire()
        try:
            transport = protocol.response_stream(status, headers)
            for part in chain((b"".join(held),), parts):
                self._send(transport, part)
        except (RuntimeError, SlowReader):
            log.info("a download was broken off")
        finally:
            self._streams.release()
        return True

    def _send(self, transport: Any, part: bytes) -> None:
        """One part; waits until the reader has taken what came before, though not for ever."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(_sent(transport, part), self._loop).result(PATIENCE)


async def _sent(transport: Any, part: bytes) -> None:
    await transport.send_bytes(part)


def _finish(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


async def _body(headers: Any, protocol: Any) -> Any:
    """The request's body as a file, a large one on disk; None when it is too large."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) <= BLOCK:
        return io.BytesIO(await protocol())
    body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed with the answer
    size = 0
    async for part in protocol:
        size += len(part)
        if size > LARGEST_BODY:
            body.close()
            return None
        body.write(part)
    body.seek(0)
    return body


_FIXED: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": File,
}


def environment(scope: Any, body: Any) -> dict[str, Any]:
    """A request of the server as WSGI describes it."""
    name, _colon, port = scope.server.rpartition(":")
    found = {
        **_FIXED,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    for name, value in scope.headers.items():
        # A dash and an underscore would become the same name: such headers are no header of ours.
        if "_" in name:
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        if key in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            key = key[5:]
        if key in found:
            value = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        found[key] = value
    if scope.authority and "HTTP_HOST" not in found:
        found["HTTP_HOST"] = scope.authority
    if "CONTENT_LENGTH" not in found and "HTTP_TRANSFER_ENCODING" in found:
        found["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
        body.seek(0)
    return found
