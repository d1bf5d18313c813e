"""The API: lists, one record, creating."""

import json
import statistics
import time
from collections.abc import Iterator
from urllib.parse import quote

from bench import floor
from bench.client import Ask
from bench.registry import Bench, Result, against_yardstick, row

SORTED = {
    "parties": ("name", {"field": "kind", "op": "eq", "value": "person"}),
    "deals": ("close_on", {"field": "status", "op": "eq", "value": "open"}),
    "tasks": ("due_at", {"field": "status", "op": "eq", "value": "open"}),
}


def listing(bench: Bench, plural: str, who: str = "admin", more: str = "") -> Ask:
    """50 rows, filtered and sorted."""
    sort, tree = SORTED[plural]
    return bench.api(who, f"{plural}?filter={quote(json.dumps(tree))}&sort={sort}&limit=50{more}")


@row("api-list")
def lists(bench: Bench) -> Iterator[Result]:
    """API list of 50 with filter and sort, against the yardstick's CPU and raw SQL with JSON."""
    for plural in SORTED:
        asks = {"list": [listing(bench, plural)], "raw": [Ask(f"/bench/raw/{plural}")]}
        asks |= {who: [listing(bench, plural, who)] for who in ("heavy", "light", "manager")}
        found = bench.costs(asks)
        yard, raw = found["yardstick"], found["raw"]
        for who in ("list", "heavy", "light", "manager"):
            name = "administrator" if who == "list" else who
            yield against_yardstick("api-list", f"API {plural}, {name}", found[who], yard, 1.5)
        ratio = raw.wall / found["list"].wall
        yield Result(
            "api-list",
            f"API {plural} / raw SQL + JSON",
            f"{1000 / found['list'].wall:.0f}/s",
            f"{1000 / raw.wall:.0f}/s",
            ratio,
            "≥ 0.5",
            ratio >= 0.5,
        )


@row("api-get")
def get(bench: Bench) -> Iterator[Result]:
    """One record by its id."""
    found = bench.costs(
        {who: [bench.api(who, f"parties/{key}") for key in bench.people["parties"]] for who in ("admin",)}
    )
    yard, cost = found["yardstick"], found["admin"]
    ratio = yard.wall / cost.wall
    yield Result(
        "api-get",
        "API get one",
        f"{1000 / cost.wall:.0f}/s",
        f"{1000 / yard.wall:.0f}/s",
        ratio,
        "≥ 0.5",
        ratio >= 0.5,
        f"CPU {cost.cpu:.2f} / {yard.cpu:.2f} ms",
        {"cpu": cost.cpu, "yardstick": yard.cpu},
    )


@row("api-create")
def create(bench: Bench) -> Iterator[Result]:
    """One party with everything beside it, against the bare driver writing the same rows."""
    company = bench.people["famous"]
    wire = bench.server.wire()

    def ask(number: int) -> Ask:
        body = {
            "kind": "person",
            "given_name": "Bench",
            "family_name": f"Creator {number}",
            "company": company,
            "email": f"bench{number}@mail.test",
            "phone": "+4930123456",
            "address": {"city": "Köln"},
        }
        return bench.api("admin", "parties", method="POST", body=json.dumps(body).encode())

    first = json.loads(wire.must(ask(0), 201).body)["id"]
    with floor.writer(bench.place, first) as write_raw:
        write_raw()
        ours, raw, used = [], [], []
        for number in range(1, 40 * bench.rounds):
            cpu = bench.server.cpu()
            ours.append(wire.timed(ask(number)))
            used.append(bench.server.cpu() - cpu)
            began = time.perf_counter()
            write_raw()
            raw.append(time.perf_counter() - began)
    wire.close()
    figure, least = statistics.median(ours), statistics.median(raw)
    yield Result(
        "api-create",
        "API create one / bare driver",
        f"{1 / figure:.0f}/s",
        f"{1 / least:.0f}/s",
        least / figure,
        "≥ 0.25",
        least / figure >= 0.25,
        f"{1000 * statistics.median(used):.2f} ms CPU",
    )
