"""People, roles and rights."""

from playwright.sync_api import Page


def everybody(page: Page) -> None:
    """The people who work here."""
    page.goto("/access/people")


def somebody_new(page: Page) -> None:
    """Somebody being added, his e-mail forgotten."""
    page.goto("/access/people/new")
    page.fill("[name=name]", "Ines Marrero")
    page.click("form.settings [type=submit]")
    page.wait_for_selector(".error")


def somebody(page: Page) -> None:
    """One person: roles, and what they come to."""
    page.goto("/access/people?q=nora")
    page.goto(str(page.locator("#people a.row-link").first.get_attribute("href")))


def all_roles(page: Page) -> None:
    """Every permission role in words."""
    page.goto("/access/roles")


def new_role(page: Page) -> None:
    """A role being made."""
    page.goto("/access/roles/new")


def one_role(page: Page) -> None:
    """One role with its matrix, a cell about to be set."""
    page.goto("/access/roles")
    page.goto(str(page.get_by_role("link", name="Sales", exact=True).get_attribute("href")))
    page.locator("[name='deal.export']").focus()


def fields_of_a_role(page: Page) -> None:
    """What a role withholds of an object's fields."""
    one_role(page)
    page.goto(f"{page.url.partition('?')[0]}/fields/deal")


def who_may(page: Page) -> None:
    """One object across all roles."""
    page.goto("/access/compare?of=party")


def joining(page: Page) -> None:
    """A link to set a password that is no longer good."""
    page.goto("/join/nothing")


def viewed_as(page: Page) -> None:
    """Rapport as a colleague sees it; stopped again before the next picture."""
    somebody(page)
    page.get_by_role("button", name="View as").click()
    page.wait_for_selector(".viewing")


def himself_again(page: Page) -> None:
    """Back from there."""
    if page.locator(".viewing").count():
        page.locator(".viewing button").click()
        page.wait_for_selector(".matrix")
