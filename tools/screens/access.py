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


def territories(page: Page) -> None:
    """The tree of territories: the one of the sample, or none yet."""
    page.goto("/access/territories")


def new_territory(page: Page) -> None:
    """A territory being made."""
    page.goto("/access/territories/new")


def one_territory(page: Page) -> None:
    """One with its rule, which is being tried."""
    page.goto("/access/territories")
    if not page.get_by_role("link", name="Ireland", exact=True).count():
        new_territory(page)
        page.get_by_label("Name").fill("Ireland")
        page.get_by_role("button", name="Make territory").click()
        page.wait_for_selector("#box-rule")
        ruled(page, "IE")
        page.get_by_role("button", name="Save rule").click()
        page.wait_for_url("**/access/territories")
    page.get_by_role("link", name="Ireland", exact=True).click()
    page.get_by_role("button", name="Try the rule").click()
    page.wait_for_selector("#tried p")


def ruled(page: Page, country: str) -> None:
    """Add the condition that the country is this one."""
    page.locator("#add-rule").click()
    page.locator("#pop").get_by_text("Country", exact=True).first.click()
    page.locator("#pop select").first.select_option("eq")
    page.locator("#pop input:visible").last.fill(country)
    page.locator("#pop").get_by_role("button", name="Apply").click()
    page.wait_for_selector("#box-rule .filter")


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
