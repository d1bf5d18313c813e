"""An empty installation: the first visit makes the administrator, and the page works without scripts too."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.serving import environment, serving

pytestmark = pytest.mark.browser


def test_first_administrator_then_an_empty_list_that_teaches(browser: Browser, tmp_path: Path) -> None:
    with serving(environment(tmp_path), "--workers", "1") as address:
        page = browser.new_page(base_url=address)
        page.goto("/")
        expect(page.locator("h1")).to_have_text("Welcome to Rapport")
        page.fill("[name=organisation]", "Harbour Foods")
        page.fill("[name=name]", "Maria Anders")
        page.fill("[name=email]", "maria@harbour.example")
        page.fill("[name=password]", "short")
        page.click("button[type=submit]")
        expect(page.locator("body")).to_contain_text("at least 8 characters")
        expect(page.locator("[name=organisation]")).to_have_value("Harbour Foods")
        page.fill("[name=password]", "a-quiet-morning")
        page.click("button[type=submit]")
        expect(page.locator("main h1")).to_have_text("My day")
        expect(page.locator("main")).to_contain_text("A clear day")
        page.goto("/parties")
        expect(page.locator("main h1")).to_have_text("Organisations")
        expect(page.locator("main")).to_contain_text("No organisations yet")
        page.goto("/welcome")
        expect(page.locator("main h1")).to_have_text("My day")
        page.context.close()


def test_plain_forms_work_without_scripts(browser: Browser, running: tuple[str, str, str]) -> None:
    address, email, password = running
    page = browser.new_context(base_url=address, java_script_enabled=False).new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")
    page.goto("/parties/new?kind=organisation")
    page.fill("[name=name]", "Plain & Simple")
    page.click("#form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Plain & Simple")
    page.fill("#composer-body", "No scripts here.")
    page.locator("#composer button[type=submit]").click()
    expect(page.locator("#timeline")).to_contain_text("No scripts here.")
    page.context.close()
