"""Signing in as people do it: a second factor from its picture, a passkey of the device, sessions ended from afar."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rapport.platform.identity import totp
from tests.browser import axe

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


@pytest.fixture
def named(running: tuple[str, str, str]) -> str:
    """The address by name: passkeys belong to names, not to numbers."""
    return running[0].replace("127.0.0.1", "localhost")


@contextmanager
def authenticator(page: Page) -> Iterator[Any]:
    """A device that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield lambda verified: session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": verified}
    )


def by_password(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url("**/sign-in")


def test_a_passkey_signs_in_without_a_password(browser: Browser, running: tuple[str, str, str], named: str) -> None:
    page = browser.new_context(base_url=named, locale="en-GB").new_page()
    with authenticator(page) as verified:
        by_password(page, *running[1:])
        expect(page.locator("main h1")).to_have_text("My day")
        page.goto("/account/passkeys/new")
        page.fill("[name=name]", "Desk")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".notice")).to_contain_text("The passkey is ready")
        expect(page.locator(".entry", has_text="Desk").first).to_contain_text("not used yet")

        page.goto("/account/passkeys/new")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("[data-passkey-problem]")).to_have_text("This device has a passkey of yours already.")

        sign_out(page)
        verified(False)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("[data-passkey-problem]")).to_contain_text("broken off")
        verified(True)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("main h1")).to_have_text("My day")

        page.goto("/account/security")
        expect(page.locator(".entries.quiet .entry").first).to_contain_text("with passkey “Desk”")
        page.locator(".entry", has_text="Desk").first.get_by_role("button", name="Remove").click()
        expect(page.locator(".notice")).to_contain_text("The passkey is removed")
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert").first).to_contain_text("This passkey opens no account here")
    page.context.close()


def test_a_second_factor_from_its_picture_to_the_next_sign_in(
    browser: Browser, running: tuple[str, str, str], visit: Visit
) -> None:
    address, _email, password = running
    who = "jan@harbour.example"
    page = browser.new_context(base_url=address, locale="en-GB").new_page()
    by_password(page, who, password)
    page.goto("/account/second-factor")
    page.locator("summary", has_text="cannot be scanned").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.fill("[name=code]", totp.code_at(secret, int(time.time() // 30)))
    page.get_by_role("button", name="Switch on").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    kept = download.value.path().read_text().split()
    assert kept == codes.all_inner_texts()
    sign_out(page)
    by_password(page, who, password)
    expect(page.locator("h1")).to_have_text("Second step")
    assert axe(page) == []
    page.fill("[name=code]", "not it")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").first).to_contain_text("not right")
    page.fill("[name=code]", kept[0])
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".entry", has_text="Recovery codes")).to_contain_text("9 codes left")
    admin = visit()
    admin.goto("/security/people?q=jan")
    admin.get_by_role("button", name="Reset second factor").click()
    expect(admin.locator(".notice")).to_contain_text("second factor is gone")
    page.goto("/my-day")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.context.close()


def test_a_token_can_be_copied_once(visit: Visit) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/account/tokens/new")
    page.fill("[name=name]", "Report")
    page.get_by_role("button", name="Make token").click()
    secret = page.locator(".secret").inner_text()
    assert axe(page) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".toast")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.goto("/account/tokens")
    expect(page.locator(".secret")).to_have_count(0)
