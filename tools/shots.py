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
from tools.screens import SCREENS

SIZES = {"wide": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector("main h1")
    page.wait_for_load_state()


@contextmanager
def sampled() -> Iterator[tuple[str, str, str]]:
    """(address, e-mail, password) of a Rapport on sample data."""
    with tempfile.TemporaryDirectory(prefix="rapport-shots-") as folder:
        env = {**environment(folder), "RAPPORT_DEVELOPER": "1"}
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
                if only and screen.__name__ not in only.split(","):
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
