"""Lists by the days of a calendar, and words that are misspelt."""

from playwright.sync_api import Page


def _calendar(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("#calendar .day", state="attached")


def month(page: Page) -> None:
    """Interactions of this month."""
    _calendar(page, "/interactions?view=calendar")


def closing(page: Page) -> None:
    """Deals by the day they are to close."""
    _calendar(page, "/deals?view=calendar")


def week(page: Page) -> None:
    """Interactions of this week."""
    _calendar(page, "/interactions?view=calendar&span=week")


def day(page: Page) -> None:
    """Tasks of a day."""
    _calendar(page, "/tasks?view=calendar&span=day")


def misspelt(page: Page) -> None:
    """A search that finds nothing but what is spelt alike."""
    page.goto("/search?q=bluewatre")
    page.wait_for_selector(".results .option")


def misspelt_list(page: Page) -> None:
    """A list that finds nothing, and offers a word."""
    page.goto("/parties?view=organisations&q=bluewatre")
    page.wait_for_selector(".empty .btn")
