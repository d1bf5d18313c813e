"""A PostgreSQL server over a folder that is kept: durable as in production, on a free loopback port."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.postgres import account, free_port, program, wait_for

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "1GB",
    "max_connections": "80",
    "max_wal_size": "8GB",
    "jit": "off",
    "random_page_cost": "1.1",
}


def possible() -> str:
    """Why no server can be started; empty when it can."""
    try:
        program("initdb")
        account()
    except RuntimeError as error:
        return str(error)
    return ""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server over ``folder`` (made when absent); yields its address without a database."""
    who = account()
    data = folder / "data"
    if not data.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _reachable(folder, who)
        command = [program("initdb"), "-D", data, "-U", "rapport", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)
    port = free_port()
    options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [program("postgres"), "-D", data, "-p", str(port), "-k", folder, *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **who)
    try:
        address = f"postgresql://rapport@127.0.0.1:{port}"
        wait_for(f"{address}/postgres", process, folder / "log")
        yield address
    finally:
        process.send_signal(2)
        process.wait(timeout=60)


def _reachable(folder: Path, who: dict[str, int]) -> None:
    """Give the folder to the account that runs the server."""
    if who:
        os.chown(folder, who["user"], who["group"])


def copy(address: str, source: str, target: str) -> str:
    """A fresh copy of a database; returns its address."""
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    return f"{address}/{target}"


def create(address: str, name: str) -> str:
    """An empty database; returns its address."""
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address}/{name}"


def drop_folder(folder: Path) -> None:
    """Remove a kept server with all its data."""
    shutil.rmtree(folder, ignore_errors=True)
