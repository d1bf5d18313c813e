"""Providers that vouch for people: the list, one being added, one being set up."""

from playwright.sync_api import Page


def providers(page: Page) -> None:
    """The providers there are."""
    page.goto("/security/providers")


def new_provider(page: Page) -> None:
    """One being added, its name forgotten."""
    page.goto("/security/providers/new")
    page.click("form.form button[type=submit]")
    page.wait_for_selector(".error")


def one_provider(page: Page) -> None:
    """One being set up, switched on too early."""
    page.goto("/security/providers")
    if page.get_by_role("link", name="Set up Harbour ID").count():
        page.get_by_role("link", name="Set up Harbour ID").first.click()
    else:
        page.goto("/security/providers/new")
        page.fill("[name=name]", "Harbour ID")
        page.click("form.form button[type=submit]")
    page.wait_for_selector("[name=domains]")
    page.fill("[name=domains]", "example.com")
    page.check("[name=is_active]")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector(".error")
