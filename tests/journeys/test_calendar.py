"""Planning on the calendar: by mouse and by keyboard, and back again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import SLOW
from tests.journeys.test_selling import drag, toast

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
CALENDAR = "/deals?view=calendar&on=2027-03-10"


def planned(page: Page, name: str) -> Locator:
    """A deal that is to close on 10 March 2027, on its calendar."""
    page.goto("/deals?view=table")
    page.locator("a[data-create]").first.click()
    page.fill("dialog[open] [name=name]", name)
    page.fill("dialog[open] [name=close_on]", "2027-03-10")
    page.locator("dialog[open] button[type=submit]").click()
    expect(toast(page, "created")).to_be_visible()
    page.goto(CALENDAR)
    expect(on(page, "2027-03-10", name)).to_be_visible()
    return page.locator(".slip", has_text=name)


def on(page: Page, day: str, name: str) -> Locator:
    return page.locator(f".day[data-stage='{day}'] .slip", has_text=name)


def test_a_deal_is_dragged_to_another_day_and_taken_back(visit: Visit) -> None:
    page = visit()
    slip = planned(page, "Planned by mouse")
    drag(page, slip, page.locator(".day[data-stage='2027-03-18']"))
    expect(toast(page, "moved to Thursday, 18 March")).to_be_visible()
    expect(on(page, "2027-03-18", "Planned by mouse")).to_be_visible()
    page.reload()
    expect(on(page, "2027-03-18", "Planned by mouse")).to_be_visible()
    on(page, "2027-03-18", "Planned by mouse").click()
    expect(page.locator("#peek h2")).to_contain_text("Planned by mouse")
    page.keyboard.press("Escape")
    drag(page, on(page, "2027-03-18", "Planned by mouse"), page.locator(".day[data-stage='2027-03-22']"))
    expect(toast(page, "22 March")).to_be_visible()
    page.locator("toast-region").get_by_role("button", name="Undo").last.click()
    expect(on(page, "2027-03-18", "Planned by mouse")).to_be_visible()


def test_by_keys_from_day_to_day(visit: Visit) -> None:
    page = visit()
    slip = planned(page, "Planned by keys")
    slip.locator("[data-item]").focus()
    page.keyboard.press("]")
    expect(toast(page, "11 March")).to_be_visible()
    expect(on(page, "2027-03-11", "Planned by keys").locator("[data-item]")).to_be_focused()
    page.keyboard.press("[")
    expect(on(page, "2027-03-10", "Planned by keys").locator("[data-item]")).to_be_focused()
    page.keyboard.press("m")
    page.locator("#move-menu").get_by_role("button", name="30 March").click()
    expect(on(page, "2027-03-30", "Planned by keys")).to_be_visible()


def test_a_day_is_given_to_what_is_made_on_it(visit: Visit) -> None:
    page = visit()
    page.goto(CALENDAR)
    day = page.locator(".day[data-stage='2027-03-15']")
    day.hover()
    day.get_by_role("link", name="Add on 15 March").click()
    expect(page.locator("dialog[open] [name=close_on]")).to_have_value("2027-03-15")
    page.fill("dialog[open] [name=name]", "Made on a day")
    page.locator("dialog[open] button[type=submit]").click()
    expect(on(page, "2027-03-15", "Made on a day")).to_be_visible()


def test_through_time_and_spans(visit: Visit) -> None:
    page = visit()
    page.goto(CALENDAR)
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".period h2")).to_have_text("April 2027")
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.locator(".period h2")).to_have_text(re.compile("29 Mar – 4 Apr 2027"))
    page.go_back()
    expect(page.locator(".period h2")).to_have_text("April 2027")
    page.locator(".day[data-stage='2027-04-07'] header a").first.click()
    expect(page.locator(".period h2")).to_have_text("Wednesday, 7 April 2027")
    expect(page.locator(".empty")).to_contain_text("Nothing on this day")


def test_on_a_phone_it_is_a_list_of_days(visit: Visit) -> None:
    page = visit(width=390, height=844)
    page.goto("/interactions?view=calendar")
    day = page.locator(".day:not(.bare):not(.other)").first
    expect(day.locator(".long")).to_be_visible()
    box = day.bounding_box()
    assert box
    assert box["width"] > 340
    expect(page.locator(".calendar .heads")).to_be_hidden()


def test_keys_pressed_faster_than_it_is_answered_move_on_from_there(visit: Visit) -> None:
    page = visit()
    page.add_init_script(SLOW)
    slip = planned(page, "Planned in haste")
    slip.locator("[data-item]").focus()
    for key in "]]][]":
        page.keyboard.press(key)
    expect(on(page, "2027-03-13", "Planned in haste").locator("[data-item]")).to_be_focused()
    page.wait_for_timeout(1200)  # whatever is still on its way
    expect(on(page, "2027-03-13", "Planned in haste").locator("[data-item]")).to_be_focused()
    expect(page.locator(".toast.bad")).to_have_count(0)
    page.reload()
    expect(on(page, "2027-03-13", "Planned in haste")).to_be_visible()
