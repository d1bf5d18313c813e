"""An automation asks for approval: made by clicks, asked by a new deal, answered on My day, gone on with."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.journeys.test_automating import add, choose
from tests.journeys.test_lists import toast

pytestmark = pytest.mark.browser
JAN = "jan@harbour.example"
Visit = Callable[..., Page]


def planned(page: Page) -> None:
    """A new deal needs Jan's yes; then its chance is set, or after a no another."""
    page.goto("/automations/plan?entity=deal")
    page.get_by_label("Name").fill("Sign off deals")
    add(page, "Ask for approval")
    choose(page, "s0-how", "user")
    page.get_by_role("combobox", name="Colleague").fill("Jan")
    page.get_by_role("option", name="Jan Schmidt").first.click()
    page.locator("[name='s0-text']").fill("May {name} go out?")
    with page.expect_response(re.compile("/automations/plan/draft")):
        page.locator("button[value='row:0']").click()
    choose(page, "s0-set-0-field", "probability")
    page.locator("[name='s0-set-0-value']").fill("5")
    assert not axe(page)
    add(page, "Change fields")
    choose(page, "s1-set-0-field", "probability")
    page.locator("[name='s1-set-0-value']").fill("90")
    page.locator("label.switch", has_text="On").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".told-plan")).to_contain_text("Ask for approval: Jan Schmidt")
    expect(page.locator(".told-plan")).to_contain_text("If declined: Likely: 5")


def asked(page: Page, name: str) -> str:
    """Maria makes a deal; the question stands on its card. Gives the deal's address."""
    page.goto("/deals/new")
    page.get_by_label("Name").fill(name)
    page.locator(".form footer button.primary").click()
    expect(page).to_have_url(re.compile(r"/deals/[0-9a-f]{32}"))
    expect(page.locator("#beside")).to_contain_text(f"May {name} go out?", timeout=15000)  # by itself, without a reload
    expect(page.locator("#timeline-section")).to_contain_text("asked for approval")
    return page.url


def test_a_colleague_says_yes_to_one_deal_and_no_to_the_other(visit: Visit) -> None:
    maria = visit()
    planned(maria)
    first = asked(maria, "Pumps")
    jan = visit(who=JAN)
    jan.goto("/my-day")
    question = jan.locator(".decision", has_text="May Pumps go out?")
    expect(question).to_contain_text("asked for by Maria Anders")
    assert not axe(jan)
    question.get_by_role("button", name="Approve").click()
    expect(toast(jan, "“May Pumps go out.” approved")).to_be_visible()
    expect(question).to_have_count(0)
    expect(maria.locator("#facts")).to_contain_text("90", timeout=15000)  # by itself, without a reload
    expect(maria.locator("#timeline-section")).to_contain_text("Jan Schmidt approved")
    assert maria.url == first

    asked(maria, "Hoses")
    question = jan.locator(".decision", has_text="May Hoses go out?")
    expect(question).to_be_visible(timeout=15000)
    question.get_by_role("button", name="Decline").click()
    dialog = jan.get_by_role("dialog")
    expect(dialog).to_contain_text("Say why you decline.")
    dialog.get_by_label("Remark").fill("Too cheap")
    dialog.get_by_role("button", name="Decline").click()
    expect(question).to_have_count(0)
    expect(maria.locator("#facts")).to_contain_text("5 %", timeout=15000)
    expect(maria.locator("#timeline-section")).to_contain_text("Too cheap")
    assert not axe(maria)
    maria.goto("/approvals?view=asked")
    expect(maria.locator("#rows tr")).to_have_count(2)
    assert not axe(maria)
