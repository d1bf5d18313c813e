"""Measure: ``python -m bench [--only NAME…] [--engine sqlite|postgresql] [--scale 0.1]``."""

import argparse
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime

from bench import place, postgres
from bench import rows as _rows  # noqa: F401 - registers
from bench.client import Failed
from bench.registry import ROWS, Bench, Result

RESULTS = place.ROOT / "bench/results/latest.json"


def main() -> int:
    """Run the rows; prints the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", nargs="+", choices=sorted(ROWS), metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--engine", choices=sorted(place.ENGINES), action="append")
    parser.add_argument("--scale", type=float, default=float(os.environ.get("BENCH_SCALE", "1")))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    place.CACHE.mkdir(parents=True, exist_ok=True)
    found = {}
    for engine in options.engine or ["sqlite", "postgresql"]:
        missing = postgres.possible() if engine == "postgresql" else ""
        if missing:
            print(f"{engine} is left out: {missing}", file=sys.stderr)
            continue
        found[engine] = run(engine, options.scale, options.only or _ordered(), options.rounds)
    _keep(found, options.scale)
    short = sum(result.ok is False for results in found.values() for result in results)
    print(f"\n{short} short of the goal" if short else "\nall goals met")
    return 1 if short else 0


def _ordered() -> list[str]:
    """All rows; what changes or adds many records comes last."""
    return sorted(ROWS, key=lambda name: name in ("bulk", "import", "import-beside"))


def run(engine: str, scale: float, names: list[str], rounds: int) -> list[Result]:
    """All rows on one engine."""
    results = []
    with place.ENGINES[engine](scale) as where, ExitStack() as stack:
        bench = Bench(where, stack, rounds)
        print(f"\n{engine}, scale {scale:g}")
        for name in names:
            try:
                for result in ROWS[name](bench):
                    results.append(result)
                    print(_line(result), flush=True)
            except Failed as problem:
                results.append(Result(name, name, "failed", "", None, "", False, str(problem)))
                print(_line(results[-1]), flush=True)
    return results


def _line(result: Result) -> str:
    word = {True: "pass", False: "SHORT", None: "-"}[result.ok]
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    cells = (
        f"{result.what:44}",
        f"{result.figure:>22}",
        f"{result.floor:>12}",
        f"{ratio:>6}",
        f"{result.goal:22}",
        f"{word:6}",
    )
    return " ".join([*cells, result.note])


def _keep(found: dict[str, list[Result]], scale: float) -> None:
    """Write the results for programs."""
    RESULTS.parent.mkdir(exist_ok=True)
    held = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "scale": scale,
        "engines": {engine: [asdict(result) for result in results] for engine, results in found.items()},
    }  # fmt: skip
    RESULTS.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
