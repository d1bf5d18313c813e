"""One's own account, and what administrators see of sign-in."""

from playwright.sync_api import Page


def profile(page: Page) -> None:
    """One's own name, time zone and password."""
    page.goto("/account")


def own_security(page: Page) -> None:
    """What keeps the account safe."""
    page.goto("/account/security")


def second_factor(page: Page) -> None:
    """An authenticator app being set up."""
    page.goto("/account/second-factor")
    page.fill("[name=code]", "123456")
    page.click(".code button")
    page.wait_for_selector(".error")


def passkey(page: Page) -> None:
    """A passkey being added."""
    page.goto("/account/passkeys/new")


def tokens(page: Page) -> None:
    """API tokens."""
    page.goto("/account/tokens")


def new_token(page: Page) -> None:
    """A token being made, its name forgotten."""
    page.goto("/account/tokens/new")
    page.click(".setting button[type=submit]")
    page.wait_for_selector(".error")


def sign_ins(page: Page) -> None:
    """What happened at the doors."""
    page.goto("/security")


def guarded(page: Page) -> None:
    """How people's accounts are guarded."""
    page.goto("/security/people")


def demanded(page: Page) -> None:
    """Of which roles a second factor is demanded."""
    page.goto("/security/roles")
