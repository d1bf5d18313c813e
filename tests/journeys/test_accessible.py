"""axe finds nothing on any screen, in both themes, wide and on the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import axe
from tools.screens import SCREENS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]  # a hundred screens


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_violation_on_any_screen(visit: Callable[..., Page], theme: str, width: int) -> None:
    page = visit(theme=theme, width=width, height=844)
    found = []
    for screen in SCREENS:
        screen(page)
        page.wait_for_timeout(200)
        found += [f"{screen.__name__}: {each}" for each in axe(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_screen(visit: Callable[..., Page], width: int) -> None:
    page = visit(width=width, height=844)
    for screen in SCREENS:
        screen(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{screen.__name__} is {wide} px wide on a screen of {width}"
