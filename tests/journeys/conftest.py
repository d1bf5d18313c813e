"""A running Rapport on sample data for the journeys, and a signed-in browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tools.shots import sampled, sign_in

expect.set_options(timeout=8000)
# What a browser says of an answer that refuses, and of a network that is away.
EXPECTED = ("status of 4", "ERR_INTERNET_DISCONNECTED", "Failed to fetch")


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[str, str, str]]:
    """(address, e-mail, password) of one Rapport for all journeys of this worker."""
    with sampled() as found:
        yield found


@pytest.fixture
def visit(browser: Browser, running: tuple[str, str, str]) -> Iterator[Callable[..., Page]]:
    """Open a signed-in page: visit(theme="dark", width=390, who="jan@…"). Fails when the browser complains."""
    address, email, password = running
    opened = []
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not any(words in said.text for words in EXPECTED):
            complaints.append(said.text)

    def open_page(theme: str = "light", width: int = 1440, height: int = 900, who: str = email) -> Page:
        context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, locale="en-GB")
        context.add_cookies([{"name": "theme", "value": theme, "url": address}])
        opened.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, who, password)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not complaints, complaints
