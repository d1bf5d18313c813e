"""Looking where things are, and at what they are related to: by mouse and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_from_the_world_to_a_country_to_a_city_to_the_list(visit: Visit) -> None:
    page = visit()
    page.goto("/parties?view=map")
    box = page.locator(".world").get_attribute("viewBox")
    page.locator(".world").get_by_role("link", name=re.compile("^Kazakhstan: ")).click()
    expect(page.locator(".filter", has_text="Kazakhstan")).to_be_visible()
    assert page.locator(".world").get_attribute("viewBox") != box
    assert not axe(page)
    city = page.locator("table.places").last.get_by_role("link").first
    name = city.inner_text()
    city.click()
    expect(page.locator(".filter", has_text=name)).to_be_visible()
    page.locator(".ways").get_by_role("link", name="Organisations").click()
    expect(page.locator("#rows tr").first).to_contain_text(name)
    page.go_back()
    expect(page.locator(".world")).to_be_visible()
    page.go_back()
    expect(page.locator(".filter", has_text="Kazakhstan")).to_be_visible()


def test_the_map_by_keys_alone(visit: Visit) -> None:
    page = visit(theme="dark")
    page.goto("/deals?view=map")
    page.locator(".world a").first.focus()
    assert page.evaluate("getComputedStyle(document.activeElement.querySelector('use')).strokeWidth") == "2.5px"
    page.keyboard.press("Enter")
    expect(page.locator(".filter")).to_have_count(1)
    page.go_back()
    page.locator("table.places [data-item]").first.focus()
    page.keyboard.press("j")
    expect(page.locator("table.places [data-item]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("table.places").first.locator("tbody tr")).to_have_count(1)


def test_a_column_of_the_customer_is_chosen_moved_sorted_by_and_leads_to_him(visit: Visit) -> None:
    page = visit()
    page.goto("/deals?view=table")
    page.locator("#choose").click()
    page.locator("#pop details.further", has_text="Customer").locator("summary").click()
    page.locator("#pop").get_by_role("checkbox", name="Industry").check()
    page.locator("#pop").get_by_role("button", name="Apply").click()
    head = page.locator("th", has_text="Customer › Industry")
    expect(head).to_be_visible()
    page.locator("#choose").click()
    row = page.locator("#pop .choices li", has_text="Customer › Industry")
    row.hover()
    row.locator("[data-up]").click()
    page.locator("#pop").get_by_role("button", name="Apply").click()
    expect(head).to_be_visible()
    head.locator("a").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    cell = page.locator("#rows td a[data-peek]:not([data-item])").first
    customer = page.locator("#rows tr").first.locator("td").nth(1).inner_text()
    cell.click()
    expect(page.locator("#peek h2")).to_contain_text(customer)
    page.keyboard.press("Escape")
    page.locator("#rows tr").first.locator("td", has=page.locator("a[data-peek]:not([data-item])")).dblclick(
        position={"x": 120, "y": 20}
    )
    expect(page.locator("#rows edit-cell")).to_have_count(0)
    page.locator("#choose").click()
    page.locator("#pop").get_by_role("button", name="Reset").click()
    expect(head).to_have_count(0)


def test_on_a_phone_the_map_stands_above_its_table(visit: Visit) -> None:
    page = visit(width=390, height=844)
    page.goto("/parties?view=map")
    page.locator("table.places").get_by_role("link", name="Austria").click()
    expect(page.locator("table.places").first.locator("tbody tr")).to_have_count(1)
