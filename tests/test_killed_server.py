"""A real server is killed while programs write to it: everything it has acknowledged is there, and all of it adds up.

Two rounds here; ``CHAOS_ROUNDS=20`` for the long run.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.postgres import free_port

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "2"))
WRITERS, SECONDS = 6, 2.0
RAPPORT = [sys.executable, "-c", "from rapport.config.cli import main; main()"]


class Installation:
    """An installation of its own, served by the real command."""

    def __init__(self, folder: Path) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DJANGO_", "PYTEST"))
        }
        self.environment = {
            **kept,
            "RAPPORT_DATA": str(folder),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run([*RAPPORT, *arguments], env=self.environment, input=given, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        command = [*RAPPORT, "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, "the server does not come up"
            time.sleep(0.05)

    def ask(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError from error
        finally:
            connection.close()

    def end(self, how: signal.Signals) -> None:
        """A signal for the whole group that we started: server, workers, jobs."""
        assert self.process is not None
        os.killpg(self.process.pid, how)
        self.process.wait(20)


@pytest.mark.chaos
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data")
    place.command("user", "add", "a@example.com", "--role", "admin", "--password-stdin", given="a quiet river\n")
    token = place.command("token", "add", "chaos", "--user", "a@example.com")
    acknowledged: dict[str, str] = {}
    odd: list[tuple[int, bytes]] = []

    def work(n: int, round_: int, stop: threading.Event) -> None:
        serial = 0
        while not stop.is_set():
            serial += 1
            name = f"R{round_} W{n} {serial}"
            try:
                status, body = place.ask("POST", "/api/v1/deals", {"name": name, "amount": "1.10"}, token)
            except OSError:
                return  # killed
            if status == 201:
                acknowledged[json.loads(body)["id"]] = name
            elif status != 503:
                odd.append((status, body))

    for round_ in range(ROUNDS):
        place.start()
        stop = threading.Event()
        writers = [threading.Thread(target=work, args=(n, round_, stop)) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(SECONDS)
        place.end(signal.SIGKILL)
        stop.set()
        for writer in writers:
            writer.join(20)
        assert odd == []
        assert place.command("check", "--deep") == "all is well"
    place.start()
    try:
        held: dict[str, str] = {}
        after = ""
        while True:
            status, body = place.ask("GET", f"/api/v1/deals?fields=name&limit=1000{after}", token=token)
            assert status == 200
            page = json.loads(body)
            held |= {item["id"]: item["name"] for item in page["items"]}
            if not page["next"]:
                break
            after = f"&after={page['next']}"
    finally:
        place.end(signal.SIGTERM)
    assert len(acknowledged) > 20 * ROUNDS
    assert {key: held.get(key) for key in acknowledged} == acknowledged
