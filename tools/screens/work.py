"""The day: what is due, what one should hear of, planning."""

from playwright.sync_api import Page

from tools.screens.opening import FIRST_ROW, list_of, organisations

FIRST_TASK = ".task [data-item]"


def my_day(page: Page) -> None:
    """My day."""
    list_of(page, "/my-day")


def quick_add(page: Page) -> None:
    """A task typed in one line, with what was understood of it."""
    my_day(page)
    page.keyboard.press("c")
    page.keyboard.type("Call Horst tomorrow 10:00")
    page.wait_for_selector("#understood .chip")


def put_off(page: Page) -> None:
    """The dialog for putting a task off."""
    my_day(page)
    page.locator(FIRST_TASK).first.focus()
    page.keyboard.press("s")
    page.wait_for_selector("dialog[open] form")


def task(page: Page) -> None:
    """The card of a task."""
    my_day(page)
    page.goto(str(page.locator(FIRST_TASK).first.get_attribute("href")))


def notifications(page: Page) -> None:
    """What one should hear of."""
    page.goto("/notifications")
    page.wait_for_selector(".notification")


def planning(page: Page) -> None:
    """The composer about to add a task."""
    organisations(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))
    page.keyboard.press("t")
    page.keyboard.type("Call about the spring order")


def deciding(page: Page) -> None:
    """My day with a question that waits for the reader's answer."""
    if not page.request.get("/api/v1/approvals?limit=1").json()["items"]:
        page.goto("/approvals/new")
        page.fill("#form [name=question]", "May Harbour Cranes have 12 % off the spare parts?")
        page.locator("#form [type=submit]").first.click()
        page.wait_for_url("**/approvals/0*")
    page.goto("/my-day")
    page.wait_for_selector("#approvals, .decision")


def approvals(page: Page) -> None:
    """What was asked, and what was answered."""
    deciding(page)
    page.goto("/approvals")
