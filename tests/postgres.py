"""A PostgreSQL server for one test run: own folder, free loopback port, no durability, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, the newest where several are installed."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(places[-1]) if places else shutil.which(name)
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is not there: apt-get install postgresql (make test does it)")
    return found


def account() -> dict[str, Any]:
    """Return how to start a process that is not root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged account to run PostgreSQL as")


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yields the address of an empty database `rapport`."""
    who = account()
    folder = Path(tempfile.mkdtemp(prefix="rapport-postgres-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data, port = folder / "data", free_port()
    try:
        options = ["-U", "rapport", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        initdb = [program("initdb"), "-D", data, *options]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **who)
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        command = [program("postgres"), "-D", data, "-p", str(port), "-k", folder, *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **who)
        try:
            address = f"postgresql://rapport@127.0.0.1:{port}"
            wait_for(f"{address}/postgres", process, folder / "log")
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE rapport")
            yield f"{address}/rapport"
        finally:
            process.send_signal(2)  # a fast shutdown
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(address, connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from error
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database; one server for the whole run."""
    with server() as address:
        yield address
