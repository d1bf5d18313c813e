"""An automation made by clicks: tried, switched on, seen acting, its log, undone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.journeys.test_lists import toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a field that draws the plan anew, and wait for it."""
    with page.expect_response(re.compile("/automations/plan/draft")):
        page.locator(f"[name='{name}']").select_option(value)


def add(page: Page, label: str) -> None:
    with page.expect_response(re.compile("/automations/plan/draft")):
        page.locator(".adds").get_by_role("button", name=label).click()


def begun(page: Page) -> None:
    """A new automation of deals, from nothing."""
    page.goto("/set-up")
    page.get_by_role("link", name="Automations").click()
    page.get_by_role("link", name="New automation").first.click()
    assert not axe(page)
    page.get_by_label("Name").fill("Offer after proposal")
    page.locator("[name=entity]").select_option("deal")
    page.get_by_role("button", name="Start from nothing").click()
    expect(page).to_have_url(re.compile(r"/automations/[0-9a-f]{32}/plan"))


def told_when(page: Page) -> None:
    """When the stage of an open deal changes."""
    choose(page, "on", "changed")
    expect(page.locator("[name=on]")).to_be_focused()
    choose(page, "field", "stage")
    page.locator("#add-filter").click()
    page.locator("#pop").get_by_role("link", name="Status", exact=True).click()
    page.locator("#pop label", has_text="Open").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator("#box-filter .filter")).to_contain_text("Open")
    expect(page.locator("#pop")).not_to_be_visible()


def told_what(page: Page) -> None:
    """Then a task and a notification; what is missing is said first."""
    add(page, "Create a record")
    expect(page.locator("#step-0")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#plan .summary")).to_be_focused()
    expect(page.locator("#step-0 .error")).to_contain_text("This is needed")
    page.locator("[name='s0-set-0-text']").fill("Send the offer for {name}")
    add(page, "Notify somebody")
    page.locator("[name='s1-text']").fill("{name} is at {stage}")
    assert not axe(page)


def tried_and_saved(page: Page) -> str:
    """The dry run, then for good; gives its address."""
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#tried details").first).to_contain_text("Send the offer for")
    expect(page.locator("#tried")).to_contain_text("Nothing was written")
    assert not axe(page)
    page.locator("label.switch", has_text="On").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".told-plan")).to_contain_text("Stage of a deal changes")
    assert not axe(page)
    return page.url


def seen_acting(page: Page) -> str:
    """A deal is moved, the task comes by itself; gives the deal's address."""
    page.goto("/deals?view=table")
    page.locator("#rows a[href^='/deals/']").first.click(modifiers=["ControlOrMeta"], trial=True)
    deal = str(page.locator("#rows a[href^='/deals/']").first.get_attribute("href"))
    page.goto(deal)
    page.locator(".path button:not([aria-current])").nth(1).click()
    task = page.get_by_text("Send the offer for")
    expect(task).to_be_visible(timeout=6000)  # by itself, without a reload
    page.get_by_role("button", name="More", exact=True).click()
    page.locator("#card-menu").get_by_role("link", name="Automations").click()
    expect(page.locator("#rows tr").first).to_contain_text("Offer after proposal")
    return deal


def undone_from_the_log(page: Page, automation: str) -> None:
    """What it did is told there, and taken back."""
    page.goto(f"{automation}/runs")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#rows .chip")).to_have_text("Done")
    assert not axe(page)
    page.locator("#rows a").first.click()
    expect(page.locator("#told")).to_contain_text("Send the offer for")
    page.get_by_role("button", name="Undo all of this").click()
    expect(toast(page, "Undone")).to_be_visible()
    expect(page.locator("#told .chip").first).to_have_text("Undone")


def test_an_automation_is_made_tried_seen_acting_and_undone(visit: Visit) -> None:
    page = visit()
    begun(page)
    told_when(page)
    told_what(page)
    automation = tried_and_saved(page)
    deal = seen_acting(page)
    undone_from_the_log(page, automation)
    page.goto(deal)
    expect(page.locator("#card")).to_be_visible()
    expect(page.get_by_text("Send the offer for")).to_have_count(0)
    page.goto(automation)
    page.locator("label.switch", has_text="Switched on").click()
    expect(toast(page, "is switched off")).to_be_visible()
    expect(page.locator(".head .chip")).to_have_text("Off")


def test_steps_are_moved_removed_and_filled_by_keyboard(visit: Visit) -> None:
    page = visit(width=390, height=844)
    page.goto("/automations/plan?recipe=won")
    add(page, "Wait")
    for key in ("up:1",):
        with page.expect_response(re.compile("/automations/plan/draft")):
            page.locator(f"button[value='{key}']").focus()
            page.keyboard.press("Enter")
    expect(page.locator("#step-0")).to_contain_text("Wait")
    expect(page.locator("#step-0")).to_be_focused()
    with page.expect_response(re.compile("/automations/plan/draft")):
        page.locator("button[value='remove:0']").press("Enter")
    expect(page.locator(".step")).to_have_count(1)
    with page.expect_response(re.compile("/automations/plan/draft")):
        page.locator("button[value='row:0']").press("Enter")
    choose(page, "s0-set-3-field", "priority")
    page.locator("[name='s0-set-3-value']").select_option("high")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".told-plan")).to_contain_text("Priority: High")
