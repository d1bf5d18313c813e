"""The day's work by keyboard: plan a task on a card, mention a colleague who hears of it, check off, undo, put off."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tools.sample import PASSWORD
from tools.shots import sign_in

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def toast(page: Page, words: str) -> Locator:
    """The newest toast with these words."""
    return page.locator("toast-region").get_by_text(re.compile(words)).last


def test_plan_on_a_card_and_check_off_by_keyboard(visit: Visit) -> None:
    page = visit()
    press, write = page.keyboard.press, page.keyboard.type
    page.goto("/parties?view=organisations&q=folk")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    press("t")
    expect(page.locator("#composer [name=title]")).to_be_focused()
    write("Ring back about the shelves")
    page.locator("#composer label.choice", has_text="Tomorrow").click()
    page.locator("#composer [name=title]").focus()
    press("Control+Enter")
    expect(toast(page, "planned")).to_be_visible()
    planned = page.locator(".planned .task", has_text="Ring back about the shelves")
    expect(planned).to_be_visible()
    expect(planned.locator(".when")).to_have_text("tomorrow")

    planned.locator(".tick").focus()
    press("Enter")
    expect(toast(page, "done")).to_be_visible()
    expect(planned).to_have_count(0)
    expect(page.locator("#timeline .event", has_text="Ring back about the shelves").first).to_be_visible()
    press("z")
    expect(toast(page, "Undone")).to_be_visible()
    expect(planned).to_be_visible()


def test_a_colleague_mentioned_hears_of_it_and_reads_it(
    visit: Visit, browser: Browser, running: tuple[str, str, str]
) -> None:
    page = visit()
    press, write = page.keyboard.press, page.keyboard.type
    page.goto("/parties?view=organisations&q=quay")
    page.goto(str(page.locator("[data-item]").first.get_attribute("href")))
    press("n")
    write("Ask @jan", delay=30)
    expect(page.locator("mention-box .option", has_text="Jan Schmidt")).to_be_visible()
    press("Enter")
    expect(page.locator("#composer-body")).to_have_value("Ask @Jan Schmidt ")
    write("for the pallets")
    press("Control+Enter")
    expect(page.locator("#timeline .mention", has_text="@Jan Schmidt").first).to_be_visible()

    context = browser.new_context(base_url=running[0], locale="en-GB")
    other = context.new_page()
    sign_in(other, "jan@harbour.example", PASSWORD)
    expect(other.locator("#unread")).to_be_visible()
    before = int(str(other.locator("#unread").text_content()).split()[0])
    other.keyboard.press("g")
    other.keyboard.press("n")
    heard = other.locator(".notification.new", has_text="Ask @Jan Schmidt for the pallets")
    expect(heard).to_be_visible()
    other.wait_for_load_state()  # keys are heard once the page has its scripts
    other.keyboard.press("j")
    expect(heard.locator(":focus")).to_have_count(1)
    other.keyboard.press("x")
    expect(heard).to_have_count(0)
    expect(other.locator("#unread")).to_have_text(re.compile(f"^{before - 1} ") if before > 1 else "")
    context.close()


def test_my_day_by_keyboard(visit: Visit) -> None:
    page = visit()
    press, write = page.keyboard.press, page.keyboard.type
    page.goto("/my-day")
    press("c")
    write("Water the office plants today 23:50 !high", delay=5)
    expect(page.locator("#understood")).to_contain_text("today 23:50")
    press("Enter")
    expect(toast(page, "planned")).to_be_visible()
    task = page.locator(".task", has_text="Water the office plants")
    expect(task).to_be_visible()
    expect(page.locator("#quick-add [name=text]")).to_have_value("")

    press("Escape")
    task.locator("[data-item]").focus()
    press("s")
    expect(page.locator("dialog[open]")).to_contain_text("Put off")
    press("Enter")  # tomorrow has the focus
    expect(toast(page, "put off")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(task.locator(".when")).to_have_text("tomorrow")

    task.locator("[data-item]").focus()
    press("x")
    expect(toast(page, "done")).to_be_visible()
    expect(task).to_have_count(0)
    press("z")
    expect(task).to_be_visible()
    task.locator("[data-item]").focus()
    press("Space")
    expect(page.locator("#peek h2")).to_have_text("Water the office plants")
    page.locator("#peek button", has_text="Done").click()
    expect(task).to_have_count(0)
