"""The browser and axe are really there."""

import pytest
from playwright.sync_api import Page

from tests.browser import axe


@pytest.mark.browser
def test_axe_finds_a_picture_without_words(page: Page) -> None:
    page.set_content("<html lang=en><title>Trial</title><main><h1>Trial</h1><img src='data:,'></main>")
    assert [line.split(":")[0] for line in axe(page)] == ["image-alt"]
