"""A role made, its cells set by keyboard, given to somebody, seen through that person's eyes; a colleague comes in."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.journeys.test_lists import toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def made(page: Page) -> str:
    """A role that begins with the rights of sales; gives its address."""
    page.goto("/my-day")
    page.keyboard.press("Control+k")
    page.keyboard.type("People and roles")
    expect(page.get_by_role("option", name="People and roles")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/access$"))
    page.get_by_role("link", name="Roles", exact=True).click()
    page.get_by_role("link", name="New role").click()
    page.get_by_label("Name").fill("Field sales")
    page.get_by_label("Begin with the rights of").select_option(label="Sales")
    page.get_by_role("button", name="Make role").click()
    expect(page.get_by_role("heading", name="Field sales")).to_be_visible()
    return page.url


def set_by_keyboard(page: Page) -> None:
    """Arrows go from cell to cell, a letter chooses; the toast takes it back."""
    seen = page.get_by_label("Deals: See", exact=True)
    seen.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Deals: Add", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    deletes = page.get_by_label("Deals: Delete", exact=True)
    expect(deletes).to_be_focused()
    page.keyboard.press("a")
    expect(toast(page, "Deals:")).to_be_visible()
    expect(page.locator("#right-deal small")).to_contain_text("Deletes all")
    expect(deletes).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(seen).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#right-deal small")).not_to_contain_text("ees")
    page.get_by_role("button", name="Undo").last.click()
    expect(toast(page, "Undone")).to_be_visible()
    assert not axe(page)
    page.reload()
    expect(seen).to_have_value("own")
    expect(page.locator(".past")).to_contain_text("changed what it may do")


def everything(page: Page) -> None:
    """What everything gives shows in each line at once."""
    page.get_by_label("Everything: See").select_option("all")
    expect(page.locator("#right-party td").first).to_have_text(re.compile("All"))
    expect(page.locator("#right-party select[name='party.view']")).to_have_count(0)
    page.get_by_label("Everything: See").select_option("none")
    expect(page.locator("#right-party select[name='party.view']")).to_have_value("own")


def given(page: Page) -> None:
    """Nora gets the role, and what it comes to is shown."""
    page.goto("/access/people")
    page.get_by_label("Find by name or e-mail").fill("nora")
    expect(page.locator("#people .entry")).to_have_count(1)
    page.get_by_role("link", name="Nora Lind").click()
    page.get_by_role("checkbox", name=re.compile("^Field sales")).check()
    page.get_by_role("button", name="Save roles").click()
    expect(page.get_by_text("They count at once")).to_be_visible()
    expect(page.locator(".may")).to_contain_text("Field sales")
    assert not axe(page)


def viewed(page: Page) -> None:
    """Rapport as Nora sees it, under the bar, and nothing can be changed."""
    page.get_by_role("button", name="View as").click()
    bar = page.locator(".viewing")
    expect(bar).to_contain_text("You see Rapport as Nora Lind sees it")
    page.goto("/deals")
    expect(bar).to_be_visible()
    assert not axe(page)
    page.get_by_role("link", name="New deal").click()
    page.locator("#dialog").get_by_label("Name").fill("Not to be")
    page.locator("#dialog [type=submit]").click()
    expect(toast(page, "nothing can be changed")).to_be_visible()
    page.goto("/my-day")
    bar.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Nora Lind", exact=True)).to_be_visible()
    expect(bar).to_have_count(0)


def test_a_role_is_made_set_by_keyboard_given_and_looked_through(visit: Visit) -> None:
    page = visit()
    where = made(page)
    set_by_keyboard(page)
    everything(page)
    given(page)
    viewed(page)
    page.get_by_role("checkbox", name=re.compile("^Field sales")).uncheck()
    page.get_by_role("button", name="Save roles").click()
    page.goto(where)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The role is deleted.")).to_be_visible()


def test_somebody_is_added_on_the_phone_and_comes_in_by_the_link(visit: Visit, browser: Browser) -> None:
    page = visit(width=390, height=844)
    page.goto("/access/people/new")
    page.get_by_label("Name").fill("Ines Marrero")
    page.get_by_role("checkbox", name=re.compile("^Sales")).check()
    page.get_by_role("button", name="Add and make the link").click()
    expect(page.locator("#e-email")).to_be_visible()
    expect(page.get_by_role("checkbox", name=re.compile("^Sales"))).to_be_checked()
    page.get_by_label("E-mail").fill("ines@harbour.example")
    page.get_by_role("button", name="Add and make the link").click()
    link = page.locator(".secret").inner_text()
    assert not axe(page)
    colleague = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    colleague.goto(link)
    expect(colleague.get_by_role("heading", name="Welcome, Ines Marrero")).to_be_visible()
    assert not axe(colleague)
    colleague.get_by_label("Password").fill("a quiet morning at sea")
    colleague.get_by_role("button", name="Come in").click()
    expect(colleague.get_by_role("heading", name="My day")).to_be_visible()
    page.goto("/access/people?q=ines")
    page.get_by_role("link", name="Ines Marrero").click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("signed out everywhere")).to_be_visible()
    # What he has open leaves by itself, so the address is asked beside it.
    assert "/sign-in" in colleague.request.get(link.partition("/join")[0] + "/deals").url
    colleague.context.close()
