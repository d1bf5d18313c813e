"""Screens: lists, cards, the board, and depth."""

import json
import statistics
from collections.abc import Iterator

from bench.registry import Bench, Result, against_yardstick, row
from bench.rows.api import listing

MOST, P95 = 6, 50
WHO = {"admin": "administrator", "heavy": "sees a tenth", "light": "sees 30", "manager": "manager of five teams"}


def _pages(bench: Bench, name: str, what: str, paths: dict[str, str], each: int = 25) -> Iterator[Result]:
    found = bench.costs({who: [bench.page(who, path)] for who, path in paths.items()}, each=each)
    for who in paths:
        yield against_yardstick(name, f"{what}, {WHO[who]}", found[who], found["yardstick"], MOST, P95)


@row("page-list")
def lists(bench: Bench) -> Iterator[Result]:
    """The list of organisations and of people, 50 rows, whole page."""
    yield from _pages(bench, "page-list", "organisations", dict.fromkeys(WHO, "/parties?view=organisations"))
    yield from _pages(
        bench, "page-list", "people by last contact", dict.fromkeys(WHO, "/parties?view=people&sort=-last_contact_at")
    )


@row("page-deals")
def deals(bench: Bench) -> Iterator[Result]:
    """Deals as a table, also with columns of their customers and owners."""
    table = "/deals?view=table&sort=-amount"
    yield from _pages(bench, "page-deals", "deals as a table", dict.fromkeys(WHO, table))
    further = f"{table}&columns=name,party,party.industry,party.address.country,party.owner,amount,owner,owner.team"
    yield from _pages(bench, "page-deals", "with columns of customers", dict.fromkeys(WHO, further))


@row("page-map")
def maps(bench: Bench) -> Iterator[Result]:
    """Organisations and people by country, and deals by that of their customers."""
    yield from _pages(bench, "page-map", "map of parties", dict.fromkeys(WHO, "/parties?view=map"))
    yield from _pages(bench, "page-map", "map of deals", dict.fromkeys(WHO, "/deals?view=map"))


@row("page-card")
def cards(bench: Bench) -> Iterator[Result]:
    """The customer with the longest timeline; for sellers their own longest."""
    known = bench.people
    paths = {"admin": f"/parties/{known['famous']}"}
    paths |= {who: f"/parties/{key}" for who, key in known["cards"].items()}
    yield from _pages(bench, "page-card", "customer card", paths)


@row("page-board")
def board(bench: Bench) -> Iterator[Result]:
    """All deals as a board."""
    yield from _pages(bench, "page-board", "board", dict.fromkeys(WHO, "/deals"))


@row("page-my-day")
def my_day(bench: Bench) -> Iterator[Result]:
    """My day, for those who own very much and very little."""
    yield from _pages(bench, "page-my-day", "my day", dict.fromkeys(WHO, "/my-day"))


@row("depth")
def depth(bench: Bench) -> Iterator[Result]:
    """A page far down a list against the first."""
    for who in ("admin", "heavy"):
        wire, after = bench.server.wire(), ""
        wanted = int(100_000 * bench.place.scale) // (10 if who == "heavy" else 1)
        for _step in range(max(1, wanted // 1000)):
            path = listing(bench, "parties", who, f"&fields=name{after}").path.replace("limit=50", "limit=1000")
            found = json.loads(wire.must(bench.api(who, path.removeprefix("/api/v1/"))).body)["next"]
            after = f"&after={found}" if found else after
        wire.close()
        costs = bench.costs(
            {"first": [listing(bench, "parties", who)], "deep": [listing(bench, "parties", who, after)]}
        )
        ratio = costs["deep"].wall / costs["first"].wall
        yield Result(
            "depth",
            f"{wanted:,} rows down, {WHO[who]}",
            f"{costs['deep'].wall:.2f} ms",
            f"{costs['first'].wall:.2f} ms",
            ratio,
            "≤ 1.2x",
            ratio <= 1.2,
        )


@row("filters")
def filters(bench: Bench) -> Iterator[Result]:
    """Lists by filters that no index serves in order: none may cost a scan."""
    tree = {
        "and": [
            {"field": "address.city", "op": "eq", "value": "Волгодонск"},
            {"field": "kind", "op": "eq", "value": "person"},
        ]
    }
    related = {"field": "party.industry", "op": "eq", "value": "retail"}
    asks = {
        "nothing found": f"parties?filter={_packed(tree)}&sort=name",
        "of a related record": f"deals?filter={_packed(related)}&sort=close_on",
        "contains": f"parties?filter={_packed({'field': 'name', 'op': 'contains', 'value': 'zzzq'})}&sort=name",
        "by e-mail": f"parties?filter={_packed({'field': 'email', 'op': 'eq', 'value': 'nobody@mail.test'})}",
    }
    for what, path in asks.items():
        for who in ("admin", "heavy"):
            wire = bench.server.wire()
            times = [wire.timed(bench.api(who, path)) for _n in range(5)]
            wire.close()
            figure = 1000 * statistics.median(times)
            yield Result(
                "filters", f"filter {what}, {WHO[who]}", f"{figure:.1f} ms", "", None, "≤ 250 ms", figure <= 250
            )


def _packed(tree: object) -> str:
    return "".join(f"%{byte:02X}" for byte in json.dumps(tree).encode())
