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


def pipelines(page: Page) -> None:
    """One of the lists that set-up leads to."""
    page.goto("/pipelines")


def webhook(page: Page) -> None:
    """Another program being told: its address forgotten."""
    page.goto("/webhooks/new")
    page.click("main form footer [type=submit]")
    page.wait_for_selector("[aria-invalid=true]")


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


def machine_board(page: Page) -> None:
    """The records of an object of the organisation's own by one of its choices."""
    _machines(page)
    page.goto("/custom-objects")
    page.goto(str(page.locator("tbody a[href^='/custom-objects/']").first.get_attribute("href")) + "/edit")
    page.fill("[name=board_by]", "Model")
    page.fill("[name=board_total]", "Price")
    with page.expect_navigation():
        page.click("main form footer [type=submit]")
    page.goto("/machines?view=board")


def words(page: Page) -> None:
    """The objects that can be called otherwise."""
    page.goto("/set-up/names")


def names(page: Page) -> None:
    """The words for an object, its fields and choices."""
    page.goto("/set-up/names/sample")
    page.locator("details.choices summary").first.click()


def layouts(page: Page) -> None:
    """The objects that can be laid out."""
    page.goto("/set-up/layouts")


def layout(page: Page) -> None:
    """The editor of a card, with a section under a condition and a menu open."""
    page.goto("/set-up/layouts/party")
    page.locator("[data-to]").first.click()


def layout_form(page: Page) -> None:
    """What a new record is asked for."""
    page.goto("/set-up/layouts/deal?part=form")


def layout_list(page: Page) -> None:
    """Columns and order of the lists of an object, for a role."""
    page.goto("/set-up/layouts/deal?part=lists&role=sales")


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
