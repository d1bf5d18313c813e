"""Live screens: how soon a change is on another open screen, and what open screens cost."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

from bench.measure import percentile
from bench.registry import Bench, Result, row

IDLE, CHANGES, QUIET = 500, 40, 5.0
WHO = ("admin", "heavy", "manager", "light")


class Screen:
    """An open page: its stream, as a browser holds it."""

    def __init__(self, bench: Bench, who: str) -> None:
        known, port = bench.people, bench.server.port
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        lines = (
            f"GET /live?topics={known['topics'][who]} HTTP/1.1", f"Host: 127.0.0.1:{port}",
            f"Cookie: rapport_session={known['sessions'][who]}", "", "",
        )  # fmt: skip
        self._socket.sendall("\r\n".join(lines).encode())
        self._held = b""
        self.hear(b"event: beat")

    def hear(self, mark: bytes) -> None:
        """Wait until this has been said."""
        while mark not in self._held:
            self._held = self._held[-200:] + self._socket.recv(65536)

    def close(self) -> None:
        """Leave the page."""
        self._socket.close()


@row("live")
def live(bench: Bench) -> Iterator[Result]:
    """An event to another open screen, with 500 idle screens beside it."""
    before = bench.costs({})["yardstick"]
    memory = bench.server.memory()
    with ExitStack() as stack:
        for number in range(IDLE):
            stack.callback(Screen(bench, WHO[number % len(WHO)]).close)
        time.sleep(1)
        used, began = bench.server.cpu(), time.perf_counter()
        time.sleep(QUIET)
        idle = (bench.server.cpu() - used) / (time.perf_counter() - began)
        grown = bench.server.memory() - memory
        during = bench.costs({})["yardstick"]
        heard, shown = _changes(bench)
    p95 = 1000 * percentile(heard, 0.95)
    yield Result(
        "live", f"event to another open screen, {IDLE} idle beside it", f"p95 {p95:.0f} ms", "", None, "≤ 1 s",
        p95 <= 1000, f"median {1000 * percentile(heard, 0.5):.0f} ms; the card read anew: p95 "
        f"{1000 * percentile(shown, 0.95):.0f} ms", {"p95": p95},
    )  # fmt: skip
    yield Result(
        "live", f"{IDLE} idle screens", f"{100 * idle:.1f} % of a core", "", None, "", None,
        f"{1000 * grown / IDLE:.0f} kB each; a small request {before.wall:.2f} ms before, {during.wall:.2f} ms beside",
        {"cpu": idle, "memory": grown},
    )  # fmt: skip


def _changes(bench: Bench) -> tuple[list[float], list[float]]:
    """Seconds from sending a change until another screen has heard of it, and until it has the new card."""
    writer, reader, screen = bench.server.wire(), bench.server.wire(), Screen(bench, "admin")
    heard, shown = [], []
    for number in range(CHANGES):
        key = bench.people["parties"][number % 100]
        body = json.dumps({"description": f"Changed for the {number}th time at {time.time()}"}).encode()
        began = time.perf_counter()
        writer.must(bench.api("admin", f"parties/{key}", method="PATCH", body=body))
        screen.hear(f'"id":"{key}"'.encode())
        heard.append(time.perf_counter() - began)
        reader.must(bench.page("admin", f"/parties/{key}", fragment=True))
        shown.append(time.perf_counter() - began)
        time.sleep(0.037 * (number % 7))
    for each in (writer, reader, screen):
        each.close()
    return heard, shown
