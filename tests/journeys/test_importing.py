"""A table comes in through the browser: mapped, checked, imported while one is elsewhere, corrected, taken back."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROWS = 120


def table(tmp_path: Path) -> Path:
    rows = [f"Journey {n};Firma;{f'j{n}@journey.example' if n % 40 else 'nonsense'};{n}.000,50" for n in range(ROWS)]
    file = tmp_path / "journey.csv"
    file.write_text("Company name;Art;E-mail;Umsatz\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/new?entity=party")
    page.set_input_files("[name=file]", file)
    expect(page.locator("drop-file [data-name]")).to_contain_text(file.name)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Which column is what?")).to_be_visible()


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the whole file").click()
    expect(page.get_by_role("button", name=re.compile(r"^Import \d+ rows?$"))).to_be_visible(timeout=20000)


def tile(page: Page, name: str) -> str:
    return page.locator(f".tiles div:has(dt:text-is('{name}')) dd").inner_text()


def map_columns(page: Page) -> None:
    """Each choice is followed at once, the focus stays where it was, and all is kept when one leaves."""
    preview = page.locator(".preview")
    expect(preview).to_contain_text("“nonsense” is not an e-mail address.")

    kind = page.get_by_label("Field for “Art”")
    kind.focus()
    kind.select_option("kind")
    expect(preview).to_contain_text("“Firma” is none of")
    expect(kind).to_be_focused()
    page.get_by_label("Firma", exact=True).select_option("organisation")
    expect(preview).not_to_contain_text("none of")
    page.get_by_label("Field for “Umsatz”").select_option("annual_revenue")
    expect(page.get_by_label("Numbers are written")).to_have_value(",")
    expect(preview).to_contain_text("7000.50")

    page.goto("/parties")
    page.goto("/imports")
    page.get_by_role("link", name="journey.csv").first.click()
    expect(page.get_by_label("Field for “Art”")).to_have_value("kind")


def bring_in(page: Page) -> str:
    """Imports what was checked while one is elsewhere; gives the run's address."""
    assert (tile(page, "New"), tile(page, "With errors")) == ("117", "3")

    page.get_by_role("button", name="Import 117 rows").click()
    run = page.url
    page.goto("/deals")  # elsewhere meanwhile
    page.goto(run)
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=20000)
    assert (tile(page, "Created"), tile(page, "With errors")) == ("117", "3")
    expect(page.locator(".faults td.wrong")).to_have_count(3)
    compared = re.compile("None of the new records|of the new records w")
    expect(page.get_by_text(compared)).to_be_visible(timeout=20000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []  # it does not ask on when all is done
    return run


def bring_in_corrected(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rows with errors").click()
    errors = tmp_path / "errors.csv"
    download.value.save_as(errors)
    text = errors.read_text("utf-8-sig")
    assert text.count("“nonsense”") == 3
    for n in range(3):
        text = text.replace(";nonsense;", f";fixed{n}@journey.example;", 1)
    errors.write_text(text, encoding="utf-8")
    page.get_by_role("link", name="Import the corrected file").click()
    upload(page, errors)
    expect(page.locator(".lead")).to_contain_text("Mapped as in “journey.csv”")
    check(page)
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=20000)
    assert (tile(page, "Created"), tile(page, "With errors")) == ("3", "0")


def test_from_the_table_to_the_undo(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    upload(page, table(tmp_path))
    map_columns(page)
    check(page)
    run = bring_in(page)
    bring_in_corrected(page, tmp_path)
    for address in (page.url, run):
        page.goto(address)
        page.get_by_role("button", name="Undo this import").click()
        expect(page.locator("#run")).to_contain_text("taken back.", timeout=20000)
    page.goto("/parties?kind=organisation&q=journey")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_by_the_keyboard_and_without_scripts(visit: Callable[..., Page], tmp_path: Path) -> None:
    signed_in = visit()
    plain = signed_in.context.browser.new_context(  # type: ignore[union-attr]
        base_url=signed_in.url.split("/parties")[0], java_script_enabled=False,
        storage_state=signed_in.context.storage_state(),
    )  # fmt: skip
    page = plain.new_page()
    page.goto("/imports/new?entity=party")
    page.set_input_files("[name=file]", table(tmp_path))
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_label("Field for “Umsatz”").select_option("annual_revenue")
    page.get_by_role("button", name="Show the preview anew").press("Enter")
    expect(page.locator(".preview")).to_contain_text("7000.50")
    page.get_by_role("button", name="Check the whole file").press("Enter")
    for _try in range(20):
        if page.get_by_role("button", name=re.compile("^Import")).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert tile(page, "New") == "117"
    page.goto("/imports")
    expect(page.get_by_role("link", name="journey.csv").first).to_be_visible()
    plain.close()
