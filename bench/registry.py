"""What is measured: rows by name, each a function that gives results; and what they share."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench import place as places
from bench.client import Ask
from bench.measure import Cost, interleaved
from bench.place import Place
from bench.server import Server, serve


@dataclass(slots=True)
class Result:
    """A line of the table. ``ok`` is None where no goal is set."""

    row: str
    what: str
    figure: str
    floor: str
    ratio: float | None
    goal: str
    ok: bool | None
    note: str = ""
    numbers: dict[str, float] = field(default_factory=dict)


class Bench:
    """One installation under measurement; the server starts when first needed."""

    def __init__(self, place: Place, stack: ExitStack, rounds: int = 5) -> None:
        self.place, self.rounds, self._stack = place, rounds, stack

    @cached_property
    def server(self) -> Server:
        """The product's server with two workers."""
        self.people  # noqa: B018 - sessions are opened before the server holds the database
        return self._stack.enter_context(serve(self.place))

    @cached_property
    def people(self) -> dict[str, Any]:
        """Sessions, tokens, ids."""
        made = places.python(["-m", "bench.visitors"], self.place.environment)
        found: dict[str, Any] = json.loads(made.stdout)
        return found

    def api(self, who: str, path: str, **more: Any) -> Ask:
        """A request of a program that holds the token of ``who``."""
        headers = (("Authorization", f"Bearer {self.people['tokens'][who]}"), ("Content-Type", "application/json"))
        return Ask(f"/api/v1/{path}", headers=headers, **more)

    def page(self, who: str, path: str, *, fragment: bool = False, name: str = "") -> Ask:
        """A request of the browser of ``who``."""
        headers: tuple[tuple[str, str], ...] = (("Cookie", f"rapport_session={self.people['sessions'][who]}"),)
        if fragment:
            headers += (("HX-Request", "true"),)
        return Ask(path, headers=headers, name=name)

    @cached_property
    def yardstick(self) -> Sequence[Ask]:
        """Hello with one indexed SELECT, through the same server and middleware."""
        return [Ask(f"/bench/hello/{key}") for key in self.people["parties"][:50]]

    def costs(self, asks: dict[str, Sequence[Ask]], *, each: int = 40) -> dict[str, Cost]:
        """The costs of requests beside the yardstick, in turns."""
        asked = {"yardstick": self.yardstick, **asks}
        return interleaved(self.server, asked, rounds=self.rounds, each=each, database=self.place.database_pid)


Work = Callable[[Bench], Iterator[Result]]
ROWS: dict[str, Work] = {}


def row(name: str) -> Callable[[Work], Work]:
    """Register what measures under ``name``."""

    def keep(work: Work) -> Work:
        ROWS[name] = work
        return work

    return keep


def against_yardstick(name: str, what: str, cost: Cost, yard: Cost, most: float, p95: float = 0) -> Result:
    """CPU of a request as a multiple of the yardstick's; ``p95``: at most so many milliseconds on the clock."""
    ratio = cost.cpu / yard.cpu
    ok = ratio <= most and (not p95 or cost.p95 <= p95)
    goal = f"≤ {most:g}x" + (f", p95 ≤ {p95:g} ms" if p95 else "")
    note = f"{cost.wall:.1f} ms, p95 {cost.p95:.1f}" + (
        f", database {cost.database:.2f} ms CPU" if cost.database else ""
    )
    numbers = {"cpu": cost.cpu, "wall": cost.wall, "p95": cost.p95, "database": cost.database, "yardstick": yard.cpu}
    return Result(name, what, f"{cost.cpu:.2f} ms CPU", f"{yard.cpu:.2f} ms", ratio, goal, ok, note, numbers)
