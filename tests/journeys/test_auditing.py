"""An administrator asks who did what, takes it back, and looks at the history of one field."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tools.screens.opening import people

pytestmark = pytest.mark.browser


def test_what_was_changed_is_found_and_taken_back(visit: Callable[..., Page]) -> None:
    page = visit()
    people(page)
    page.locator("tbody a[href^='/parties/']").first.focus()
    page.goto(str(page.locator("tbody a[href^='/parties/']").first.get_attribute("href")))
    name = page.locator("#card h1").inner_text()
    cell = page.locator("#cell-title")
    if not cell.is_visible():
        page.locator(".empties summary").first.click()
    cell.locator("[data-edit]").click()
    cell.locator("[name=value]").fill("Auditor of boats")
    cell.locator("[name=value]").press("Enter")
    expect(cell).to_contain_text("Auditor of boats")

    page.goto("/my-day")
    page.locator(".me > button").click()
    page.get_by_role("link", name="Audit", exact=True).click()
    line = page.locator(".line").filter(has_text="Auditor of boats").first
    expect(line).to_contain_text(name)
    assert not axe(page)
    page.get_by_text("Narrow down").click()
    page.get_by_label("What", exact=True).select_option("changed")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("kind=changed"))
    line = page.locator(".line").filter(has_text="Auditor of boats").first
    line.get_by_role("link", name="Open").click()
    expect(page.locator("main")).to_contain_text("Auditor of boats")
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.locator("toast-region")).to_contain_text("Undone")


def test_the_history_of_a_field_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit()
    people(page)
    page.goto(str(page.locator("tbody a[href^='/parties/']").nth(1).get_attribute("href")))
    cell = page.locator("#card .fields edit-cell[id]").first
    cell.locator("[data-edit]").focus()
    page.keyboard.press("Tab")
    expect(cell.locator(".past-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pop")).to_contain_text("History of")
    assert not axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#pop")).to_be_hidden()


def test_the_history_of_a_record_is_narrowed_without_a_reload(visit: Callable[..., Page]) -> None:
    page = visit(width=390, height=844)
    people(page)
    page.goto(str(page.locator("tbody a[href^='/parties/']").nth(1).get_attribute("href")) + "?channel=changes")
    page.locator("#past-field").select_option("owner")
    expect(page.locator("#timeline .deltas")).not_to_have_count(0)
    expect(page.locator("#timeline .deltas dt").first).to_have_text("Owner")


def test_a_seller_has_no_way_to_it(visit: Callable[..., Page]) -> None:
    page = visit(who="nora@harbour.example")
    page.locator(".me > button").click()
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    expect(page.get_by_role("link", name="Audit", exact=True)).to_have_count(0)
