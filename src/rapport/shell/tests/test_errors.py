"""What people and programs read when something is not there or went wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.records import read

pytestmark = pytest.mark.django_db


def test_an_address_that_is_not_there_says_so_on_a_page_of_ours(organisation: None) -> None:
    answer = Client().get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_our_own_failure_says_nothing_was_half_saved(
    admin: Any, browser_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kw: object) -> None:
        raise RuntimeError("made to fail")

    monkeypatch.setattr(read, "page", fail)
    browser = browser_of(admin)
    browser.raise_request_exception = False
    page = browser.get("/parties?view=organisations")
    assert page.status_code == 500
    assert "Nothing was half saved" in page.content.decode()
    program = browser.get("/api/v1/parties")
    assert program.status_code == 500
    assert program["Content-Type"] == "application/problem+json"
