"""The steps of an import."""

from playwright.sync_api import Page

SHEET = (
    "Company name;Kind;E-mail;Phone;City;Country;Industry;Owner;Revenue\n"
    "Alpenmilch Genossenschaft;Firma;info@alpenmilch.example;+43 662 881234;Salzburg;AT;Dairy;Nora Lind;1.250.000,50\n"
    "Brotzeit & Söhne;Firma;brotzeit.example;+49 89 2345678;München;DE;Bakery;Nora Lind;830.000,00\n"
    "Eiswerk Nord;Firma;post@eiswerk.example;+49 40 3344556;Hamburg;DE;Ice cream;Nobody Known;410.000,00\n"
    "Fischhalle Altona;Firma;kontor@fischhalle.example;+49 40 8877665;Hamburg;DE;Seafood;Jan Schmidt;95.000,00\n"
)


def import_new(page: Page) -> None:
    """Choose a file to import."""
    page.goto("/imports/new?entity=party")
    page.set_input_files("[name=file]", {"name": "firms.csv", "mimeType": "text/csv", "buffer": SHEET.encode()})


def import_columns(page: Page) -> None:
    """Which column fills which field, with the preview."""
    import_new(page)
    page.click("form[action='/imports/new'] button[type=submit]")
    page.wait_for_selector("#mapping")


def import_checked(page: Page) -> None:
    """What an import would do, with its errors."""
    import_columns(page)
    page.select_option("select[name=value-1-0]", "organisation")
    page.wait_for_timeout(600)
    page.click("button[name=check]")
    page.wait_for_selector(".tiles", timeout=20000)


def import_done(page: Page) -> None:
    """What an import brought, and the rows that it could not take."""
    import_checked(page)
    page.locator("form[action$='/start'] button").click()
    page.wait_for_selector("form[action$='/undo'] button", timeout=20000)


def import_taken_back(page: Page) -> None:
    """An import that was undone; the next picture finds things as they were."""
    imports(page)
    if page.locator("a.row-link").count():
        page.goto(str(page.locator("a.row-link").first.get_attribute("href")))
    if not page.locator("form[action$='/undo']").count():
        import_done(page)
    page.locator("form[action$='/undo'] button").click()
    page.get_by_text("Taken back", exact=True).first.wait_for(timeout=20000)


def imports(page: Page) -> None:
    """The list of imports."""
    page.goto("/imports")
    page.wait_for_selector("main h1")
