"""The way from the server's event loop to Django: bodies, long answers, headers, overload, readers who go away."""

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import free_port
from tests.standing import at_once

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the small program of ``bridged.py`` is served."""
    found = free_port()
    command = [
        Path(sys.executable).parent / "granian", "--interface", "rsgi", "--port", str(found), "--no-ws",
        "tests.bridged:application",
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _try in range(200):
        try:
            socket.create_connection(("127.0.0.1", found), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield found
    process.terminate()
    process.wait(10)


def ask(port: int, path: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, dict, bytes]:
    """One request on a connection of its own."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    wire.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = wire.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    wire.close()
    return found


def test_the_request_arrives_as_wsgi_describes_it(port: int) -> None:
    names = "REQUEST_METHOD,PATH_INFO,HTTP_X_ONE,HTTP_COOKIE,REMOTE_ADDR,SERVER_PROTOCOL,wsgi.url_scheme,CONTENT_TYPE"
    _status, _headers, body = ask(port, f"/a%20b/%C3%A9?{names}", X_One="1", Cookie="a=b", Content_Type="text/plain")
    assert eval(body) == {  # noqa: S307  our own words
        "REQUEST_METHOD": "GET", "PATH_INFO": "/a b/é".encode().decode("latin-1"), "HTTP_X_ONE": "1",
        "HTTP_COOKIE": "a=b", "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "CONTENT_TYPE": "text/plain",
    }  # fmt: skip


def test_a_header_with_an_underscore_is_none_of_ours(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(b"GET /?HTTP_X_REAL HTTP/1.1\r\nHost: x\r\nX_Real: forged\r\nConnection: close\r\n\r\n")
        assert b"'HTTP_X_REAL': None" in b"".join(iter(lambda: wire.recv(4096), b""))


def test_cookies_length_and_head(port: int) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    lengths = []
    for method in ("GET", "HEAD", "GET"):  # all on one kept connection
        wire.request(method, "/?PATH_INFO")
        answer = wire.getresponse()
        body = answer.read()
        lengths.append(answer.getheader("Content-Length"))
        assert (len(body) > 0) == (method == "GET")
        assert [each.split(";")[0].strip() for each in answer.headers.get_all("Set-Cookie")] == ["a=1", "b=2"]
    assert len(set(lengths)) == 1
    wire.close()


@pytest.mark.parametrize("size", [0, 10, 70_000, 30_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_of_any_size_arrive_whole(port: int, size: int, chunked: bool) -> None:
    data = os.urandom(size)
    given = iter([data[at : at + 50_000] for at in range(0, size, 50_000)]) if chunked else data
    _status, _headers, body = ask(port, "/body", "POST", given)
    assert body.decode() == f"{size} {hashlib.sha256(data).hexdigest()}"


def test_a_long_answer_streams_and_a_reader_who_goes_ends_it(port: int) -> None:
    assert len(ask(port, "/stream?40")[2]) == 4_000_000
    before = int(ask(port, "/closed")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(b"GET /stream?100000 HTTP/1.1\r\nHost: x\r\n\r\n")
        wire.recv(100_000)
        # It holds no place of the pool: others are answered, a second download is put off.
        assert ask(port, "/stream?40")[0] == 503
        assert [status for status, *_more in at_once(*[lambda: ask(port, "/slow")] * 2)] == [200, 200]
    for _try in range(40):
        if int(ask(port, "/closed")[2]) > before:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the program was not told that its reader had gone")
    assert ask(port, "/stream?40")[0] == 200


def test_overload_is_shed_at_once(port: int) -> None:
    began = time.monotonic()
    found = at_once(*[lambda: ask(port, "/slow")] * 8)
    statuses = sorted(status for status, *_more in found)
    assert statuses == [200] * 4 + [503] * 4
    assert all(headers["retry-after"] for status, headers, _body in found if status == 503)
    assert time.monotonic() - began < 3
    assert ask(port, "/")[0] == 200


def test_a_program_that_breaks_answers_500_and_goes_on(port: int) -> None:
    assert ask(port, "/broken")[0] == 500
    assert ask(port, "/")[0] == 200
