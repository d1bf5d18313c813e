"""Lists kept under a name: saved, changed, pinned, shared with everybody, given up and taken back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.journeys.test_lists import ROWS, fields, opened, toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def keep(page: Page, name: str, *, pin: bool = False, everybody: bool = False) -> None:
    """Save the list under a name."""
    page.locator("#keep").click()
    page.locator("#pop [name=name]").fill(name)
    if everybody:
        page.locator("#pop").get_by_label("Everybody").check()
    if pin:
        page.locator("#pop").get_by_label("Pin to my navigation").check()
    page.locator("#pop button[type=submit]").last.click()


def test_a_list_is_kept_changed_and_given_up(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    expect(page.locator("#keep")).to_have_count(0)
    page.locator("#sort-name").click()
    expect(page.locator("#keep")).to_be_visible()
    page.locator("#add-filter").click()
    page.get_by_role("link", name="Roles", exact=True).click()
    page.locator("#pop label", has_text="Supplier").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(ROWS)).to_have_count(2)
    page.locator("#keep").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator("#pop")).to_contain_text("This is needed")
    assert not axe(page)
    page.keyboard.press("Escape")
    keep(page, "Our suppliers", pin=True)
    expect(toast(page, "“Our suppliers” is kept")).to_be_visible()
    expect(page.locator("h1")).to_have_text("Our suppliers")
    expect(page).to_have_url(re.compile(r"/parties\?view=[0-9a-f]{32}$"))
    expect(page.locator("#pinned a[aria-current]")).to_have_text("Our suppliers")
    expect(page.locator(".tab[aria-current]")).to_have_text("Our suppliers")
    page.reload()
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator(".filter")).to_contain_text("Supplier")
    page.get_by_role("link", name="Remove filter Roles").click()
    expect(page.locator(ROWS).nth(3)).to_be_visible()
    expect(page).to_have_url(re.compile("filter=%7B%7D"))
    page.locator("#keep").click()
    page.locator("#pop [name=name]").fill("All of them")
    page.locator("#pop button[name=save]").click()
    expect(page.locator("h1")).to_have_text("All of them")
    expect(page.locator("#pinned a")).to_have_text("All of them")
    page.locator("[popovertarget=list-menu]").click()
    page.get_by_role("button", name="Delete this view").click()
    expect(page.locator("h1")).to_have_text("Organisations")
    expect(page.locator("#pinned a")).to_have_count(0)
    expect(toast(page, "“All of them” is deleted")).to_be_visible()
    page.keyboard.press("z")
    expect(toast(page, "Undone")).to_be_visible()
    page.reload()
    page.locator(".tab", has_text="All of them").click()
    expect(page.locator("h1")).to_have_text("All of them")


def test_everybodys_view_is_there_for_a_seller_who_may_not_change_it(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table")
    page.locator("#sort-amount").click()
    keep(page, "Large first", everybody=True)
    expect(page.locator("h1")).to_have_text("Large first")
    columns = fields(page)
    seller = opened(visit(who="nora@harbour.example"), "/deals?view=table")
    seller.locator(".tab", has_text="Large first").click()
    expect(seller.locator("h1")).to_have_text("Large first")
    assert fields(seller) == columns
    seller.locator("[popovertarget=list-menu]").click()
    expect(seller.get_by_role("button", name="Pin this view")).to_be_visible()
    expect(seller.get_by_role("button", name="Delete this view")).to_have_count(0)


def test_a_list_in_groups_folds_sums_and_is_kept(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table")
    page.locator("[popovertarget=list-menu]").click()
    page.get_by_role("link", name="Group by").click()
    page.locator("#pop").get_by_role("link", name="Stage", exact=True).click()
    heads = page.locator("#rows tr.parting")
    expect(heads.first).to_contain_text("New")
    expect(heads.first).to_contain_text("Value")
    shown = page.locator("#rows tr[id]:visible")
    in_all = int(heads.first.locator("b").first.inner_text())
    expect(page.locator("#rows tr[id]").nth(in_all)).to_be_attached()
    before = shown.count()
    heads.first.get_by_role("button").click()
    expect(shown).to_have_count(before - in_all)
    page.locator("#rows [data-item]:visible").first.focus()
    page.keyboard.press("j")
    expect(page.locator("#rows [data-item]:focus")).to_be_visible()
    page.locator("#rows [name=id]:visible").first.check()
    page.locator("#rows [name=id]:visible").nth(1).check()
    page.locator("#bulk button[value=bin]").click()
    expect(toast(page, "2 moved to the bin")).to_be_visible()
    expect(shown).to_have_count(before - in_all - 2)
    page.keyboard.press("z")
    expect(toast(page, "Undone")).to_be_visible()
    keep(page, "By stage")
    expect(page.locator("h1")).to_have_text("By stage")
    page.reload()
    expect(heads.first).to_contain_text("New")
    assert not axe(page)
    page.get_by_role("link", name="Without groups").click()
    expect(heads).to_have_count(0)
    expect(page).to_have_url(re.compile("group=-"))


def test_a_board_is_filtered_and_kept(visit: Visit) -> None:
    page = visit()
    page.goto("/deals")
    everything = page.locator(".board h2 .faint").first.inner_text()
    page.locator("#add-filter").click()
    page.locator("#pop").get_by_role("link", name="Status", exact=True).click()
    page.locator("#pop label", has_text="Won").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(".filter")).to_have_text(re.compile(r"Status\s*is any of\s*Won"))
    expect(page.locator(".board h2 .faint").first).to_have_text("0")
    assert not axe(page)
    keep(page, "Won ones", pin=True)
    expect(page.locator("h1")).to_have_text("Won ones")
    expect(page.locator("#pinned a[aria-current]")).to_have_text("Won ones")
    card = page.locator(".tile").first
    expect(card).to_be_visible()
    page.locator("#keep").click()
    page.locator("#pop").get_by_role("button", name="Delete").click()
    expect(page.locator("h1")).to_have_text("Deals")
    expect(page.locator(".board h2 .faint").first).to_have_text(everything)
