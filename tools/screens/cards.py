"""Cards and what is done on them."""

from playwright.sync_api import Page

from tools.screens.opening import FIRST_ROW, deals, open_first, organisations, people


def card(page: Page) -> None:
    """The card of an organisation."""
    organisations(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))


def person(page: Page) -> None:
    """The card of a person."""
    people(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))


def _of_card(page: Page, place: str) -> None:
    organisations(page)
    page.goto(f"{page.locator(FIRST_ROW).nth(2).get_attribute('href')}{place}")


def org_chart(page: Page) -> None:
    """The org chart of an organisation."""
    _of_card(page, "/org-chart")


def relation_map(page: Page) -> None:
    """The relationship map of an organisation."""
    _of_card(page, "/map")


def related(page: Page) -> None:
    """The card of an organisation that has points, roles and relations."""
    _of_card(page, "")
    if page.locator("a[href='#beside']").is_visible():
        page.locator("a[href='#beside']").click()
    page.locator(".point").first.scroll_into_view_if_needed()


def deal(page: Page) -> None:
    """The card of a deal."""
    deals(page)
    page.goto(str(page.locator(FIRST_ROW).first.get_attribute("href")))


def editing(page: Page) -> None:
    """A fact being edited in place."""
    card(page)
    if page.locator("a[href='#facts']").is_visible():
        page.locator("a[href='#facts']").click()
    page.locator("#cell-industry [data-edit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#cell-industry form")


def unfolded(page: Page) -> None:
    """A card with its empty fields shown."""
    card(page)
    if page.locator("a[href='#facts']").is_visible():
        page.locator("a[href='#facts']").click()
    for fold in page.locator("#facts .empties > summary").all():
        fold.click()


def stage(page: Page) -> None:
    """A card that the engine makes."""
    open_first(page, "stages")


def colleague(page: Page) -> None:
    """The card of a user."""
    open_first(page, "users")


def interaction(page: Page) -> None:
    """The card of an interaction."""
    open_first(page, "interactions")


def in_the_bin(page: Page) -> None:
    """The menu of a card."""
    open_first(page, "deals")
    page.get_by_role("button", name="More", exact=True).first.click()
    page.wait_for_timeout(150)


def share(page: Page) -> None:
    """The sharing dialog of a card, with somebody in it and the next one being sought."""
    card(page)
    for name in ("", "j"):
        page.locator('a[href$="/share"]').click()
        page.wait_for_selector("dialog[open] .share")
        page.locator("dialog[open] [role=combobox]").press_sequentially(name or "m")
        page.wait_for_selector("dialog[open] .option")
        if not name:
            page.keyboard.press("Enter")
            page.locator("dialog[open] .with button[type=submit]").click()
            page.wait_for_selector("dialog:not([open])#dialog", state="attached")


def _tags_of_card(page: Page) -> None:
    """The facts of a card, its tags in view."""
    card(page)
    if page.locator("a[href='#facts']").is_visible():
        page.locator("a[href='#facts']").click()
    fold = page.locator(".empties:has(#cell-tags) > summary")
    if fold.count():
        fold.click()


def tagging(page: Page) -> None:
    """Tags being chosen on a card, the same whether or not it had some before."""
    _tags_of_card(page)
    for name in ("Key account", "Trade fair"):
        if name in page.locator("#cell-tags").inner_text():
            continue
        page.locator("#cell-tags [data-edit]").focus()
        page.keyboard.press("Enter")
        page.locator("#cell-tags [role=combobox]").press_sequentially(name)
        page.wait_for_selector("#cell-tags .option")
        page.keyboard.press("Enter")
        page.locator("#cell-tags form button[type=submit]").click()
        page.wait_for_selector("#cell-tags .shown.chips")
    _tags_of_card(page)
    page.locator("#cell-tags [data-edit]").focus()
    page.keyboard.press("Enter")
    page.locator("#cell-tags [role=combobox]").press_sequentially("e")
    page.wait_for_timeout(200)
