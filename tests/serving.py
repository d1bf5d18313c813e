"""A real ``rapport serve`` on a free loopback port."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

OURS = ("DJANGO_SETTINGS_MODULE", "RAPPORT_DATABASE_URL")
COMMAND = Path(sys.executable).parent / "rapport"


def environment(folder: str | Path) -> dict[str, str]:
    """The environment of an installation of its own, untouched by what the tests themselves run on."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "RAPPORT_DATA": str(folder)}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(env: Mapping[str, str], port: int, *options: str) -> subprocess.Popen[bytes]:
    """Start the server; returns once it answers."""
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), *options],
        env=dict(env),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _try in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return process
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("rapport serve does not answer")


@contextmanager
def serving(env: Mapping[str, str], *options: str) -> Iterator[str]:
    """The address of a running Rapport; stopped at the end."""
    port = free_port()
    process = started(env, port, *options)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
