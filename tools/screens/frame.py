"""What stands over every screen: palette, keys; and the gallery."""

from playwright.sync_api import Page

from tools.screens.cards import deal
from tools.screens.opening import organisations


def create(page: Page) -> None:
    """What can be created, with the title already typed."""
    organisations(page)
    page.keyboard.press("c")
    page.keyboard.type("Anna")
    page.wait_for_selector("#search [aria-selected=true]")


def palette(page: Page) -> None:
    """The command palette over a deal, before anything is typed."""
    deal(page)
    page.keyboard.press("Control+k")
    page.wait_for_selector("#search .option")
    page.wait_for_timeout(200)


def gallery(page: Page) -> None:
    """Every component in every state."""
    page.goto("/gallery")


def search(page: Page) -> None:
    """Quick search over the list."""
    organisations(page)
    page.keyboard.press("Control+k")
    page.locator("#search input[name=q]").press_sequentially("mar")
    page.wait_for_selector("#search .option")


def keys(page: Page) -> None:
    """The list of keys."""
    organisations(page)
    page.keyboard.press("?")
    page.wait_for_timeout(200)
