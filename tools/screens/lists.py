"""What lists can do: filter, columns, selection, the peek beside them."""

from playwright.sync_api import Page

from tools.screens.opening import FIRST_ROW, deals, list_of, organisations


def filtering(page: Page) -> None:
    """A condition being edited over the list, beside one in force."""
    tree = '{"field":"roles","op":"has_any","value":["customer","supplier"]}'
    list_of(page, f"/parties?view=organisations&filter={tree}")
    page.locator("#add-filter").click()
    page.locator("#pop").get_by_role("link", name="Last contact", exact=True).click()
    page.wait_for_selector("#pop form")


def columns(page: Page) -> None:
    """The chooser of columns."""
    organisations(page)
    if page.locator("#choose").is_visible():
        page.locator("#choose").click()
    else:
        page.locator("[popovertarget=list-menu]").click()
        page.locator("#list-menu a[href*=columns]").click()
    page.wait_for_selector("#pop .choices")


def selected(page: Page) -> None:
    """Rows selected, and what can be done to them."""
    deals(page)
    for at in range(1, 4):
        page.locator("#rows [name=id]").nth(at).evaluate("box => box.click()")


def one_value(page: Page) -> None:
    """One value for what is selected."""
    selected(page)
    page.locator("#bulk button[value=set]").click()
    page.wait_for_selector("#pop .fields-menu")


def grouped(page: Page) -> None:
    """Deals by their stage, each group with its sums."""
    page.goto("/deals?view=table&group=stage")
    page.wait_for_selector("#rows .parting")


def binned(page: Page) -> None:
    """The bin as a list."""
    page.goto("/parties?binned=1")


def peek(page: Page) -> None:
    """The preview beside the list."""
    organisations(page)
    page.locator(FIRST_ROW).nth(2).focus()
    page.keyboard.press("Space")
    page.wait_for_selector("#peek:not([hidden]) h2")
