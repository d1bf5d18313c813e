"""Two people at work on the same records: each sees what the other does, and nobody's words are lost."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
JAN = "jan@harbour.example"
CONNECTED = "() => performance.getEntriesByType('resource').some(each => each.name.includes('/live?'))"


def organisation(page: Page, name: str) -> str:
    """The address of an organisation's card."""
    page.goto(f"/parties?view=organisations&q={name}")
    return str(page.locator("[data-item]").first.get_attribute("href"))


def listening(page: Page, url: str) -> Page:
    """Open a page and wait until its stream is open."""
    with page.expect_response(lambda answer: "/live?" in answer.url and answer.status == 200):
        page.goto(url)
    return page


def edit(page: Page, field: str, value: str) -> None:
    """Edit a fact in place."""
    page.locator(f"#cell-{field} [data-edit]").click()
    page.locator(f"#cell-{field} [name=value]").fill(value)
    page.keyboard.press("Enter")


def both(visit: Visit, name: str) -> tuple[Page, Page]:
    """Maria and Jan, each with the card of the organisation open."""
    maria, jan = visit(), visit(who=JAN)
    url = organisation(maria, name)
    return listening(maria, url), listening(jan, url)


def test_an_edit_appears_on_the_other_screen_within_a_second(visit: Visit) -> None:
    maria, jan = both(visit, "saffron")
    edit(maria, "industry", "Spices")
    expect(maria.locator("#cell-industry .shown")).to_have_text("Spices")
    began = time.monotonic()
    expect(jan.locator("#cell-industry .shown")).to_have_text("Spices", timeout=1000)
    assert time.monotonic() - began < 1


def test_who_else_is_here_comes_and_goes(visit: Visit) -> None:
    maria, jan = both(visit, "canyon")
    expect(maria.locator("#here")).to_contain_text("Also here: Jan Schmidt")
    expect(jan.locator("#here")).to_contain_text("Also here: Maria Anders")
    edit(jan, "industry", "Corn")
    expect(maria.locator("#cell-industry .shown")).to_have_text("Corn")
    expect(maria.locator("#here .avatar")).to_have_count(1)  # a card that reads itself anew keeps them
    jan.goto("/deals")
    expect(maria.locator("#here .avatar")).to_have_count(0, timeout=15_000)


def test_what_is_being_typed_survives_what_others_do(visit: Visit) -> None:
    maria, jan = both(visit, "quay")
    jan.fill("#composer-body", "They asked about")
    jan.locator(".empties > summary", has_text="Registration").click()
    jan.locator("#cell-legal_name [data-edit]").click()
    jan.locator("#cell-legal_name [name=value]").fill("Quay Stop GmbH")
    maria.fill("#composer-body", "Spoke to the warehouse.")
    maria.locator("#composer button[type=submit]").click()
    expect(jan.locator("#timeline .event", has_text="Spoke to the warehouse.")).to_be_visible()
    edit(maria, "industry", "Coffee")
    expect(jan.locator("#cell-industry .shown")).to_have_text("Coffee")
    expect(jan.locator("#composer-body")).to_have_value("They asked about")
    expect(jan.locator("#cell-legal_name [name=value]")).to_have_value("Quay Stop GmbH")
    expect(jan.locator("#cell-legal_name [name=value]")).to_be_focused()
    assert not jan.locator("#cell-legal_name .clash").count()


def test_an_empty_field_that_a_colleague_fills_leaves_its_fold_and_keeps_what_is_typed(visit: Visit) -> None:
    maria, jan = both(visit, "sakura")
    for page in (maria, jan):
        page.locator(".empties > summary", has_text="Registration").click()
    jan.locator("#cell-legal_name [data-edit]").click()
    jan.locator("#cell-legal_name [name=value]").fill("Sakura K.K.")
    edit(maria, "tax_number", "JP 123")
    expect(jan.locator("dl:not(.empties dl) #cell-tax_number .shown")).to_have_text("JP 123")
    expect(jan.locator("#cell-legal_name [name=value]")).to_have_value("Sakura K.K.")
    edit(maria, "legal_name", "Sakura Traders K.K.")
    expect(jan.locator("#cell-legal_name .clash")).to_contain_text("Sakura Traders K.K.")
    expect(jan.locator("#cell-legal_name [name=value]")).to_have_value("Sakura K.K.")


def test_two_people_in_one_field_are_told(visit: Visit) -> None:
    maria, jan = both(visit, "night")
    jan.locator("#cell-industry [data-edit]").click()
    field = jan.locator("#cell-industry [name=value]")
    field.fill("Jan's word")
    edit(maria, "industry", "Maria's word")
    told = jan.locator("#cell-industry .clash")
    expect(told).to_contain_text("Maria Anders changed this to “Maria's word” just now")
    expect(field).to_have_value("Jan's word")
    # Enter does not run over what may not have been read yet: it asks once more.
    field.press("Enter")
    expect(jan.locator("#cell-industry [type=submit]")).to_have_text("Overwrite")
    expect(maria.locator("#cell-industry .shown")).to_have_text("Maria's word")
    jan.locator("#cell-industry").get_by_role("button", name="Overwrite").click()
    expect(maria.locator("#cell-industry .shown")).to_have_text("Jan's word")


def test_overwriting_and_giving_way_take_one_click(visit: Visit) -> None:
    maria, jan = both(visit, "maison")
    for mine, button, kept in (("First", "Overwrite", "First"), ("Second", "Keep theirs", "Theirs Second")):
        jan.locator("#cell-industry [data-edit]").click()
        jan.locator("#cell-industry [name=value]").fill(mine)
        edit(maria, "industry", f"Theirs {mine}")
        expect(jan.locator("#cell-industry .clash")).to_be_visible()
        jan.locator("#cell-industry").get_by_text(button).click()
        expect(jan.locator("#cell-industry .shown")).to_have_text(kept)
        expect(maria.locator("#cell-industry .shown")).to_have_text(kept)


def test_a_deal_moved_on_one_board_moves_on_the_other(visit: Visit) -> None:
    maria, jan = visit(width=2000), visit(width=2000, who=JAN)
    listening(jan, "/deals")
    listening(maria, "/deals")
    card = maria.locator(".column[data-name='New'] .tile").first
    name = card.get_attribute("id")
    card.locator("[data-item]").focus()
    maria.keyboard.press("]")
    there = jan.locator(f".column[data-name='Qualified'] #{name}")
    expect(there).to_be_visible(timeout=1500)


def test_a_binned_record_says_so_calmly(visit: Visit) -> None:
    maria, jan = visit(), visit(who=JAN)
    listening(maria, "/deals")
    maria.keyboard.press("c")
    expect(maria.locator("#search [aria-selected=true]")).to_have_text(re.compile("New deal"))
    maria.keyboard.press("Enter")
    maria.fill("dialog[open] [name=name]", "Short-lived deal")
    maria.locator("dialog[open] button[type=submit]").click()
    link = maria.locator("toast-region a").last
    expect(link).to_be_visible()
    undo = str(maria.locator("toast-region [data-undo]").last.get_attribute("data-undo"))
    listening(jan, str(link.get_attribute("href")))
    jan.fill("#composer-body", "Half a thought")
    maria.locator("toast-region").get_by_role("button", name="Undo").last.click()
    assert undo
    expect(jan.locator("#gone")).to_contain_text("put in the bin")
    expect(jan.locator("#composer-body")).to_have_value("Half a thought")
    expect(jan.locator("toast-region .bad")).to_have_count(0)


def test_a_refresh_that_comes_too_late_takes_no_words(visit: Visit) -> None:
    """The bin is heard of only by reading the card anew: by one's own deed, or when the news was overtaken."""
    maria, jan = both(visit, "piccola")
    jan.context.set_offline(True)
    jan.wait_for_timeout(300)
    jan.fill("#composer-body", "Half a thought")
    with maria.expect_response(lambda answer: answer.url.endswith("/bin")):
        maria.locator("#card-menu form button").evaluate("button => button.click()")
    expect(maria.locator("#card .strip")).to_contain_text("in the bin")
    jan.context.set_offline(False)
    with jan.expect_response(lambda answer: bool(re.search(r"/parties/[0-9a-f]{32}(\?|$)", answer.url))):
        jan.evaluate("document.dispatchEvent(new CustomEvent('records:changed', {detail: {}}))")
    expect(jan.locator("#gone")).to_contain_text("put in the bin")
    expect(jan.locator("#composer-body")).to_have_value("Half a thought")
    maria.locator("#card .strip button").click()
    expect(maria.locator("#card .strip")).to_have_count(0)
    expect(jan.locator("#gone")).to_be_hidden()
    expect(jan.locator("#composer-body")).to_have_value("Half a thought")


def test_a_box_that_is_being_edited_does_not_hold_the_card_back(visit: Visit) -> None:
    maria, jan = both(visit, "bluewater")
    jan.locator(".point [data-edit]").first.click()
    pen = jan.locator(".point edit-cell.editing [name=value]").first
    pen.fill("half@typed")
    edit(maria, "industry", "Hypermarkets")
    expect(jan.locator("#cell-industry .shown")).to_have_text("Hypermarkets")
    expect(jan.locator("#gone")).to_be_hidden()
    expect(pen).to_have_value("half@typed")


def test_own_changes_are_not_read_twice(visit: Visit) -> None:
    maria = visit()
    url = organisation(maria, "ardent")
    listening(maria, url)
    asked: list[str] = []
    maria.on("request", lambda request: asked.append(request.url))
    edit(maria, "industry", "Kitchens")
    expect(maria.locator("#cell-industry .shown")).to_have_text("Kitchens")
    maria.wait_for_timeout(900)
    cards = [address for address in asked if re.search(rf"{url}(\?|$)", address)]
    assert len(cards) == 1


def test_a_page_catches_up_after_the_server_was_away(visit: Visit) -> None:
    maria, jan = both(visit, "folk")
    jan.context.set_offline(True)
    edit(maria, "industry", "Wool")
    expect(maria.locator("#cell-industry .shown")).to_have_text("Wool")
    jan.wait_for_timeout(600)
    jan.context.set_offline(False)
    expect(jan.locator("#cell-industry .shown")).to_have_text("Wool")
