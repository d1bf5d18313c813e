"""Duplicates: the queue, records side by side, the warning while one types."""

from playwright.sync_api import Page

from tools.screens.opening import people


def duplicates(page: Page) -> None:
    """Pairs to review."""
    page.goto("/parties/duplicates")
    page.wait_for_selector("#queue")


def pairs_found(page: Page) -> None:
    """Two people who are probably one, with what speaks for it."""
    alike = {"name": "Gráinne Ó Cuinn", "email": "grainne@cuinn.example"}
    if not page.request.get("/api/v1/parties?q=Cuinn&limit=1").json()["items"]:
        for _twice in range(2):
            page.goto("/parties/new?kind=person")
            for name, value in alike.items():
                page.fill(f"#form [name={name}]", value)
            page.locator("#form [type=submit]").first.click()
            page.wait_for_url("**/parties/0*")
    page.goto("/parties/duplicates")
    page.get_by_role("button", name="Look for duplicates").first.click()
    page.wait_for_selector("[data-pair]", timeout=20000)


def side_by_side(page: Page) -> None:
    """Two records, and whose value each field keeps."""
    people(page)
    ids = page.locator("#rows [name=id]").evaluate_all("boxes => boxes.slice(0, 2).map((box) => box.value)")
    page.goto(f"/parties/merge?ids={','.join(ids)}")
    page.wait_for_selector(".merge")


def already_here(page: Page) -> None:
    """The form of a new person knows somebody of that name."""
    people(page)
    name = page.locator("#rows [data-item]").first.inner_text()
    page.goto("/parties/new?kind=person")
    page.locator("[name=name]").press_sequentially(name)
    page.wait_for_selector(".alike")
