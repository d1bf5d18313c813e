"""Many rows at once, as people do it: by keys and by mouse, given a value, binned, taken out of the bin, undone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_lists import ROWS, opened, titles, toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_many_rows_by_keyboard_assigned_binned_and_back(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table&sort=close_on")
    press = page.keyboard.press
    press("j")
    press("x")
    press("j")
    press("j")
    press("Shift+X")
    expect(page.locator("#bulk")).to_contain_text("3 selected")
    page.locator("#bulk button[value=assign]").press("Enter")
    page.locator("#pop [role=combobox]").fill("nora")
    expect(page.locator("#pop [role=option]")).to_have_text(re.compile("Nora Lind"))
    press("Enter")
    press("Enter")
    expect(toast(page, "3 assigned")).to_be_visible()
    for at in range(3):
        expect(page.locator(ROWS).nth(at)).to_contain_text("Nora Lind")
    expect(page.locator("#bulk")).to_be_hidden()
    press("z")
    expect(toast(page, "Undone")).to_be_visible()
    page.locator("#rows [name=id]").nth(0).check()
    page.locator("#rows [name=id]").nth(3).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("4 selected")
    count = int(page.locator("#count").inner_text())
    page.locator("#bulk button[value=bin]").click()
    expect(toast(page, "4 moved to the bin")).to_be_visible()
    expect(page.locator("#count")).to_have_text(str(count - 4))
    press("z")
    expect(page.locator("#count")).to_have_text(str(count))


def test_many_rows_get_one_value_and_come_out_of_the_bin(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table&sort=close_on")
    names = titles(page)[:2]
    for at in range(2):
        page.locator("#rows [name=id]").nth(at).check()
    page.locator("#bulk button[value=set]").click()
    page.locator("#pop [data-seek]").fill("likely")
    page.keyboard.press("Enter")
    page.locator("#pop form [name=probability]").fill("35")
    page.keyboard.press("Enter")
    expect(toast(page, "2 changed")).to_be_visible()
    for at in range(2):
        expect(page.locator(ROWS).nth(at)).to_contain_text("35")
    page.keyboard.press("z")
    expect(toast(page, "Undone")).to_be_visible()
    for at in range(2):
        page.locator("#rows [name=id]").nth(at).check()
    page.locator("#bulk button[value=bin]").click()
    expect(toast(page, "2 moved to the bin")).to_be_visible()
    page.locator("[popovertarget=list-menu]").click()
    page.locator("#list-menu").get_by_role("link", name="Bin", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bin")
    for name in names:
        expect(page.locator("#rows")).to_contain_text(name)
        page.locator(ROWS, has_text=name).first.locator("[name=id]").check()
    page.locator("#bulk button[value=restore]").click()
    expect(toast(page, "2 taken out of the bin")).to_be_visible()
    opened(page, "/deals?view=table&sort=close_on")
    assert titles(page)[:2] == names
