"""Duplicates: the queue, records side by side, the warning while one types."""

from playwright.sync_api import Page

from tools.screens.opening import people


def duplicates(page: Page) -> None:
    """Pairs to review."""
    page.goto("/parties/duplicates")
    page.wait_for_selector("#queue")


def side_by_side(page: Page) -> None:
    """Two records, and whose value each field keeps."""
    people(page)
    ids = page.locator("#rows [name=id]").evaluate_all("boxes => boxes.slice(0, 2).map((box) => box.value)")
    page.goto(f"/parties/merge?ids={','.join(ids)}")
    page.wait_for_selector(".merge")


def already_here(page: Page) -> None:
    """The form of a new person knows somebody of that name."""
    people(page)
    name = page.locator("#rows [data-item]").first.inner_text()
    page.goto("/parties/new?kind=person")
    page.locator("[name=name]").press_sequentially(name)
    page.wait_for_selector(".alike")
