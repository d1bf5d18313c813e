"""How a screen is reached: a list with its rows, the first card of an entity."""

from playwright.sync_api import Page

FIRST_ROW = "[data-item]"


def list_of(page: Page, url: str) -> None:
    """Open a list and wait for its rows."""
    page.goto(url)
    page.wait_for_selector(FIRST_ROW)


def organisations(page: Page) -> None:
    """The list of organisations."""
    list_of(page, "/parties?view=organisations")


def people(page: Page) -> None:
    """The list of people."""
    list_of(page, "/parties?view=people")


def board(page: Page) -> None:
    """Deals as a board."""
    list_of(page, "/deals")


def deals(page: Page) -> None:
    """Deals as a table."""
    list_of(page, "/deals?view=table")


def interactions(page: Page) -> None:
    """A list that is nothing but its declaration."""
    list_of(page, "/interactions")


def open_first(page: Page, plural: str) -> None:
    """The card of the first record of an entity."""
    found = page.request.get(f"/api/v1/{plural}?limit=1&fields=id").json()
    page.goto(f"/{plural}/{found['items'][0]['id']}")


def lost(page: Page) -> None:
    """A page that is not there."""
    page.goto("/parties/0")
