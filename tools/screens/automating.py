"""Automations: what to begin with, the editor, a dry run, the card, the log."""

from playwright.sync_api import Page


def automation_new(page: Page) -> None:
    """Ready-made ones to begin with."""
    page.goto("/automations/new")


def automation_editor(page: Page) -> None:
    """The editor with the dry run beside it."""
    page.goto("/automations/plan?recipe=first_call")
    page.get_by_role("button", name="Try it").click()
    page.locator("#tried details").first.wait_for()


def automation_card(page: Page) -> None:
    """An automation in words."""
    page.goto("/automations")
    if not page.locator("#rows a.row-link").count():
        page.goto("/automations/plan?recipe=won")
        page.get_by_role("button", name="Save").click()
    else:
        page.goto(str(page.locator("#rows a.row-link").first.get_attribute("href")))
    page.locator(".told-plan").wait_for()


def automation_log(page: Page) -> None:
    """What it did."""
    automation_card(page)
    page.goto(page.url.rstrip("/") + "/runs")
