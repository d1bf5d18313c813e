"""The command palette by keyboard alone: open, go to a record, create, log a call with, move a deal, theme, undo."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def palette(page: Page, words: str = "", key: str = "Control+k") -> Locator:
    """Open it by its key and type; the option that Enter would take."""
    page.keyboard.press(key)
    expect(page.locator("#search input[name=q]")).to_be_focused()
    page.keyboard.type(words, delay=15)
    return page.locator("#search [aria-selected=true]")


def toast(page: Page, words: str) -> Locator:
    return page.locator("toast-region").get_by_text(re.compile(words)).last


def test_go_to_a_place_a_record_and_back_to_what_was_seen(visit: Visit) -> None:
    page = visit()
    expect(palette(page, "dea")).to_have_text(re.compile("Deals"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Deals")
    expect(palette(page, "quay st")).to_have_text(re.compile("Quay Stop"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Quay Stop")
    page.goto("/deals")
    palette(page)
    expect(page.locator("#search .group", has_text="Recent").locator(".option").first).to_have_text("Quay Stop")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()


def test_enter_waits_for_the_record_that_is_on_its_way(visit: Visit) -> None:
    page = visit()
    palette(page, "night owl")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Night Owl Grocers")


def test_log_a_call_in_one_line_and_in_two_steps(visit: Visit) -> None:
    page = visit()
    chosen = palette(page, "call quay")
    expect(chosen).to_have_text(re.compile("Log call with Quay Stop"))
    expect(page.locator("#search .option", has_text="Quay Stop").nth(1)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#composer-body")).to_be_focused()
    expect(page.locator("#composer [value=call]")).to_be_checked()
    page.keyboard.type("Called from the palette.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .event", has_text="Called from the palette.")).to_be_visible()
    page.keyboard.press("Escape")

    page.goto("/deals")
    expect(palette(page, "log meet")).to_have_text(re.compile("Log meeting with"))
    page.keyboard.press("Tab")
    expect(page.locator("#search .steps")).to_have_text("Log meeting with")
    page.keyboard.type("saffron", delay=15)
    expect(page.locator("#search [aria-selected=true]")).to_have_text(re.compile("Saffron & Sons"))
    page.keyboard.press("Escape")
    expect(page.locator("#search .steps")).to_have_text("")
    expect(page.locator("#search")).to_be_visible()


def test_create_with_what_was_typed(visit: Visit) -> None:
    page = visit()
    palette(page, "Zebra Imports")
    option = page.locator("#search .option", has_text="New organisation")
    expect(option).to_be_visible()
    expect(page.locator("#search [aria-selected=true]")).to_have_text(re.compile("New organisation"))
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [name=name]")).to_have_value("Zebra Imports")
    page.keyboard.press("Escape")

    page.goto("/parties")  # on My day the same key writes a task
    expect(palette(page, key="c")).to_have_text(re.compile("New organisation"))
    page.keyboard.type("deal Summer boxes")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [name=name]")).to_have_value("Summer boxes")


def test_move_the_open_deal_then_undo_from_another_command(visit: Visit) -> None:
    page = visit()
    page.goto("/deals?view=table")
    row = page.locator("tbody tr", has_text="Qualified").first
    page.goto(str(row.locator("[data-item]").get_attribute("href")))
    here = page.locator(".path [aria-current=step]")
    expect(here).to_have_text("Qualified")
    expect(palette(page, "move prop")).to_have_text(re.compile("Move to Proposal"))
    page.keyboard.press("Enter")
    expect(toast(page, "is now Proposal")).to_be_visible()
    expect(here).to_have_text("Proposal")
    expect(palette(page, "undo")).to_have_text(re.compile("Undo last change"))
    page.keyboard.press("Enter")
    expect(toast(page, "Undone")).to_be_visible()
    expect(here).to_have_text("Qualified")


def test_move_another_deal_that_asks_for_more(visit: Visit) -> None:
    page = visit()
    page.goto("/parties")
    palette(page, "move")
    page.keyboard.press("Tab")
    page.keyboard.type("festival", delay=15)
    expect(page.locator("#search [aria-selected=true]")).to_have_text(re.compile("Festival stock: Move to"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#search .steps")).to_have_text(re.compile("Festival stock"))
    page.keyboard.type("lost")
    if page.locator("#search .option").count():  # that one is not lost already
        page.keyboard.press("Enter")
        expect(page.locator("dialog#dialog[open], .toast")).not_to_have_count(0)


def test_theme_and_keys(visit: Visit) -> None:
    page = visit()
    expect(palette(page, "dark")).to_have_text("Dark theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    palette(page, "high contr")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")

    expect(palette(page, "shortc")).to_have_text(re.compile("Keyboard shortcuts"))
    page.keyboard.press("Enter")
    expect(page.locator("#keys input")).to_be_focused()
    page.keyboard.type("stage")
    expect(page.locator("#keys li:visible")).to_have_count(2)
    page.keyboard.press("Escape")
    if page.locator("#keys").is_visible():
        page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_forgiving_and_sparing(visit: Visit) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search?" in request.url else None)
    expect(palette(page, "shrotcuts")).to_have_text(re.compile("Keyboard shortcuts"))
    assert len(asked) <= len("shrotcuts")
    page.keyboard.press("Escape")
    page.goto("/parties")
    asked.clear()
    palette(page, key="c")
    page.keyboard.type("Somebody New", delay=15)
    page.wait_for_timeout(300)
    assert not asked


def test_on_the_phone_it_fills_the_screen(visit: Visit) -> None:
    page = visit(width=390, height=844)
    page.goto("/parties?view=organisations")
    page.locator("a[data-search]:visible").first.click()
    box = page.locator("#search").bounding_box()
    assert box
    assert (round(box["width"]), round(box["height"])) == (390, 844)
    page.keyboard.type("quay")
    page.locator("#search .option", has_text="Quay Stop").first.click()
    expect(page.locator("h1")).to_have_text("Quay Stop")


def test_toasts_stack_wait_and_keep_errors(visit: Visit) -> None:
    page = visit()

    def say(detail: str) -> None:
        page.evaluate(f"document.dispatchEvent(new CustomEvent('toast', {{detail: {detail}}}))")

    say("{text: 'Broken', bad: true}")
    for number in range(4):
        say(f"{{text: 'Saved {number}'}}")
    toasts = page.locator(".toast")
    expect(toasts).to_have_count(3)
    expect(toasts.first).to_contain_text("Broken")
    say("{id: 'job', text: 'Importing', done: 1, total: 4}")
    say("{id: 'job', text: 'Importing', done: 3, total: 4}")
    expect(page.locator("#toast-job progress")).to_have_js_property("value", 3)
    say("{id: 'job', text: 'Imported', done: 4, total: 4}")
    expect(page.locator("#toast-job progress")).to_have_count(0)
    page.locator(".toast", has_text="Imported").hover()
    page.wait_for_timeout(5600)
    expect(page.locator(".toast", has_text="Imported")).to_be_visible()
    page.mouse.move(5, 5)
    page.wait_for_timeout(5600)
    expect(toasts).to_have_count(1)
    toasts.get_by_role("button", name="Dismiss").click()
    expect(toasts).to_have_count(0)
