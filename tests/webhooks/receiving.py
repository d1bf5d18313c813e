"""A program outside, and the worker that tells it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rapport.platform.actor import as_system
from rapport.platform.jobs.models import Job
from rapport.records.webhooks import jobs


class Receiver:
    """A program outside: keeps what it was sent, answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(b"thank you")

            def log_message(self, *_given: Any) -> None:
                """Quietly."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.heard]


class Run:
    """A job that nobody cancels."""

    def check_cancelled(self) -> None:
        """Go on."""


def work() -> None:
    """What the worker does in the next seconds."""
    jobs.note(Run())
    for job in Job.objects.filter(name="webhooks.deliver", status="waiting"):
        job.delete()
        with as_system("tests"):
            jobs.deliver(Run(), **job.args)
