"""A real Chromium (Debian's, or the one CHROMIUM names) driven by Playwright, and axe for accessibility."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools import frontend

AXE = frontend.ROOT / frontend.SOURCES / "node_modules/axe-core/axe.min.js"
# Playwright keeps an event loop in the tests' own thread; Django would take that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What a page runs first (`add_init_script`): every answer takes a quarter of a second longer.
SLOW = """const fetched = fetch;
fetch = async (...asked) => (await new Promise((on) => setTimeout(on, 250)), fetched(...asked));"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail("Chromium is not there: apt-get install chromium (make test does it as root)")
    # Playwright's own Node.js needs a library that a bare Debian lacks.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(frontend.node()))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh, empty session in English; fails the test when the page threw an error."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, f"the page threw: {errors}"


def axe(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is now, one line each.

    Evaluated by the browser's debugger and not as a script element, so the page's own policy stays in force.
    """
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{found['id']}: {found['help']}: {', '.join(str(node['target'][0]) for node in found['nodes'][:5])}"
        for found in result["violations"]
    ]
