"""Lists by where they are, and with columns of what they are related to."""

from playwright.sync_api import Page

from tools.screens.opening import list_of


def _map(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".world")
    page.wait_for_load_state("networkidle")


def world_map(page: Page) -> None:
    """Organisations and people by country."""
    _map(page, "/parties?view=map")


def deals_map(page: Page) -> None:
    """Deals by the country of their customers, over the whole world."""
    _map(page, "/deals?view=map&around=world")


def country_map(page: Page) -> None:
    """What is within one country."""
    _map(page, '/parties?view=map&filter={"field":"address.country","op":"eq","value":"GB"}')


def further_columns(page: Page) -> None:
    """Deals with columns of their customers and owners."""
    columns = "name,party,party.industry,party.address.country,party.phone,amount,owner,owner.team"
    list_of(page, f"/deals?view=table&columns={columns}&sort=party.industry")


def choosing_further(page: Page) -> None:
    """The chooser of columns, with those of related records."""
    further_columns(page)
    if page.locator("#choose").is_visible():
        page.locator("#choose").click()
    else:
        page.locator("[popovertarget=list-menu]").click()
        page.locator("#list-menu a[href*='/columns?']").click()
    page.locator("#pop details.further summary").nth(1).click()
