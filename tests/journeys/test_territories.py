"""A territory is made, its rule tried and saved; records find their way into it, and a colleague gets it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tools.screens.access import ruled

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def made(page: Page, name: str, country: str, parent: str = "") -> None:
    """A territory of one country."""
    page.goto("/access/territories")
    page.get_by_role("link", name="New territory").click()
    page.get_by_label("Name").fill(name)
    if parent:
        page.get_by_role("combobox", name="Part of").fill(parent)
        page.get_by_role("option", name=parent).first.click()
    page.get_by_role("button", name="Make territory").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    if country:
        ruled(page, country)
        page.get_by_role("button", name="Try the rule").click()
        expect(page.locator("#tried")).to_contain_text("fit this rule")
        page.get_by_role("button", name="Save rule").click()
        expect(page).to_have_url(re.compile("/access/territories$"))


def line(page: Page, name: str) -> object:
    """Where a territory stands in the tree."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name, exact=True))


def sorted_out(page: Page, name: str) -> None:
    """The work in the background has put something into it."""
    for _turn in range(20):
        page.goto("/access/territories")
        if not re.search(r"\b0 organisations", line(page, name).inner_text()):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"nothing came into {name}")


def test_a_rule_is_tried_and_saved_and_what_fits_is_there(visit: Visit) -> None:
    page = visit()
    page.goto("/access/territories/new")
    assert not axe(page)
    made(page, "Home markets", "")
    made(page, "German firms", "DE", "Home markets")
    sorted_out(page, "German firms")
    expect(line(page, "German firms")).to_contain_text("Country is Germany")
    expect(line(page, "German firms")).to_have_class(re.compile("deep-1"))
    assert not axe(page)
    made(page, "Danish firms", "DK", "Home markets")
    page.get_by_role("button", name="Ask Danish firms earlier").click()
    names = page.locator(".territories .row-link")
    expect(names.filter(has_text=re.compile("firms$")).first).to_have_text("Danish firms")

    page.get_by_role("link", name="German firms", exact=True).click()
    page.get_by_role("combobox", name="Colleague").fill("Nora")
    page.get_by_role("option", name="Nora Lind").first.click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".members")).to_contain_text("Nora Lind")
    expect(page.locator(".past")).to_contain_text("changed its people")
    assert not axe(page)

    page.locator(".lying .link").first.click()
    expect(page.get_by_text("Territory", exact=True).first).to_be_visible()
    page.locator("tbody a").first.click()
    page.goto(page.url.partition("?")[0] if "/parties/" in page.url else first_record(page))
    cell = page.locator("edit-cell", has=page.locator("#told-territory"))
    cell.hover()
    expect(page.locator("#told-territory")).to_contain_text("By rule: Country is Germany")
    assert not axe(page)


def first_record(page: Page) -> str:
    """The address of the first record of a list."""
    key = str(page.locator("tbody tr[id^='row-']").first.get_attribute("id")).removeprefix("row-")
    return f"/parties/{key}"


def test_a_rule_that_goes_with_who_looks_is_refused_on_the_phone(visit: Visit) -> None:
    page = visit(width=390, height=844)
    made(page, "Mine", "")
    page.goto("/access/territories")
    page.get_by_role("link", name="Mine", exact=True).click()
    page.locator("#add-rule").click()
    page.locator("#pop").get_by_text("Owner", exact=True).first.click()
    page.locator("#pop select").first.select_option("me")
    page.locator("#pop").get_by_role("button", name="Apply").click()
    page.wait_for_selector("#box-rule .filter")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("A rule cannot ask for “me”")).to_be_visible()
    expect(page.locator("#box-rule .filter")).to_contain_text("Owner")
    assert not axe(page)
