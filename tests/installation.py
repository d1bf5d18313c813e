"""An installation of its own, served by the real command and killed as machines are."""

import http.client
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from tests.postgres import free_port

RAPPORT = [sys.executable, "-c", "from rapport.config.cli import main; main()"]


class Installation:
    """Its folder, its server and what is asked of it."""

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

    def begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """A command that is not waited for."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen([*RAPPORT, *arguments], env=self.environment, stdout=quiet, stderr=quiet)

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


class Person:
    """Somebody signed in to an installation, who fills in forms."""

    def __init__(self, place: Installation, email: str, password: str) -> None:
        self.front = f"http://127.0.0.1:{place.port}"
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.post("/sign-in", "/sign-in", email=email, password=password)

    def get(self, path: str) -> str:
        with self.browser.open(f"{self.front}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def post(self, at: str, path: str, **values: Any) -> str:
        """Send a form that stands on the page ``at``, one of a list as its script does; where it leads to."""
        page = self.get(at)
        found = re.search(r'name="csrf-token" content="([^"]+)"|name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:500]
        data = urllib.parse.urlencode(values | {"csrfmiddlewaretoken": found[1] or found[2]}).encode()
        asked = urllib.request.Request(f"{self.front}{path}", data, {"HX-Request": "true"} if "?" in path else {})
        with self.browser.open(asked, timeout=10) as answer:
            return str(answer.headers.get("HX-Redirect") or urllib.parse.urlsplit(answer.url).path)
