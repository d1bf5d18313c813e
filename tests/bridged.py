"""A small WSGI program behind the bridge, served by tests/test_bridge.py."""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.http import HttpResponse, StreamingHttpResponse

django.setup()

from rapport.platform.web.bridge import Pool  # noqa: E402

closed: list[str] = []


def parts(count: int) -> Iterator[bytes]:
    """A long answer."""
    try:
        for _number in range(count):
            yield b"x" * 100_000
    finally:
        closed.append("stream")


def answer(environ: dict[str, Any]) -> Any:
    """What each address does."""
    path = environ["PATH_INFO"]
    if path == "/body":
        data = environ["wsgi.input"].read()
        return HttpResponse(f"{len(data)} {hashlib.sha256(data).hexdigest()}")
    if path == "/slow":
        time.sleep(0.6)
    if path == "/stream":
        return StreamingHttpResponse(parts(int(environ["QUERY_STRING"])))
    if path == "/closed":
        return HttpResponse(str(len(closed)))
    if path == "/broken":
        raise RuntimeError("broken on purpose")
    response = HttpResponse(repr({name: environ.get(name) for name in environ["QUERY_STRING"].split(",")}))
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def handler(environ: dict[str, Any], start: Callable[..., None]) -> Any:
    """WSGI, as Django's handler speaks it."""
    response = answer(environ)
    cookies = [("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()]
    start(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies])
    return response


class Application:
    """Two threads, two more may wait."""

    def __init__(self) -> None:
        self.pool = Pool(handler, threads=2, waiting=2, streams=1)

    def __rsgi_init__(self, loop: Any) -> None:
        self.pool.start(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        await self.pool.answer(scope, protocol)


application = Application()
