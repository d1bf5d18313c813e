"""Who changed, took out and opened what."""

from playwright.sync_api import Page

from tools.screens.opening import people

PHONE = 760


def audit(page: Page) -> None:
    """What happened, after an export."""
    _exported(page)
    page.goto("/audit")


def audit_narrowed(page: Page) -> None:
    """What somebody looks for."""
    _exported(page)
    page.goto("/audit?kind=changed&door=ui")


def audit_deed(page: Page) -> None:
    """A deed with every record that it changed."""
    page.goto("/audit")
    page.goto(str(page.locator(".line .end a").last.get_attribute("href")))


def audit_reading(page: Page) -> None:
    """What programs read."""
    page.request.get("/api/v1/parties?limit=200")
    page.request.get("/api/v1/deals?limit=50")
    page.goto("/audit/reading")


def field_history(page: Page) -> None:
    """The history of one field, beside it."""
    people(page)
    page.goto(str(page.locator("tbody a[href^='/parties/']").first.get_attribute("href")))
    edit = page.locator("#card .fields edit-cell[id] .edit").first
    if page.viewport_size and page.viewport_size["width"] < PHONE:
        page.click(".card-tabs [href='#facts']")
        edit.click()
        page.locator("#card [data-editor] footer a[data-pop]").click()
    else:
        edit.focus()
        page.locator("#card .fields .past-link").first.click()
    page.wait_for_selector("#pop .past")


def record_history(page: Page) -> None:
    """The history of a record, to be narrowed by field and person."""
    people(page)
    page.goto(str(page.locator("tbody a[href^='/parties/']").first.get_attribute("href")) + "?channel=changes")


def _exported(page: Page) -> None:
    """Take something out, once per picture."""
    page.request.get("/parties/export?view=people")
