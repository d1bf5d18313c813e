"""Queues: looked after, on My day, in lists, and the dialog that puts something there."""

from playwright.sync_api import Page

from tools.screens.opening import list_of

NAME = "Inbound leads"


def made(page: Page) -> None:
    """There is a queue, the reader is a member, and something waits in it."""
    page.goto("/access/queues")
    if page.get_by_role("link", name=NAME).count():
        page.get_by_role("link", name=NAME).click()
        page.wait_for_selector("#members")
        return
    page.goto("/access/queues/new")
    page.fill("[name=name]", NAME)
    page.get_by_role("button", name="Make queue").click()
    page.get_by_role("combobox", name="Add a member").press_sequentially("Maria")
    page.locator(".options .option", has_text="Maria").first.click()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_selector(".shares li")
    for name in ("Trade fair visitor", "Call from the web site"):
        page.goto("/parties/new")
        page.fill("#form [name=name]", name)
        page.get_by_role("combobox", name="Owner").fill("")
        page.get_by_role("combobox", name="Owner").press_sequentially(NAME[:4])
        page.locator(".options .option", has_text=NAME).click()
        page.locator("#form [type=submit]").first.click()
        page.wait_for_url("**/parties/0*")


def all_queues(page: Page) -> None:
    """Every queue, with what waits there."""
    made(page)
    page.goto("/access/queues")


def new_queue(page: Page) -> None:
    """A queue being made, its name forgotten."""
    page.goto("/access/queues/new")
    page.click("form.form [type=submit]")
    page.wait_for_selector(".error")


def one_queue(page: Page) -> None:
    """One queue: its members, what waits."""
    made(page)
    page.goto("/access/queues")
    page.get_by_role("link", name=NAME).click()
    page.wait_for_selector("#members")


def waiting(page: Page) -> None:
    """My day of somebody who takes from a queue."""
    made(page)
    list_of(page, "/my-day")
    page.wait_for_selector(".queue .task")


def waits_in(page: Page) -> None:
    """The list of what waits in a queue."""
    waiting(page)
    page.locator(".queue h3 a").first.click()
    page.wait_for_selector("#rows")


def put_in_queue(page: Page) -> None:
    """A record about to be put in a queue."""
    list_of(page, "/parties?view=organisations&q=quay")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    page.click("[popovertarget=card-menu]")
    page.get_by_text("Put in a queue…").click()
    page.wait_for_selector("dialog[open] form")
