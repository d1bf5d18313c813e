"""The whole product as processes: memory, start, and what a browser loads first."""

import gzip
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.client import Ask
from bench.place import ROOT, Place, environment
from bench.registry import Bench, Result, row
from bench.server import memory, serve


@row("memory")
def idle(bench: Bench) -> Iterator[Result]:
    """Proportional memory of all processes after a few requests, and of a bare server for comparison."""
    for workers, most in ((2, 280), (1, 160)):
        with serve(bench.place, workers=workers, settings="rapport.config.settings") as server:
            wires = [server.wire() for _n in range(2 * workers)]
            for wire in wires:
                for path in (
                    "/parties?view=organisations",
                    "/deals",
                    f"/parties/{bench.people['famous']}",
                    "/search?q=an",
                ):
                    wire.must(bench.page("admin", path))
            time.sleep(2)
            sizes = [memory(pid) for pid in server.family()]
            for wire in wires:
                wire.close()
        note = " + ".join(f"{size:.0f}" for size in sizes)
        yield Result(
            "memory",
            f"idle, {workers} web worker{'s' * (workers > 1)}",
            f"{sum(sizes):.0f} MB",
            "",
            None,
            f"≤ {most} MB",
            sum(sizes) <= most,
            note,
        )


@row("start")
def start(bench: Bench) -> Iterator[Result]:
    """From the command to the first answer: warm, and with an empty folder."""
    times = []
    for _round in range(3):
        with serve(bench.place, settings="rapport.config.settings") as server:
            times.append(server.started_in)
    warm = sorted(times)[1]
    yield Result("start", "warm start", f"{warm:.2f} s", "", None, "≤ 3 s", warm <= 3)
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        fresh = Place("sqlite", 0, Path(name), "", environment(Path(name)))
        with serve(fresh, settings="rapport.config.settings") as server:
            yield Result(
                "start",
                "first start, empty folder (after make setup)",
                f"{server.started_in:.2f} s",
                "",
                None,
                "≤ 120 s with set-up",
                server.started_in <= 120,
            )


@row("weight")
def weight(bench: Bench) -> Iterator[Result]:
    """JavaScript and style of the first page, compressed."""
    wire = bench.server.wire()
    html = wire.must(bench.page("admin", "/parties?view=organisations")).body.decode()
    wanted = {"JavaScript": r'<script[^>]+src="([^"]+)"', "CSS": r'<link[^>]+rel="stylesheet"[^>]*href="([^"]+)"'}
    for what, pattern in wanted.items():
        files = re.findall(pattern, html)
        size = sum(len(gzip.compress(wire.must(Ask(path)).body, 6)) for path in files) / 1000
        most = 35 if what == "JavaScript" else 30
        yield Result(
            "weight",
            f"{what} of the first page",
            f"{size:.1f} kB gz",
            "",
            None,
            f"≤ {most} kB",
            0 < size <= most,
            f"{len(files)} files",
        )
    wire.close()


@row("python")
def bare(bench: Bench) -> Iterator[Result]:
    """What a bare Python with Django takes, to read the memory rows by."""
    code = "import sys; from django.core.handlers.wsgi import WSGIHandler; print('up', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    assert process.stdin
    process.stdout.readline()
    size = memory(process.pid)
    process.stdin.close()
    process.wait()
    yield Result("python", "Python with Django's handler alone", f"{size:.0f} MB", "", None, "", None)
