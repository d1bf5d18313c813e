"""The product's server as people start it, its processes, their CPU and memory."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Ask, Failed, Wire
from bench.place import ROOT, Place

SERVE = "from rapport.config.cli import main; main()"


@dataclass(slots=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    started_in: float

    def wire(self) -> Wire:
        """A new connection."""
        return Wire(self.port)

    def family(self) -> list[int]:
        """The process and all below it."""
        return tree(self.process.pid)

    def workers(self) -> list[int]:
        """The web processes: everything but the watching one and the background jobs."""
        return [pid for pid in self.family()[1:] if "rapport.platform.jobs" not in _command(pid)]

    def memory(self) -> float:
        """MB of the web processes (proportional set size)."""
        return sum(memory(pid) for pid in self.workers())

    def cpu(self) -> float:
        """Seconds of CPU that the web processes have used."""
        return sum(cpu_of(pid) for pid in self.workers())


def tree(pid: int) -> list[int]:
    """A process and its descendants, itself first."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""


def cpu_of(pid: int) -> float:
    """User and system seconds of a process, all threads, to the nanosecond where the kernel says so."""
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9
    except (FileNotFoundError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Proportional set size of a process in MB (shared pages counted once over all)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    place: Place, *, workers: int = 2, settings: str = "bench.settings", command: list[str] | None = None
) -> Iterator[Server]:
    """Start ``rapport serve`` on an installation and stop it afterwards."""
    port = free_port()
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": settings}
    arguments = command or [sys.executable, "-c", SERVE, "serve"]
    began = time.monotonic()
    log = (place.folder / "serve.log").open("ab")
    process = subprocess.Popen(
        [*arguments, "--port", str(port), "--workers", str(workers)], env=environment, cwd=ROOT, stdout=log, stderr=log
    )  # fmt: skip
    try:
        _wait(port, process, place)
        yield Server(port, process, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            for pid in tree(process.pid):
                os.kill(pid, signal.SIGKILL)
        log.close()


def _wait(port: int, process: subprocess.Popen[bytes], place: Place) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            wire = Wire(port)
            wire.must(Ask("/healthz"))
            wire.close()
            return
        except (OSError, Failed):
            time.sleep(0.02)
    raise Failed("the server did not start:\n" + (place.folder / "serve.log").read_text()[-2000:])
