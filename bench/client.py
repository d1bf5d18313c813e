"""A small HTTP client: one kept connection, little work per request."""

import socket
import time
from dataclasses import dataclass


class Failed(RuntimeError):
    """The server did not answer as it should."""


@dataclass(slots=True)
class Answer:
    """Status, headers as sent, body."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: what a person or a program sends."""

    path: str
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    name: str = ""

    def packed(self, host: str) -> bytes:
        """The request as bytes."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Wire:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, ask: Ask) -> Answer:
        """One request, one answer."""
        self._socket.sendall(ask.packed(self.host))
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            return Answer(status, head, self._chunks())
        at = lower.find(b"content-length:")
        size = int(lower[at + 15 : lower.find(b"\r", at)]) if at >= 0 else 0
        return Answer(status, head, self._exactly(size))

    def must(self, ask: Ask, *wanted: int) -> Answer:
        """Send; raises Failed unless the status is one of ``wanted`` (200)."""
        answer = self.send(ask)
        if answer.status not in (wanted or (200,)):
            raise Failed(f"{ask.method} {ask.path}: {answer.status} {answer.body[:300]!r}")
        return answer

    def timed(self, ask: Ask) -> float:
        """Seconds until the whole answer was there; raises Failed."""
        began = time.perf_counter()
        self.must(ask, 200, 201)
        return time.perf_counter() - began

    def _more(self) -> None:
        got = self._socket.recv(262_144)
        if not got:
            raise Failed("the server hung up")
        self._held += got

    def _until(self, mark: bytes) -> bytes:
        while (at := self._held.find(mark)) < 0:
            self._more()
        found, self._held = self._held[: at + len(mark)], self._held[at + len(mark) :]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._held) < size:
            self._more()
        found, self._held = self._held[:size], self._held[size:]
        return found

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n"), 16):
            parts.append(self._exactly(size))
            self._exactly(2)
        self._until(b"\r\n")
        return b"".join(parts)
