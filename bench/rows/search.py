"""Search as you type: the prefixes that somebody types, over everything he may see."""

from collections.abc import Iterator
from urllib.parse import quote

from bench.client import Ask
from bench.measure import crowd, percentile
from bench.registry import Bench, Result, row

TYPED = (
    "anna müller", "lukas brandhoff", "шолпан ахмет", "佐藤", "sebastian", "berlin", "info@acker", "+49301",
    "energy gmbh", "stein", "al", "елена", "zz top", "renewal", "müller paris", "+4930 55",
)  # fmt: skip


def typing(bench: Bench, who: str, words: tuple[str, ...] = TYPED) -> list[Ask]:
    """Every prefix of every word, as the quick search sends them."""
    return [
        bench.page(who, f"/search?q={quote(word[:length])}", fragment=True, name=f"search {length}")
        for word in words
        for length in range(1, len(word) + 1)
    ]


@row("search")
def search(bench: Bench) -> Iterator[Result]:
    """One client: median and p95; per number of letters; eight clients."""
    for who in ("admin", "heavy", "light", "manager"):
        wire, asks = bench.server.wire(), typing(bench, who)
        times: list[tuple[Ask, float]] = [(ask, wire.timed(ask)) for _round in range(2) for ask in asks]
        wire.close()
        values = [1000 * seconds for _ask, seconds in times]
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        by_length = {n: [1000 * s for a, s in times if a.name == f"search {n}"] for n in range(1, 6)}
        note = "worst by letters " + " ".join(f"{n}: {max(found):.0f}" for n, found in by_length.items() if found)
        yield Result(
            "search",
            f"type-ahead, {who}",
            f"p50 {p50:.1f} p95 {p95:.1f} ms",
            "",
            None,
            "p50 ≤ 5, p95 ≤ 40 ms",
            p50 <= 5 and p95 <= 40,
            note,
            {"p50": p50, "p95": p95},
        )
    everything = [bench.api("admin", f"search?q={quote(word[:n])}") for word in TYPED for n in range(1, len(word) + 1)]
    wire = bench.server.wire()
    values = [1000 * wire.timed(ask) for ask in everything]
    wire.close()
    p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
    yield Result(
        "search",
        "API search, all entities",
        f"p50 {p50:.1f} p95 {p95:.1f} ms",
        "",
        None,
        "p50 ≤ 5, p95 ≤ 40 ms",
        p50 <= 5 and p95 <= 40,
        f"worst {max(values):.0f}",
    )


@row("search-8")
def eight(bench: Bench) -> Iterator[Result]:
    """Eight people typing at once."""

    def script(number: int) -> list[Ask]:
        asks = typing(bench, ("admin", "heavy", "manager", "admin")[number % 4])
        return asks[number * 17 % len(asks) :] + asks

    done, wrong = crowd(bench.server, 8, 8, script)
    values = [1000 * seconds for _name, seconds in done]
    p95 = percentile(values, 0.95)
    yield Result(
        "search-8",
        "type-ahead, 8 clients",
        f"p95 {p95:.0f} ms",
        "",
        None,
        "≤ 80 ms",
        p95 <= 80 and not wrong,
        f"{len(done) / 8:.0f}/s, {len(wrong)} errors",
    )
