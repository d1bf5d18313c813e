"""A queue made and staffed by an administrator; what waits is taken by keyboard and leaves a colleague's screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.journeys.test_lists import toast
from tests.journeys.test_together import listening

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
JAN = "jan@harbour.example"


def chosen(page: Page, label: str, text: str) -> None:
    """Choose in a field that finds while one types, by keyboard."""
    page.get_by_role("combobox", name=label).press_sequentially(text)
    expect(page.locator(".options:not([hidden]) .option").first).to_contain_text(text)
    page.keyboard.press("Enter")


def made(page: Page, name: str) -> None:
    """A queue with Maria and Jan."""
    page.goto("/access/queues")
    page.goto("/access/queues/new")
    page.get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    for who in ("Maria Anders", "Jan Schmidt"):
        expect(page.get_by_role("combobox", name="Add a member")).to_be_focused()
        chosen(page, "Add a member", who)
        page.keyboard.press("Enter")
        expect(page.locator(".shares")).to_contain_text(who)


def put(page: Page, name: str, queue: str) -> str:
    """A new organisation that waits in it; gives its address."""
    page.goto("/parties/new")
    page.locator("#form").get_by_label(re.compile("^Organisation|^Name")).fill(name)
    page.get_by_role("combobox", name="Owner").fill("")
    chosen(page, "Owner", queue)
    page.locator("#form [type=submit]").first.click()
    expect(page.locator(".head .waits")).to_contain_text(queue)
    return page.url


def test_what_waits_is_taken_by_keyboard_and_leaves_the_colleagues_screen(visit: Visit) -> None:
    maria = visit()
    made(maria, "Night desk")
    url = put(maria, "Ring at night", "Night desk")
    put(maria, "Ring at noon", "Night desk")
    jan = listening(visit(who=JAN), "/my-day")
    expect(jan.locator(".queue")).to_contain_text("Ring at night")
    maria = listening(maria, "/my-day")
    waits = maria.locator(".queue", has_text="Night desk").locator(".task")
    expect(waits).to_have_count(2)
    assert not axe(maria)
    maria.locator(".queue [data-item]", has_text="Ring at night").focus()
    maria.keyboard.press("x")
    expect(toast(maria, "“Ring at night” is yours")).to_be_visible()
    expect(waits).to_have_count(1)
    expect(maria.locator(".queue [data-item]", has_text="Ring at noon")).to_be_focused()
    expect(jan.locator(".queue")).not_to_contain_text("Ring at night")
    maria.get_by_role("button", name="Undo").last.click()
    expect(waits).to_have_count(2)
    expect(jan.locator(".queue")).to_contain_text("Ring at night")
    maria.goto(url)
    maria.get_by_role("button", name="Take", exact=True).click()
    expect(maria.locator(".head .waits")).to_have_count(0)
    expect(maria.locator("#timeline-section")).to_contain_text("took this from the queue Night desk")


def test_the_palette_puts_a_record_in_a_queue_and_takes_it(visit: Visit) -> None:
    page = visit()
    made(page, "Day desk")
    page.goto("/parties?view=organisations&q=canyon")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    page.keyboard.press("Control+k")
    page.keyboard.type("put in the queue day")
    expect(page.get_by_role("option", name="Put in the queue Day desk")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".head .waits")).to_contain_text("Day desk")
    page.keyboard.press("Control+k")
    page.keyboard.type("take")
    expect(page.get_by_role("option", name="Take", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".head .waits")).to_have_count(0)
