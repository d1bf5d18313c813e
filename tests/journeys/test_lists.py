"""The list as people live in it: filter, sort, columns, many rows at once, cells edited in place; by mouse, by keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser import axe

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
ROWS = "#rows tr[id]"


def toast(page: Page, words: str) -> Locator:
    """The newest toast with these words."""
    return page.locator("toast-region").get_by_text(re.compile(words)).last


def titles(page: Page) -> list[str]:
    """The names in the list, in order."""
    return page.locator("#rows [data-item]").all_inner_texts()


def fields(page: Page) -> list[str]:
    """The columns, in order."""
    found: list[str] = page.locator("th[data-field]").evaluate_all("heads => heads.map(each => each.dataset.field)")
    return found


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.locator("[data-item]").first).to_be_visible()
    return page


def test_filter_by_mouse_edit_the_chip_go_back_and_reload(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    everything = len(titles(page))
    page.locator("#add-filter").click()
    page.get_by_role("link", name="Roles", exact=True).click()
    page.locator("#pop label", has_text="Supplier").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(".filter")).to_have_text(re.compile(r"Roles\s*is any of\s*Supplier"))
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator("#count")).to_have_text("2")
    page.locator("[data-chip]").click()
    page.locator("#pop label", has_text="Prospect").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(ROWS)).to_have_count(5)
    page.go_back()
    expect(page.locator(ROWS)).to_have_count(2)
    page.reload()
    expect(page.locator(ROWS)).to_have_count(2)
    page.get_by_role("link", name="Remove filter Roles").click()
    expect(page.locator(ROWS)).to_have_count(everything)


def test_filter_by_keyboard_with_an_alternative_and_a_mistake(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table")
    press, write = page.keyboard.press, page.keyboard.type
    press("f")
    expect(page.locator("#pop [data-seek]")).to_be_focused()
    write("value")
    press("Enter")
    expect(page.locator("#pop [name=one]")).to_be_focused()
    write("a lot")
    press("Enter")
    expect(page.locator("#pop .error")).to_contain_text("is not a")
    page.locator("#pop [name=one]").fill("30000")
    press("Enter")
    expect(page.locator(".filter")).to_have_text(re.compile(r"Value\s*is at least\s*30,000"))
    expect(page.locator("#add-filter")).to_be_focused()
    few = page.locator(ROWS).count()
    page.locator("[data-chip]").focus()
    press("Enter")
    page.locator("#pop a", has_text="Or").press("Enter")
    expect(page.locator("#pop [data-seek]")).to_be_focused()
    write("owner")
    press("Enter")
    page.locator("#pop #op").select_option("me")
    page.locator("#pop #op").press("Enter")
    page.locator("#pop button[type=submit]").press("Enter")
    expect(page.locator(".any .filter")).to_have_count(2)
    assert page.locator(ROWS).count() >= few


def test_sort_by_several_columns(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table")
    page.locator("#sort-owner").click()
    expect(page.locator("th[data-field=owner]")).to_have_attribute("aria-sort", "ascending")
    page.locator("#sort-amount").click(modifiers=["Shift"])
    expect(page.locator("th[data-field=amount] sup")).to_have_text("2")
    page.locator("#sort-amount").click(modifiers=["Shift"])
    expect(page.locator("th[data-field=amount]")).to_have_attribute("aria-sort", "descending")
    assert page.url.endswith("sort=owner,-amount")
    page.go_back()
    expect(page.locator("th[data-field=amount]")).to_have_attribute("aria-sort", "ascending")


def test_columns_are_chosen_ordered_stretched_and_remembered(visit: Visit) -> None:
    page = opened(visit(), "/interactions")
    before = fields(page)
    page.locator("#choose").click()
    page.locator("#pop label", has_text="Direction").click()
    page.locator("#pop li", has_text="Direction").get_by_role("button", name="up").press("Enter")
    page.locator("#pop button[type=submit]").click()
    expect(page.locator("th[data-field=direction]")).to_be_visible()
    assert "columns=" in page.url
    opened(page, "/interactions")
    assert fields(page) == [*before, "direction"]
    head = page.locator("th[data-field=channel]")
    edge = head.locator(".edge").bounding_box()
    assert edge
    page.mouse.move(edge["x"] + 5, edge["y"] + 8)
    page.mouse.down()
    page.mouse.move(edge["x"] + 65, edge["y"] + 8, steps=4)
    with page.expect_response(lambda answer: "/columns" in answer.url):
        page.mouse.up()
    width = page.locator("col").nth(1).get_attribute("width")
    page.reload()
    assert page.locator("col").nth(1).get_attribute("width") == width
    page.locator("#sort-channel").focus()
    with page.expect_response(lambda answer: "/columns" in answer.url):
        page.keyboard.press("Alt+ArrowLeft")
    assert int(page.locator("col").nth(1).get_attribute("width") or 0) == int(width or 0) - 16
    page.locator("#choose").click()
    page.locator("#pop button[name=reset]").click()
    expect(page.locator("th[data-field=direction]")).to_have_count(0)


def test_a_cell_is_edited_in_its_place(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    row = page.locator(ROWS).nth(3)
    row.locator("td").nth(2).dblclick()
    expect(page.locator("td.writing [name=value]")).to_be_focused()
    page.keyboard.type("Fishing")
    page.keyboard.press("Tab")
    expect(row).to_contain_text("Fishing")
    expect(page.locator("td.writing [name=value]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("td.writing")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(ROWS).nth(4).locator("td.writing [name=value]")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#rows [data-item]").nth(3).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    page.locator("td.writing [name=value]").fill("Canning")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Canning")
    expect(row.locator("td").nth(2)).to_be_focused()
    assert page.locator("#peek").is_hidden()


def test_escape_puts_a_cell_back_at_once_however_slow_the_line(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    kept: list[Route] = []
    page.route(re.compile(r"show=1"), lambda route: kept.append(route))
    first, second = (page.locator(ROWS).nth(at).locator("td").nth(2) for at in (4, 3))
    before = first.inner_text()
    first.dblclick()
    expect(first.locator("[name=value]")).to_be_focused()
    page.keyboard.type("Not this")
    page.keyboard.press("Escape")
    expect(first.locator("[name=value]")).to_have_count(0)
    second.dblclick()
    page.locator("td.writing [name=value]").fill("Canning")
    page.keyboard.press("Enter")
    expect(second).to_have_text("Canning")
    expect(first).to_have_text(before)


def test_a_field_left_with_escape_is_not_saved_by_leaving_it(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    page.goto(page.locator("#rows [data-item]").nth(4).get_attribute("href") or "")
    cell = page.locator("#cell-industry")
    before = cell.inner_text()
    slow: list[Route] = []
    page.route(re.compile(r"show=1"), lambda route: slow.append(route))
    cell.locator("[data-edit]").click()
    expect(cell.locator("[name=value]")).to_be_focused()
    page.keyboard.type("Not this")
    page.keyboard.press("Escape")
    page.locator("textarea").first.focus()
    page.wait_for_timeout(300)
    slow[0].continue_()
    expect(cell.locator("[name=value]")).to_have_count(0)
    expect(cell).to_contain_text(before)
    page.reload()
    expect(cell).to_contain_text(before)


def test_what_a_colleague_changes_appears_where_it_stands(visit: Visit) -> None:
    mine, theirs = opened(visit(), "/deals?view=table"), opened(visit(), "/deals?view=table")
    row = mine.locator(ROWS).nth(5)
    key = str(row.get_attribute("id")).removeprefix("row-")
    row.locator("[name=id]").check()
    mine.locator("#rows [data-item]").nth(5).focus()
    cell = theirs.locator(f"#row-{key} td").nth(4)
    cell.dblclick()
    theirs.locator("td.writing [name=value]").fill("61")
    theirs.keyboard.press("Enter")
    expect(cell).to_contain_text("61 %")
    detail = {"entity": "deal", "id": key}
    mine.evaluate("detail => document.dispatchEvent(new CustomEvent('records:changed', {detail}))", detail)
    expect(row).to_contain_text("61 %")
    expect(row.locator("[name=id]")).to_be_checked()
    expect(mine.locator("#rows [data-item]").nth(5)).to_be_focused()


def test_what_is_new_says_so_in_a_pill(visit: Visit) -> None:
    page, other = opened(visit(), "/parties?view=people"), visit()
    other.goto("/parties/new?kind=person")
    other.fill("[name=name]", "Aa New Arrival")
    other.click("#form button[type=submit]")
    expect(other.locator("h1")).to_have_text("Aa New Arrival")
    key = other.url.rpartition("/")[2]
    script = "id => document.dispatchEvent(new CustomEvent('records:changed', {detail: {entity: 'party', id}}))"
    page.evaluate(script, key)
    expect(page.locator(".fresh")).to_have_text("1 new")
    assert "Aa New Arrival" not in titles(page)
    page.locator(".fresh").click()
    expect(page.locator("#rows [data-item]").first).to_have_text("Aa New Arrival")
    opened(page, "/parties?view=organisations")
    page.evaluate(script, key)
    page.wait_for_timeout(600)
    expect(page.locator(".fresh")).to_have_count(0)


def test_a_list_on_its_way_does_not_close_what_was_opened_meanwhile(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    slow: list[Route] = []
    page.route(re.compile("sort=-name"), lambda route: slow.append(route))
    page.locator("#sort-name").click()
    page.locator("#add-filter").click()
    expect(page.locator("#pop")).to_be_visible()
    slow[0].continue_()
    expect(page).to_have_url(re.compile("sort=-name"))
    page.wait_for_timeout(200)
    page.get_by_role("link", name="Roles", exact=True).click()
    page.locator("#pop label", has_text="Supplier").click()
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator("#pop")).to_be_hidden()


def test_finding_keeps_the_cursor_and_the_rest_follows(visit: Visit) -> None:
    page = opened(visit(), "/deals?view=table")
    page.keyboard.press("/")
    page.keyboard.type("festival", delay=30)
    expect(page.locator("#rows [data-item]", has_not_text="Festival")).to_have_count(0)
    expect(page.locator("#find")).to_be_focused()
    page.locator("#sort-amount").click()
    expect(page.locator("#find")).to_have_value("festival")
    assert set(titles(page)) == {"Festival stock"}
    page.locator("#find").fill("nothing of the kind")
    expect(page.locator("#rows")).to_contain_text("Nothing matches")
    page.locator("#rows [data-visit]").click()
    expect(page.locator(ROWS).first).to_be_visible()


def test_on_the_phone(visit: Visit) -> None:
    page = opened(visit(width=390, height=844), "/parties?view=organisations")
    page.locator("[popovertarget=list-menu]").click()
    page.locator("#list-menu a", has_text="Sort").click()
    page.locator("#pop").get_by_role("link", name="Last contact", exact=True).click()
    expect(page).to_have_url(re.compile("sort=last_contact_at"))
    page.locator("#add-filter").click()
    page.get_by_role("link", name="Roles", exact=True).click()
    page.locator("#pop label", has_text="Supplier").click()
    assert not axe(page)
    page.locator("#pop button[type=submit]").click()
    expect(page.locator(ROWS)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_popovers_chips_and_the_selection(visit: Visit, theme: str) -> None:
    page = opened(visit(theme=theme), "/parties?view=organisations")
    for button in ("#add-filter", "#choose"):
        page.locator(button).click()
        expect(page.locator("#pop")).to_be_visible()
        assert not axe(page), button
        page.keyboard.press("Escape")
    page.locator("#add-filter").click()
    page.locator("#pop").get_by_role("link", name="Last contact", exact=True).click()
    expect(page.locator("#pop form")).to_be_visible()
    assert not axe(page)
    page.locator("#pop button[type=submit]").click()
    page.locator("#rows [name=id]").first.check()
    expect(page.locator("#bulk")).to_be_visible()
    page.locator(f"{ROWS} td").nth(2).dblclick()
    expect(page.locator("td.writing form")).to_be_visible()
    assert not axe(page)


def test_without_scripts_the_same_by_plain_forms(browser: Browser, running: tuple[str, str, str]) -> None:
    address, email, password = running
    page = browser.new_context(base_url=address, java_script_enabled=False).new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")
    page.goto("/parties?view=organisations")
    page.click("#add-filter")
    page.click("main >> text=Roles")
    page.check("[name=value][value=supplier]")
    page.click("text=Apply")
    expect(page.locator(ROWS)).to_have_count(2)
    page.click("#choose")
    page.check("[name=column][value=website]")
    page.click("text=Apply")
    expect(page.locator("th[data-field=website]")).to_be_visible()
    page.locator("#rows [name=id]").first.check()
    page.click("#bulk button[value=assign]")
    page.select_option("[name=value]", index=1) if page.locator("[name=value] option").count() > 1 else None
    expect(page.locator("main h2")).to_have_text("Assign to")
    page.goto("/parties?view=organisations")
    page.click("#choose")
    page.click("[name=reset]")
    expect(page.locator("th[data-field=website]")).to_have_count(0)
    page.context.close()


def changed(page: Page, detail: str) -> None:
    """What the stream says when a record was changed elsewhere."""
    page.evaluate(f"document.dispatchEvent(new CustomEvent('records:changed', {{ detail: {detail} }}))")


def test_a_popover_stays_while_the_sums_of_the_list_arrive(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    page.locator("#add-filter").click()
    field = page.locator("#pop [data-seek]")
    expect(field).to_be_visible()
    with page.expect_response(lambda answer: "/sums" in answer.url):
        changed(page, "{}")
    page.wait_for_timeout(300)
    expect(field).to_be_visible()


def test_an_answer_that_comes_late_does_not_bring_old_words_back(visit: Visit) -> None:
    page = opened(visit(), "/parties?view=organisations")
    row = page.locator(ROWS).nth(2)
    key = str(row.get_attribute("id")).removeprefix("row-")
    late: list[Route] = []
    page.route("**/rows?**", lambda route: route.continue_() if late else late.append(route))
    with page.expect_request("**/rows?**"):
        changed(page, f"{{ entity: 'party', id: '{key}' }}")
    page.wait_for_timeout(100)
    old = late[0].fetch().text()
    row.locator("td").nth(2).dblclick()
    page.locator("td.writing [name=value]").fill("Weaving")
    page.keyboard.press("Enter")
    expect(page.locator("td.writing")).to_have_count(0)
    expect(row).to_contain_text("Weaving")
    late[0].fulfill(body=old, content_type="text/html")
    page.wait_for_timeout(300)
    expect(row).to_contain_text("Weaving")
