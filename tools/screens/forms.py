"""Forms for new records and for all fields of one."""

from playwright.sync_api import Page

from tools.screens.cards import card
from tools.screens.opening import board


def new_organisation(page: Page) -> None:
    """The form for a new organisation with something wrong in it."""
    page.goto("/parties/new?kind=organisation")
    page.fill("[name=email]", "not an address")
    page.click("#form button[type=submit]")
    page.wait_for_selector(".summary, [aria-invalid=true]")


def new_deal(page: Page) -> None:
    """The dialog for a new deal, over the board."""
    board(page)
    page.keyboard.press("c")
    page.wait_for_selector("#search [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open] form")


def edit_all(page: Page) -> None:
    """All fields of an organisation in one form."""
    card(page)
    page.goto(page.url + "/edit")
