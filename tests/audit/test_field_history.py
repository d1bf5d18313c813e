"""The history of a field beside it, and of a record narrowed by field and person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.identity.models import User
from rapport.records import write
from tests.audit.conftest import PARTY, plain

Browser = Callable[[User], Client]
PART = {"HX-Request": "true"}


@pytest.fixture
def firm(make: Callable[..., Any], seller: User, admin: User, acting: Callable[..., Any]) -> str:
    """An organisation whose name three have changed, and its industry one of them."""
    found = make("First", owner=seller.id)
    with acting(seller):
        write.change(PARTY, found.id, {"name": "Second", "description": 'says "name": nothing'})
        write.change(PARTY, found.id, {"industry": "retail"})
    with acting(admin):
        write.change(PARTY, found.id, {"name": "Third"})
    return str(found.id)


def text(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers or PART)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def test_a_field_tells_from_whom_it_has_each_value(firm: str, seller: User, browser_of: Browser) -> None:
    told = text(browser_of(seller), f"/parties/{firm}/field/name/history")
    assert told.startswith("History of Name")
    assert told.index("Second → became Third") < told.index("First → became Second") < told.index("– → became First")
    assert "retail" not in told
    assert "nothing" not in told, "other fields of the same write stay out"
    assert "retail" in text(browser_of(seller), f"/parties/{firm}/field/industry/history")


def test_what_a_text_says_does_not_make_it_another_field(
    firm: str, seller: User, acting: Callable[..., Any], browser_of: Browser
) -> None:
    with acting(seller):
        write.change(PARTY, firm, {"description": '"industry": "x"'})
    assert text(browser_of(seller), f"/parties/{firm}/field/industry/history").count("became") == 1


def test_without_scripts_it_is_a_page(firm: str, seller: User, browser_of: Browser) -> None:
    page = browser_of(seller).get(f"/parties/{firm}/field/name/history").content.decode()
    assert "<h1" in page or "<nav" in page
    assert "Third" in page


def test_the_history_of_a_record_is_narrowed(firm: str, seller: User, admin: User, browser_of: Browser) -> None:
    client = browser_of(seller)
    whole = text(client, f"/parties/{firm}/changes")
    assert "Ada Admin" in whole
    assert whole.count("→") == 4
    mine = text(client, f"/parties/{firm}/changes?by={seller.id}")
    assert "Third" not in mine
    both = text(client, f"/parties/{firm}/changes?by={admin.id}&field=industry")
    assert "No change fits what you ask for." in both
    plainly = client.get(f"/parties/{firm}/changes?field=name")
    assert plainly.status_code == 302
    assert "First → became Second" in plain(client.get(plainly["Location"]).content.decode())


def test_pages_of_a_narrowed_history_are_complete(
    make: Callable[..., Any], seller: User, acting: Callable[..., Any], browser_of: Browser
) -> None:
    firm = make("Name 0", owner=seller.id)
    with acting(seller):
        for n in range(1, 46):
            write.change(PARTY, firm.id, {"name": f"Name {n}"})
            write.change(PARTY, firm.id, {"description": f"Text {n}"})
    client, url, found = browser_of(seller), f"/parties/{firm.id}/field/name/history", []
    while url:
        page = client.get(url, headers=PART).content.decode()
        found += [int(each.split()[0]) for each in plain(page).split("became Name ")[1:]]
        url = page.split('hx-get="')[-1].split('"')[0].replace("&amp;", "&") if "more-link" in page else ""
    assert found == list(range(45, -1, -1))


def test_undo_is_offered_to_whom_it_is_open(firm: str, seller: User, admin: User, browser_of: Browser) -> None:
    own = browser_of(seller).get(f"/parties/{firm}/changes", headers=PART).content.decode()
    every = browser_of(admin).get(f"/parties/{firm}/changes", headers=PART).content.decode()
    assert own.count('hx-post="/undo/') == 2, "his own two of the last day"
    assert every.count('hx-post="/undo/') == 3, "not the making of it"


def test_nobody_reads_the_history_of_what_he_does_not_see(
    firm: str, other_seller: User, browser_of: Browser
) -> None:  # fmt: skip
    client = browser_of(other_seller)
    assert client.get(f"/parties/{firm}/field/name/history", headers=PART).status_code == 404
    assert client.get(f"/parties/{firm}/field/odd/history", headers=PART).status_code in (400, 404)
