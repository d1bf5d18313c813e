"""Many guesses at the same moment, at a real server with two web processes, gain nothing; on both engines."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from typing import Any

import pytest

from rapport.platform.identity import throttle
from tests.people import address
from tests.standing import copy_of
from tests.streams import served


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[str]:
    """The address of a server with two web processes, on each engine."""
    folder = tmp_path_factory.mktemp("guessing")
    with copy_of(request.param, request, folder, django_db_blocker), served(folder, "--workers", "2") as where:
        yield where


def guess(where: str, who: str) -> int:
    """A stranger's browser, one wrong password."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{where}/sign-in", timeout=20).read().decode()
    token = re.search(r'csrf-token" content="([^"]+)', page)
    assert token
    form = {"email": address(who), "password": "wrong", "csrfmiddlewaretoken": token[1]}
    try:
        return int(browser.open(f"{where}/sign-in", urllib.parse.urlencode(form).encode(), timeout=20).status)
    except urllib.error.HTTPError as answer:
        return answer.code


def test_no_more_guesses_are_heard_than_one_after_the_other(running: str) -> None:
    with ThreadPoolExecutor(12) as crowd:
        heard = list(crowd.map(lambda _n: guess(running, "seller"), range(24)))
    assert sorted(set(heard)) == [422, 429]
    assert heard.count(422) == throttle.ACCOUNT.free
