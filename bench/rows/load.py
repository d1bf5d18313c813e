"""Sixteen people clicking without pause."""

import json
from collections import defaultdict
from collections.abc import Iterator

from bench.client import Ask
from bench.measure import crowd, percentile
from bench.registry import Bench, Result, row
from bench.rows.api import listing
from bench.rows.search import typing

SECONDS = 12


def clicks(bench: Bench, number: int) -> list[Ask]:
    """What one person does, over and over."""
    who = ("admin", "heavy", "heavy", "manager", "light")[number % 5]
    known = bench.people
    card = known["cards"].get(who, known["famous"])
    asks = [
        bench.page(who, "/parties?view=organisations", name="list"),
        bench.page(who, "/parties?view=people&sort=-last_contact_at", name="list"),
        bench.page(who, f"/parties/{card}", name="card"),
        bench.page(who, f"/parties/{card}/timeline?channel=email", fragment=True, name="timeline"),
        bench.page(who, "/deals", name="board"),
        bench.page(who, "/deals?view=table", name="table"),
        _named(listing(bench, "deals", who), "api"),
        _named(listing(bench, "parties", who), "api"),
    ]
    typed = typing(bench, who, (("müller", "anna", "steiner", "energy")[number % 4],))
    note = {"party": card, "channel": "call", "subject": f"Call of {number}", "direction": "out", "duration_s": 120}
    asks += [_named(ask, "search") for ask in typed]
    asks.append(bench.api(who, "interactions", method="POST", body=json.dumps(note).encode(), name="write"))
    return asks[number % len(asks) :] + asks[: number % len(asks)]


def _named(ask: Ask, name: str) -> Ask:
    return Ask(ask.path, ask.method, ask.body, ask.headers, name)


@row("mix")
def mix(bench: Bench) -> Iterator[Result]:
    """p95 over the mix, and no errors."""
    scripts = [clicks(bench, number) for number in range(16)]
    crowd(bench.server, 4, 2, lambda number: scripts[number])
    done, wrong = crowd(bench.server, 16, SECONDS, lambda number: scripts[number])
    by_name = defaultdict(list)
    for name, seconds in done:
        by_name[name].append(1000 * seconds)
    p95 = percentile([1000 * seconds for _name, seconds in done], 0.95)
    note = " ".join(f"{name} {percentile(found, 0.95):.0f}" for name, found in sorted(by_name.items()))
    yield Result(
        "mix",
        "16 people clicking",
        f"p95 {p95:.0f} ms, {len(wrong)} errors",
        "",
        None,
        "≤ 250 ms, 0 errors",
        p95 <= 250 and not wrong,
        f"{len(done) / SECONDS:.0f}/s; p95 by kind: {note} {wrong[:1] or ''}",
    )
