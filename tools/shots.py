"""Take a picture of every screen, 1440 and 390 px wide, light and dark: make shots ARGS="--to shots --only card".

Starts Rapport on sample data in a temporary folder, on a free loopback port.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.serving import environment, serving
from tools import frontend

SIZES = {"wide": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
FIRST_ROW = "[data-item]"


def list_of(page: Page, url: str) -> None:
    """Open a list and wait for its rows."""
    page.goto(url)
    page.wait_for_selector(FIRST_ROW)


def my_day(page: Page) -> None:
    """My day."""
    list_of(page, "/my-day")


def quick_add(page: Page) -> None:
    """A task typed in one line, with what was understood of it."""
    my_day(page)
    page.keyboard.press("c")
    page.keyboard.type("Call Horst tomorrow 10:00")
    page.wait_for_selector("#understood .chip")


def put_off(page: Page) -> None:
    """The dialog for putting a task off."""
    my_day(page)
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.wait_for_selector("dialog[open] form")


def task(page: Page) -> None:
    """The card of a task."""
    my_day(page)
    page.goto(str(page.locator(FIRST_ROW).first.get_attribute("href")))


def notifications(page: Page) -> None:
    """What one should hear of."""
    page.goto("/notifications")
    page.wait_for_selector(".notification")


def planning(page: Page) -> None:
    """The composer about to add a task."""
    organisations(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))
    page.keyboard.press("t")
    page.keyboard.type("Call about the spring order")


def organisations(page: Page) -> None:
    """The list of organisations."""
    list_of(page, "/parties?kind=organisation")


def people(page: Page) -> None:
    """The list of people."""
    list_of(page, "/parties?kind=person")


def peek(page: Page) -> None:
    """The preview beside the list."""
    organisations(page)
    page.locator(FIRST_ROW).nth(2).focus()
    page.keyboard.press("Space")
    page.wait_for_selector("#peek:not([hidden]) h2")


def card(page: Page) -> None:
    """The card of an organisation."""
    organisations(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))


def person(page: Page) -> None:
    """The card of a person."""
    people(page)
    page.goto(str(page.locator(FIRST_ROW).nth(1).get_attribute("href")))


def board(page: Page) -> None:
    """Deals as a board."""
    list_of(page, "/deals")


def deals(page: Page) -> None:
    """Deals as a table."""
    list_of(page, "/deals?as=table")


def deal(page: Page) -> None:
    """The card of a deal."""
    deals(page)
    page.goto(str(page.locator(FIRST_ROW).first.get_attribute("href")))


def new_organisation(page: Page) -> None:
    """The form for a new organisation with something wrong in it."""
    page.goto("/parties/new?kind=organisation")
    page.fill("[name=email]", "not an address")
    page.click("#form button[type=submit]")
    page.wait_for_selector(".summary, [aria-invalid=true]")


def new_deal(page: Page) -> None:
    """The dialog for a new deal, over the board."""
    board(page)
    page.keyboard.press("c")
    page.wait_for_selector("dialog[open] form")


def search(page: Page) -> None:
    """Quick search over the list."""
    organisations(page)
    page.keyboard.press("Control+k")
    page.locator("#search input[name=q]").press_sequentially("mar")
    page.wait_for_selector("#search .option")


def keys(page: Page) -> None:
    """The list of keys."""
    organisations(page)
    page.keyboard.press("?")
    page.wait_for_timeout(200)


def editing(page: Page) -> None:
    """A fact being edited in place."""
    card(page)
    if page.locator("a[href='#facts']").is_visible():
        page.locator("a[href='#facts']").click()
    page.locator("#cell-email [data-edit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#cell-email form")


def lost(page: Page) -> None:
    """A page that is not there."""
    page.goto("/parties/0")


SCREENS = (
    my_day, quick_add, put_off, task, notifications, planning, organisations, people, peek, card, person, board, deals,
    deal, new_organisation, new_deal, search, keys, editing, lost,
)  # fmt: skip


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector("main h1")


@contextmanager
def sampled() -> Iterator[tuple[str, str, str]]:
    """(address, e-mail, password) of a Rapport on sample data."""
    with tempfile.TemporaryDirectory(prefix="rapport-shots-") as folder:
        env = environment(folder)
        command = [sys.executable, "-m", "tools.sample"]
        made = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        email, password = made.stdout.split()
        with serving(env) as address:
            yield address, email, password


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium under Playwright."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(frontend.node()))
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def note(problems: list[str], where: str, said: ConsoleMessage) -> None:
    """Keep what the browser complains about; that an address refused or does not exist may be the picture's point."""
    if said.type == "error" and "status of 4" not in said.text:
        problems.append(f"{where}: {said.text}")


def take(browser: Browser, address: str, email: str, password: str, folder: Path, only: str) -> list[str]:
    """Every screen in every size and theme; returns what went wrong."""
    problems: list[str] = []
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, locale="en-GB")
            context.add_cookies([{"name": "theme", "value": theme, "url": address}])
            page = context.new_page()
            where = f"{size} {theme}"
            page.on("console", lambda said, where=where: note(problems, where, said))
            sign_in(page, email, password)
            for screen in SCREENS:
                if only and only != screen.__name__:
                    continue
                try:
                    screen(page)
                    page.wait_for_timeout(250)
                except Exception as error:
                    problems.append(f"{screen.__name__} {where}: {error}")
                page.screenshot(path=folder / f"{screen.__name__}-{size}-{theme}.png")
            context.close()
    return problems


def main() -> int:
    """0 when every picture was taken without an error in the browser's console."""
    parser = argparse.ArgumentParser(prog="shots")
    parser.add_argument("--to", type=Path, default=Path("shots"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with sampled() as (address, email, password), chromium() as browser:
        problems = take(browser, address, email, password, options.to, options.only)
    print("\n".join(problems), file=sys.stderr)
    print(f"pictures in {options.to}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
