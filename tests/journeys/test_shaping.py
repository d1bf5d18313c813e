"""An administrator calls things otherwise and lays a card out: by mouse, by keyboard, on a phone; and takes it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import SLOW, axe
from tests.journeys.test_lists import toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
NAMES = "li[data-place] .name"


def placed(page: Page, zone: str) -> list[str]:
    """The names in a zone, in order."""
    return page.locator(f"[data-zone={zone}] {NAMES}").all_text_contents()


def saved(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(toast(page, "laid out so from now on")).to_be_visible()


def undone(page: Page) -> None:
    page.locator("toast-region").get_by_role("button", name="Undo").last.click()
    expect(toast(page, "Undone")).to_be_visible()


def test_a_card_is_laid_out_by_mouse_and_taken_back(visit: Visit) -> None:
    page = visit()
    page.goto("/set-up/layouts/sample")
    first = placed(page, "s0")
    moved, target = page.locator(f"[data-zone=s0] {NAMES}").last, page.locator(f"[data-zone=s0] {NAMES}").first
    name = moved.text_content()
    start, end = moved.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] - 20, steps=5)
    page.mouse.move(end["x"] + 20, end["y"] - 2, steps=15)
    page.mouse.up()
    expect(page.locator(f"[data-zone=s0] {NAMES}").first).to_have_text(str(name))
    expect(page.locator(".outcome dt").first).to_have_text(str(name))
    page.get_by_role("button", name="Add a section").click()
    heading = page.get_by_label("Heading of section 2")
    heading.fill("Afterwards")
    heading.press("Tab")
    page.locator(f"[data-zone=s0] li:has-text('{first[1]}') [data-to]").click()
    page.locator("#move-menu button", has_text="Afterwards").click()
    expect(page.locator(f"[data-zone=s1] {NAMES}")).to_have_text([first[1]])
    assert not axe(page)
    saved(page)
    page.reload()
    assert placed(page, "s1") == [first[1]]
    page.get_by_role("button", name="Back to the standard").click()
    expect(page.locator("[data-zone=s1]")).to_have_count(0)
    saved(page)
    undone(page)
    page.reload()
    assert placed(page, "s1") == [first[1]], "the undo of going back"


def test_by_keys_alone(visit: Visit) -> None:
    page = visit()
    page.goto("/set-up/layouts/deal")
    before = placed(page, "s0")
    page.locator("#up-amount").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#said")).to_contain_text("Value: Deal, 2 of")
    expect(page.locator("#up-amount")).to_be_focused()
    assert placed(page, "s0")[1] == "Value"
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#said")).to_contain_text("Value: Deal, 3 of")
    assert placed(page, "s0") == before
    page.locator("#out-tags").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-zone=out] li:has-text('Tags')")).to_be_visible()
    page.locator("#to-tags").focus()
    page.keyboard.press("Enter")
    page.locator("#move-menu button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-zone=s0] li:has-text('Tags')")).to_be_visible()


def test_what_is_done_before_the_answer_is_not_lost(visit: Visit) -> None:
    page = visit()
    page.add_init_script(SLOW)
    page.goto("/set-up/layouts/deal")
    before = placed(page, "s0")
    last = page.locator("[data-zone=s0] li[data-place] [id^=up-]").last
    last.focus()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowUp")
    page.get_by_role("button", name="Add a section").click()
    expect(page.get_by_label("Heading of section 2")).to_be_visible()
    expect(page.locator(f"[data-zone=s0] {NAMES}")).to_have_text([*before[:-4], before[-1], *before[-4:-1]])
    heading = page.get_by_label("Heading of section 2")
    heading.fill("Afterwards")
    heading.press("Tab")
    page.locator("#to-amount").click()
    page.locator("#move-menu button", has_text="Afterwards").click()
    expect(page.locator("[data-zone=s1] li:has-text('Value')")).to_be_visible()
    expect(heading).to_have_value("Afterwards")


def test_words_hold_at_once_everywhere(visit: Visit) -> None:
    page = visit()
    page.goto("/set-up/names/sample")
    page.get_by_label("Many of them").fill("Trials")
    page.get_by_label("One of them").fill("Trial")
    page.locator("[name='help.name']").fill("What was given, in a few words.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(toast(page, "These are the words from now on")).to_be_visible()
    page.goto("/samples")
    expect(page.locator("nav").get_by_role("link", name="Trials").first).to_be_visible()
    page.goto("/samples/new")
    expect(page.get_by_role("heading", name="New trial")).to_be_visible()
    expect(page.locator("main")).to_contain_text("What was given, in a few words.")
    page.goto("/set-up/names/sample")
    assert not axe(page)
    page.get_by_role("button", name="Call everything as it comes").click()
    expect(toast(page, "These are the words from now on")).to_be_visible()
    page.goto("/samples")
    expect(page.locator("nav").get_by_role("link", name="Samples").first).to_be_visible()


def test_on_a_phone(visit: Visit) -> None:
    page = visit(width=390, height=844)
    for address in ("/set-up/layouts/party", "/set-up/names/deal", "/set-up/layouts/deal?part=lists"):
        page.goto(address)
        wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
        assert wide <= 0, address
    page.goto("/set-up/layouts/deal")
    page.locator("#out-tags").click()
    expect(page.locator("[data-zone=out] li:has-text('Tags')")).to_be_visible()
