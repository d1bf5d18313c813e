"""Misspelt words on the screens: what was meant is offered, below what was found."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from tests.assistants.speaking import Assistant
from tests.people import Api

LABEL = "Organisations and people"


@pytest.fixture
def client(admin: User, browser_of: Callable[[User], Client]) -> Client:
    with as_system("tests"):
        for name in ("Tesla", "Telsa Grill"):
            write.create(registry.get("party"), {"name": name})
        write.create(registry.get("party"), {"name": "Шолпан Әлиева", "kind": "person"})
    return browser_of(admin)


def test_the_palette_shows_what_is_spelt_alike_below_what_was_found(client: Client) -> None:
    page = client.get("/search?q=telsa", headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'aria-label="([^"]+)"', page) == [LABEL, f"{LABEL} · similar spelling"]
    assert page.index("Telsa Grill") < page.index("Tesla<")
    assert "Did you mean" not in page


def test_whose_name_it_is_comes_before_who_merely_has_the_word(client: Client) -> None:
    with as_system("tests"):
        write.create(registry.get("party"), {"name": "Bluewater"})
        write.create(registry.get("party"), {"name": "Tadhg Quinn", "kind": "person", "email": "t@bluewater.example"})
    page = client.get("/search?q=bluewatre").content.decode()
    assert page.index(">Bluewater<") < page.index(">Tadhg Quinn<")


def test_the_page_says_what_may_have_been_meant(client: Client) -> None:
    page = client.get("/search?q=shoplan").content.decode()
    assert 'Did you mean <a href="/search?q=sholpan">sholpan</a>' in page
    assert "Шолпан Әлиева" in page
    assert "Did you mean" not in client.get("/search?q=zzzzzz").content.decode()


def test_a_list_offers_to_look_for_that_instead(client: Client) -> None:
    page = client.get("/parties?view=people&q=shoplan").content.decode()
    offered = re.search(r'href="([^"]+)"[^>]*>Find “sholpan” instead', page)
    assert offered is not None
    assert "Шолпан Әлиева" in client.get(html.unescape(offered[1])).content.decode()
    assert "instead" not in client.get("/parties?view=organisations&q=shoplan").content.decode(), "she is none"
    assert "instead" not in client.get("/parties?q=tesla").content.decode()
    assert "instead" not in client.get("/deals?q=shoplan").content.decode(), "no deal is called so"


def test_an_assistant_is_told_what_comes_close(client: Client, admin: User, api: Callable[..., Api]) -> None:
    found = Assistant(api(admin)).call("search", q="shoplan")
    assert (found["items"], [hit["title"] for hit in found["similar"]]) == ([], ["Шолпан Әлиева"])
