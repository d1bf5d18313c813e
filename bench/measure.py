"""Interleaved rounds, medians, percentiles."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.client import Ask, Failed
from bench.server import Server, cpu_of, tree


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of the web processes, of the database server, and time on the clock: milliseconds per request (medians)."""

    cpu: float
    database: float
    wall: float
    p95: float


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def interleaved(
    server: Server, asks: dict[str, Sequence[Ask]], *, rounds: int = 5, each: int = 40, database: int = 0
) -> dict[str, Cost]:
    """What every kind of request costs: one client on one connection, the kinds taking turns."""
    wire = server.wire()
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in asks}
    times: dict[str, list[float]] = {name: [] for name in asks}
    for kinds in asks.values():
        for number in range(12):
            wire.timed(kinds[number % len(kinds)])
    for number in range(rounds):
        for name, kinds in asks.items():
            used, stored, began = server.cpu(), backends(database), time.perf_counter()
            for step in range(each):
                times[name].append(wire.timed(kinds[(number * each + step) % len(kinds)]))
            wall = time.perf_counter() - began
            found[name].append(((server.cpu() - used) / each, (backends(database) - stored) / each, wall / each))
    wire.close()
    return {
        name: Cost(
            *(1000 * statistics.median(row[at] for row in rows) for at in range(3)),
            1000 * percentile(times[name], 0.95),
        )
        for name, rows in found.items()
    }


def backends(watcher: int) -> float:
    """CPU seconds of a database server, all its processes; none for an embedded database."""
    total = 0.0
    for pid in tree(watcher) if watcher else ():
        try:
            total += cpu_of(pid)
        except OSError:
            continue
    return total


def crowd(
    server: Server, clients: int, seconds: float, script: Callable[[int], Sequence[Ask]]
) -> tuple[list[tuple[str, float]], list[str]]:
    """Several people clicking without pause: (name, seconds) of every answer, and what went wrong."""
    done: list[tuple[str, float]] = []
    wrong: list[str] = []
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        asks, at = script(number), 0
        wire = server.wire()
        while time.perf_counter() < until:
            ask = asks[at % len(asks)]
            at += 1
            try:
                done.append((ask.name, wire.timed(ask)))
            except (Failed, OSError) as error:
                wrong.append(str(error))
                wire = server.wire()
        wire.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, wrong
