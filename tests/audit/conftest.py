"""What the tests of the audit have in common."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write

PARTY = registry.get("party")


class Screen:
    """An administrator at the audit."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def lines(self, **asked: str) -> list[str]:
        """Every line that fits, in words, the newest first, over all its pages."""
        found: list[str] = []
        url, asked_for = "/audit", dict(asked)
        while url:
            answer = self.client.get(url, asked_for)
            assert answer.status_code == 200, answer.content
            text = answer.content.decode()
            found += [plain(each) for each in re.findall(r'<li class="line.*?</li>', text, re.DOTALL)]
            more = re.search(r'<li class="more[^>]*hx-get="([^"]+)"', text)
            url, asked_for = (html.unescape(more[1]) if more else ""), {}
        return found


def plain(markup: str) -> str:
    """What is read of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<time.*?</time>", "", markup))).split())


@pytest.fixture
def screen(admin: User, browser_of: Callable[[User], Client]) -> Screen:
    return Screen(browser_of(admin))


@pytest.fixture
def make(admin: User) -> Callable[..., Any]:
    """``make(name, owner=…)``: an organisation, made by the system."""

    def made(name: str, **values: Any) -> Any:
        with as_system("tests"):
            return write.create(PARTY, {"kind": "organisation", "name": name, **values})

    return made
