"""What an organisation sets up, and an object of its own at work."""

from playwright.sync_api import Page

FIELDS = (
    {"name": "Customer", "kind": "relation", "target": "party"},
    {"name": "Model", "kind": "choice", "options": "Press 200\nPress 300\nDryer"},
    {"name": "Installed on", "kind": "date"},
    {"name": "Price", "kind": "amount"},
)


def set_up(page: Page) -> None:
    """Everything that is set up, in one place."""
    page.goto("/set-up")


def new_field(page: Page) -> None:
    """A new field, asked for what its kind needs."""
    page.goto("/custom-fields/new")
    page.select_option("[name=kind]", "choice")


def fields(page: Page) -> None:
    """The fields of the organisation's own."""
    _machines(page)
    page.goto("/custom-fields")


def machines(page: Page) -> None:
    """An object of the organisation's own as a list."""
    _machines(page)
    page.goto("/machines")


def machine(page: Page) -> None:
    """One of its records."""
    machines(page)
    page.goto(str(page.locator("tbody a[href^='/machines/']").first.get_attribute("href")))


def _machines(page: Page) -> None:
    """Make the object with its fields and two records, once."""
    if page.request.get("/machines").ok:
        return
    _made(page, "/custom-objects", {"name": "Machine", "plural_name": "Machines", "icon": "wrench"})
    for field in FIELDS:
        _made(page, "/custom-fields", {"entity": "machine", **field})
    for number, model in enumerate(("Press 200", "Dryer"), 1001):
        values = {"custom.model": model, "custom.installed_on": "2026-03-02", "custom.price": "12500"}
        _made(page, "/machines", {"name": f"SN-{number}", **values})


def _made(page: Page, plural: str, values: dict[str, str]) -> None:
    """Fill the form of a new record and send it."""
    page.goto(f"{plural}/new")
    for name, value in values.items():
        control = page.locator(f"main form [name='{name}']")
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation():
        page.click("main form footer [type=submit]")
