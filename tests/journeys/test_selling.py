"""The seller's day: find a customer, read the card, log a call, create a deal, move it to Won, undo, edit a field."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import SLOW

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
# All columns of the board side by side, so that a drag needs no scrolling.
WIDE = 2000


def column(page: Page, name: str) -> Locator:
    """The column of a stage."""
    return page.locator(f".column[data-name='{name}']")


def toast(page: Page, words: str) -> Locator:
    """The newest toast with these words."""
    return page.locator("toast-region").get_by_text(re.compile(words)).last


def test_by_mouse(visit: Visit) -> None:
    page = visit(width=WIDE)
    page.locator("[data-search]").first.click()
    page.locator("#search input[name=q]").press_sequentially("nig", delay=30)
    page.locator("#search .option", has_text="Night Owl Grocers").click()
    expect(page.locator("h1")).to_have_text("Night Owl Grocers")
    expect(page.locator("#timeline .event").first).to_be_visible()

    page.locator("#composer label.tab", has_text="Log call").click()
    page.fill("#composer-body", "Asked for the price of the gift boxes.")
    page.locator("#composer button[type=submit]").click()
    expect(toast(page, "Call logged")).to_be_visible()
    expect(page.locator("#timeline .event", has_text="Asked for the price of the gift boxes.")).to_be_visible()
    expect(page.locator("#composer-body")).to_have_value("")

    page.locator("[data-new-deal]").click()
    page.fill("dialog[open] [name=name]", "Gift boxes by mouse")
    page.fill("dialog[open] [name=amount]", "1250.50")
    page.locator("dialog[open] button[type=submit]").click()
    expect(toast(page, "created")).to_be_visible()
    expect(page.locator("#beside a", has_text="Gift boxes by mouse")).to_be_visible()

    page.goto("/deals")
    card = page.locator(".tile", has_text="Gift boxes by mouse")
    drag(page, card, column(page, "Won").locator(".cards"))
    expect(toast(page, "moved to Won")).to_be_visible()
    expect(column(page, "Won").locator(".tile", has_text="Gift boxes by mouse")).to_be_visible()

    page.locator("toast-region").get_by_role("button", name="Undo").last.click()
    expect(toast(page, "Undone")).to_be_visible()
    expect(column(page, "New").locator(".tile", has_text="Gift boxes by mouse")).to_be_visible()


def drag(page: Page, card: Locator, target: Locator) -> None:
    """Drag with the mouse, slowly enough for a drag library to notice."""
    start, end = card.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 40, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + 40, steps=12)
    page.wait_for_timeout(120)
    page.mouse.up()


def test_edit_a_fact_in_place_and_undo(visit: Visit) -> None:
    page = visit()
    page.goto("/parties?view=organisations&q=canyon")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    cell = page.locator("#cell-industry")
    cell.locator("[data-edit]").click()
    cell.locator("[name=value]").fill("Wholesale")
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("Wholesale")
    expect(toast(page, "saved")).to_be_visible()
    page.reload()
    expect(page.locator("#cell-industry")).to_contain_text("Wholesale")

    point = page.locator(f"#{page.locator('#parts edit-cell', has_text='office@').get_attribute('id')}")
    point.locator("[data-edit]").click()
    point.locator("[name=value]").fill("not an address")
    page.keyboard.press("Enter")
    expect(point).to_contain_text("is not an e-mail address")
    expect(point.locator("[name=value]")).to_have_value("not an address")
    page.keyboard.press("Escape")
    expect(point.locator("form")).to_have_count(0)


def test_rename_in_the_head_and_fill_an_empty_field_by_keyboard(visit: Visit) -> None:
    page = visit()
    page.goto("/parties?view=organisations&q=piccola")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    page.keyboard.press("e")
    page.locator("#cell-name [name=value]").fill("Piccola Bottega Due")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Piccola Bottega Due")
    expect(page.locator("nav .crumbs [aria-current]")).to_have_text("Piccola Bottega Due")

    fold = page.locator(".empties > summary", has_text="Registration")
    expect(page.locator("#cell-tax_number")).to_be_hidden()
    fold.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-legal_name [name=value]")).to_be_focused()
    page.keyboard.type("Piccola Bottega S.r.l.")
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="Registration")).to_be_visible()
    expect(page.locator("dl:not(.empties dl) #cell-legal_name .shown")).to_have_text("Piccola Bottega S.r.l.")


def test_a_key_pressed_as_the_page_comes_works_in_place(visit: Visit) -> None:
    page = visit()
    page.goto("/parties?view=organisations&q=piccola")
    address = str(page.locator("[data-item]").first.get_attribute("href"))
    early = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'e', bubbles: true}))"
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {early})")
    page.goto(address)
    expect(page.locator("#cell-name [name=value]")).to_be_focused()
    assert page.url.endswith(address)


def test_a_key_pressed_before_the_script_is_there_waits_for_it(visit: Visit) -> None:
    page = visit()
    page.goto("/parties?view=organisations&q=piccola")
    address = str(page.locator("[data-item]").first.get_attribute("href"))

    def late(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/rapport.js*", late)
    page.goto(address, wait_until="commit")
    expect(page.locator("#composer-body")).to_be_visible()
    page.keyboard.press("l")
    expect(page.locator("#composer-body")).to_be_focused()
    expect(page.locator("#composer [value=call]")).to_be_checked()


def test_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    press = page.keyboard.press
    press("/") if page.locator("[data-find]").count() == 0 else press("Control+k")
    page.keyboard.type("qua", delay=30)
    expect(page.locator("#search [aria-selected=true]")).to_contain_text("Quay Stop")
    press("Enter")
    expect(page.locator("h1")).to_have_text("Quay Stop")

    press("l")
    expect(page.locator("#composer-body")).to_be_focused()
    page.keyboard.type("Called by keyboard.")
    press("Control+Enter")
    expect(page.locator("#timeline .event", has_text="Called by keyboard.")).to_be_visible()

    press("Escape")
    press("d")
    expect(page.locator("dialog[open] [name=name]")).to_be_focused()
    page.keyboard.type("Keyboard deal")
    press("Control+Enter")
    expect(page.locator("#beside a", has_text="Keyboard deal")).to_be_visible()

    press("g")
    press("d")
    expect(page.locator("h1")).to_have_text("Deals")
    card = page.locator(".tile", has_text="Keyboard deal")
    card.locator("[data-item]").focus()
    for _stage in range(4):
        press("]")
        page.wait_for_timeout(400)
    expect(column(page, "Won").locator(".tile", has_text="Keyboard deal")).to_be_visible()
    expect(toast(page, "moved to Won")).to_be_visible()
    press("z")
    expect(toast(page, "Undone")).to_be_visible()
    expect(column(page, "Negotiation").locator(".tile", has_text="Keyboard deal")).to_be_visible()

    press("g")
    press("o")
    expect(page.locator("h1")).to_have_text("Organisations")
    press("j")
    press("j")
    press("Space")
    expect(page.locator("#peek h2")).to_be_visible()
    press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    press("Enter")
    expect(page.locator("#card")).to_be_visible()
    press("e")
    expect(page.locator("edit-cell form").first).to_be_visible()


def test_stages_pressed_faster_than_they_are_answered(visit: Visit) -> None:
    page = visit(width=WIDE)
    page.add_init_script(SLOW)
    page.goto("/deals?view=table")
    page.locator("a[data-create]").first.click()
    page.fill("dialog[open] [name=name]", "In haste")
    page.locator("dialog[open] button[type=submit]").click()
    expect(toast(page, "created")).to_be_visible()
    page.goto("/deals")
    names = page.locator(".column").evaluate_all("all => all.map((each) => each.dataset.name)")
    page.locator(".tile", has_text="In haste").locator("[data-item]").focus()
    for key in "]][]":
        page.keyboard.press(key)
    page.wait_for_timeout(2500)  # it comes by there once already on its way
    landed = column(page, names[2]).locator(".tile", has_text="In haste")
    expect(landed.locator("[data-item]")).to_be_focused()
    expect(page.locator(".toast.bad")).to_have_count(0)
    page.reload()
    expect(column(page, names[2]).locator(".tile", has_text="In haste")).to_be_visible()


def test_a_card_is_not_lifted_while_its_own_move_is_on_its_way(visit: Visit) -> None:
    page = visit(width=WIDE)
    page.add_init_script(SLOW.replace("250", "1500"))
    page.goto("/deals")
    names = page.locator(".column").evaluate_all("all => all.map((each) => each.dataset.name)")
    card = column(page, names[0]).locator(".tile").first
    key = card.get_attribute("data-id")
    drag(page, card, column(page, names[1]).locator(".cards"))
    landed = column(page, names[1]).locator(f"#tile-{key}")
    expect(landed).to_have_attribute("aria-busy", "true")
    drag(page, landed, column(page, names[2]).locator(".cards"))
    expect(landed).to_be_visible()
    expect(landed).not_to_have_attribute("aria-busy", "true")
    drag(page, landed, column(page, names[2]).locator(".cards"))
    expect(column(page, names[2]).locator(f"#tile-{key}")).to_be_visible()
    page.wait_for_timeout(2000)
    expect(page.locator(".toast.bad")).to_have_count(0)
    expect(column(page, names[2]).locator(f"#tile-{key}")).to_be_visible()


def test_a_lost_deal_asks_for_the_reason(visit: Visit) -> None:
    page = visit(width=WIDE)
    page.goto("/deals")
    card = column(page, "New").locator(".tile").first
    name = card.locator("[data-item]").inner_text()
    key = card.get_attribute("data-id")
    drag(page, card, column(page, "Lost").locator(".cards"))
    expect(page.locator("dialog[open] [name=lost_reason]")).to_be_visible()
    page.fill("dialog[open] [name=lost_reason]", "Price")
    page.locator("dialog[open] button[type=submit]").click()
    expect(toast(page, f"{re.escape(name)}.*moved to Lost")).to_be_visible()
    expect(column(page, "Lost").locator(f"#tile-{key}")).to_be_visible()


def test_two_people_edit_one_field(visit: Visit) -> None:
    mine, theirs = visit(), visit()
    mine.goto("/parties?view=organisations&q=saffron")
    url = str(mine.locator("[data-item]").first.get_attribute("href"))
    for page in (mine, theirs):
        page.goto(url)
        page.locator("#cell-industry [data-edit]").click()
        expect(page.locator("#cell-industry [name=value]")).to_be_visible()
    theirs.locator("#cell-industry [name=value]").fill("Tea")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#cell-industry")).to_contain_text("Tea")
    mine.locator("#cell-industry [name=value]").fill("Coffee")
    mine.keyboard.press("Enter")
    expect(mine.locator("#cell-industry .clash")).to_contain_text("Tea")
    expect(mine.locator("#cell-industry [name=value]")).to_have_value("Coffee")


def test_a_call_is_logged_from_the_preview(visit: Visit) -> None:
    """The preview leads to the record's composer, with the channel chosen and the pen in hand."""
    page = visit()
    page.goto("/deals?view=table")
    page.locator("a[data-peek][data-item]").first.focus()
    page.keyboard.press("Space")
    page.locator("#peek").get_by_role("link", name="Log call").click()
    expect(page.locator("#composer [name=channel][value=call]")).to_be_checked()
    expect(page.locator("#composer-body")).to_be_focused()
    page.keyboard.type("Asked for the new price list")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .event").first).to_contain_text("Asked for the new price list")
