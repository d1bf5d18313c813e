"""A page's live stream as a browser holds it, and a real server on the database of the test."""

import http.client
import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.db import connections

from rapport.platform import db
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records.live import topics
from tests.people import address
from tests.serving import environment, serving


def database_url() -> str:
    """The address of the database that ``platform.db`` leads to now."""
    held = connections.settings[db.ALIAS]
    if db.is_sqlite():
        return f"sqlite://{held['NAME']}"
    return f"postgresql://{held['USER']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """A real server on the test's database, which takes what the test signs."""
    env = environment(folder) | {"RAPPORT_DATABASE_URL": database_url(), "RAPPORT_SECRET": django_settings.SECRET_KEY}
    db.close()
    with serving(env, *(options or ("--workers", "1"))) as where:
        yield where


class Visitor:
    """A signed-in browser."""

    def __init__(self, where: str, who: str) -> None:
        self.user = User.objects.get(email=address(who))
        self.host = where.removeprefix("http://")
        self.secret = access.open_session(self.user)
        self.session = access.session_of(self.secret)

    def token(self, *names: str) -> str:
        """Topics signed for this visitor's page."""
        return topics.sign(self.user.id, self.session, names)

    def listen(self, *names: str, after: int | None = None, token: str = "", cookie: str | None = None) -> "Stream":
        """Open a page that hears about ``names``."""
        secret = self.secret if cookie is None else cookie
        return Stream(self.host, token or self.token(*names), secret, after)

    def get(self, path: str) -> tuple[int, str]:
        """A page, or a part of one."""
        wire = http.client.HTTPConnection(self.host, timeout=10)
        wire.request("GET", path, headers={"Cookie": f"rapport_session={self.secret}", "HX-Request": "true"})
        answer = wire.getresponse()
        found = answer.status, answer.read().decode()
        wire.close()
        return found


class Stream:
    """An open stream; ``status`` other than 200 means that it is none."""

    def __init__(self, host: str, token: str, secret: str, after: int | None = None) -> None:
        name, _colon, port = host.partition(":")
        self._socket = socket.create_connection((name, int(port)), timeout=10)
        where = f"/live?topics={token}" + (f"&after={after}" if after is not None else "")
        self._socket.sendall(
            f"GET {where} HTTP/1.1\r\nHost: {host}\r\nCookie: rapport_session={secret}\r\n\r\n".encode()
        )
        self._held = b""
        self._event = ""
        self.position = -1
        self.ended = False
        self.status = int(self._line(10)[9:12])
        while self._line(10):
            pass
        if self.status == 200:
            self.until(lambda name, _data: name == "beat")

    def _line(self, seconds: float) -> str | None:
        """The next line; None when it does not come in time, or never will."""
        limit = time.monotonic() + seconds
        while b"\n" not in self._held:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                return None
            try:
                got = self._socket.recv(65536)
            except OSError:
                got = b""
            if not got:
                self.ended = True
                return None
            self._held += got
        line, _mark, self._held = self._held.partition(b"\n")
        return line.decode().strip()

    def until(self, wanted: Callable[[str, Any], bool], seconds: float = 3) -> Any:
        """The data of the first event that is wanted; None when it does not come in time.

        Lines that frame the chunks of the answer are no fields, and are passed over as such.
        """
        limit = time.monotonic() + seconds
        while (line := self._line(limit - time.monotonic())) is not None:
            field, _colon, value = line.partition(": ")
            if field == "id":
                self.position = int(value)
            elif field == "event":
                self._event = value
            elif field == "data" and wanted(self._event, json.loads(value)):
                return json.loads(value)
            elif field == "0":
                self.ended = True
        return None

    def change(self, seconds: float = 3, **wanted: Any) -> Any:
        """The next change that fits."""
        return self.until(
            lambda name, data: name == "change" and all(data.get(key) == value for key, value in wanted.items()),
            seconds,
        )

    def here(self, seconds: float = 3) -> Any:
        """Somebody came or went."""
        return self.until(lambda name, _data: name == "here", seconds)

    def close(self) -> None:
        """The page is left."""
        self._socket.close()
