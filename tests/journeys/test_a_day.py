"""A whole day by keyboard alone, from My day to signing out: nothing of it needs the mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def toast(page: Page, words: str) -> Locator:
    """The newest toast with these words."""
    return page.locator("toast-region").get_by_text(re.compile(words)).last


def by_palette(page: Page, words: str, option: str) -> None:
    """Open the palette, type, and take what it proposes once that is ``option``."""
    page.keyboard.press("Control+k")
    expect(page.locator("#search input[name=q]")).to_be_focused()
    page.keyboard.type(words, delay=15)
    expect(page.locator("#search [aria-selected=true]")).to_have_text(re.compile(option))
    page.keyboard.press("Enter")


def test_a_day_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    expect(page.locator("h1")).to_have_text("My day")
    plan_and_visit(page)
    a_deal_on_the_board(page)
    many_at_once(page)
    the_people_of_a_firm(page)
    by_palette(page, "sign out", "Sign out")
    expect(page.locator("[name=password]")).to_be_visible()


def plan_and_visit(page: Page) -> None:
    """A task for today, then to a customer, whose note mentions a colleague."""
    press, write = page.keyboard.press, page.keyboard.type
    press("c")
    write("Weigh the new pallets today 23:40", delay=5)
    press("Enter")
    expect(page.locator(".task", has_text="Weigh the new pallets")).to_be_visible()
    press("Escape")
    by_palette(page, "bluewater", "Bluewater Markets")
    expect(page.locator("h1")).to_have_text("Bluewater Markets")
    press("n")
    write("They like the new range, @tom", delay=30)
    expect(page.locator("mention-box .option", has_text="Tomás Rey")).to_be_visible()
    press("Enter")
    write("will hear more on Monday.")
    press("Control+Enter")
    expect(page.locator("#timeline .mention", has_text="@Tomás Rey").first).to_be_visible()
    press("Escape")


def a_deal_on_the_board(page: Page) -> None:
    """A new deal for that customer, moved one stage on."""
    press, write = page.keyboard.press, page.keyboard.type
    press("d")
    expect(page.locator("dialog[open] [name=name]")).to_be_focused()
    write("Range for the spring")
    press("Control+Enter")
    expect(page.locator("#beside a", has_text="Range for the spring")).to_be_visible()
    press("g")
    press("d")
    tile = page.locator(".tile", has_text="Range for the spring")
    expect(tile).to_be_visible()
    for _key in range(60):  # down the first column, wherever it stands
        if tile.locator("[data-item]").evaluate("each => each === document.activeElement"):
            break
        press("j")
    expect(tile.locator("[data-item]")).to_be_focused()
    press("]")
    expect(page.locator(".column[data-name=Qualified] .tile", has_text="Range for the spring")).to_be_visible()


def many_at_once(page: Page) -> None:
    """The list filtered and sorted, two rows tagged in one go, and that taken back."""
    press, write = page.keyboard.press, page.keyboard.type
    press("g")
    press("o")
    expect(page.locator("h1")).to_have_text("Organisations")
    press("f")
    expect(page.locator("#pop [data-seek]")).to_be_focused()
    write("roles")
    press("Enter")
    expect(page.locator("#pop [name=value]").first).to_be_visible()
    reach(page, "#pop label:has-text('Supplier') input")
    press("Space")
    press("Enter")
    expect(page.locator("#rows tr[id]")).to_have_count(2)
    reach(page, "#sort-name")
    press("Enter")
    expect(page.locator("th[data-field=name]")).to_have_attribute("aria-sort", "descending")

    reach(page, "#rows [data-item]")
    press("x")
    press("j")
    press("x")
    expect(page.locator("#bulk [data-number]")).to_have_text("2")
    reach(page, "#bulk [value='add:tags']")
    press("Enter")
    expect(page.locator("#pop .ask")).to_be_visible()
    reach(page, "#pop input[name=value]:not([type=checkbox])")
    write("Spring fair")
    press("Enter")
    expect(toast(page, "2 changed")).to_be_visible()
    press("z")
    expect(toast(page, "Undone")).to_be_visible()


def reach(page: Page, where: str) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    wanted = page.locator(where).first
    for _key in range(200):  # a card full of facts is long
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def the_people_of_a_firm(page: Page) -> None:
    """From the customer's card to its org chart and on to one of its people."""
    by_palette(page, "bluewater", "Bluewater Markets")
    expect(page.locator("#card h1")).to_have_text("Bluewater Markets")
    expect(page.locator(".ways")).to_be_visible()
    reach(page, ".ways a[href$='/org-chart']")
    page.keyboard.press("Enter")
    expect(page.locator("h1.here")).to_contain_text("Bluewater Markets")
    reach(page, ".member")
    page.keyboard.press("Enter")
    expect(page.locator("#card h1")).to_be_visible()
    page.wait_for_load_state()
