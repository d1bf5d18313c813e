"""``rapport serve``: one command for web and background jobs. Granian's main process watches over all."""

import argparse
import importlib
import os
import socket
import subprocess
import sys
import threading
import time

import django
from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from rapport.config.errors import UpgradeFailed
from rapport.platform import locks

# Connections per worker, open live streams among them; what the pool cannot take it sheds itself.
CONNECTIONS = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    problem = _port_problem(options.host, options.port)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if options.host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("RAPPORT_URL"):
        os.environ["RAPPORT_HOSTS"] = "*"
    with locks.held(settings.DATA, locks.SERVING, shared=True) as free:
        if not free:
            print("A backup is being restored into this data. Try again when that is done.", file=sys.stderr)
            return 1
        return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    # A child brings the database up to date, so that the watching process stays small.
    code = subprocess.run([sys.executable, "-m", "rapport.config.cli.serve"], check=False).returncode
    if code:
        return code
    os.environ["RAPPORT_WORKER"] = "1"
    jobs = Jobs()
    server = Granian(
        "rapport.config.rsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        workers=options.workers,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    )
    server.on_startup(jobs.start)
    server.on_startup(lambda: threading.Thread(target=_announce, args=(options,), daemon=True).start())
    server.on_shutdown(jobs.stop)
    server.serve()
    return 0


class Jobs:
    """The background worker: a process that is started again when it dies."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the worker and keep it alive."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rapport.platform.jobs", "--attached"], stdin=subprocess.PIPE
            )
            self._process.wait()
            self._stopping.wait(2)

    def stop(self) -> None:
        """Ask the worker to finish; insist after a while."""
        self._stopping.set()
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=6)
        except subprocess.TimeoutExpired:
            process.kill()


def _port_problem(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port."
    return None


def _announce(options: argparse.Namespace) -> None:
    """Say where Rapport is once it answers."""
    host = options.host if options.host not in ("0.0.0.0", "::") else "127.0.0.1"
    for _try in range(300):
        try:
            with socket.create_connection((host, options.port), timeout=1):
                break
        except OSError:
            time.sleep(0.05)
    print(f"Rapport is ready: http://{host}:{options.port}/", flush=True)


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    try:
        importlib.import_module("rapport.config.prepare").prepare()
    except UpgradeFailed as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    _prepare()
