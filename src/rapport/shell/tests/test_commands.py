"""The palette offers what its reader may do, and nothing else; an action carried out from it can be taken back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from rapport.platform.identity.models import User
from rapport.records import registry
from rapport.shell import commands
from tests.people import Api, may

Browser = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Lists are kept per language and rights; what a test switches on must not stay."""
    commands._offer.cache_clear()
    yield
    commands._offer.cache_clear()


def offered(browser: Client) -> dict[str, dict[str, Any]]:
    """Everything that is offered, by its label."""
    told = browser.get("/commands").json()
    return {each["label"]: each for each in told["commands"]}


def test_places_of_every_entity_with_a_screen(browser_of: Browser, seller: User) -> None:
    found = offered(browser_of(seller))
    for entity in registry:
        if commands.leads(f"/{entity.plural}") and may(seller, entity.key):
            assert any(each["kind"] == "go" and each["url"].startswith(f"/{entity.plural}") for each in found.values())
    assert found["Deals"]["key"] == "g d"


def test_every_address_answers(browser_of: Browser, admin: User) -> None:
    browser = browser_of(admin)
    for each in offered(browser).values():
        if "url" in each:
            assert browser.get(each["url"]).status_code == 200, each["url"]


def test_a_reader_is_offered_no_writing(browser_of: Browser, reader: User, seller: User) -> None:
    mine, theirs = offered(browser_of(reader)), offered(browser_of(seller))
    assert {"New deal", "New person", "Log call with {}", "{}: Move to…"} <= set(theirs)
    assert not {each for each in mine if each.startswith("New ")}
    assert not [each for each in mine.values() if each["kind"] == "do"]
    assert {"Deals", "Sign out", "Dark theme"} <= set(mine)


def test_a_record_offers_its_actions_within_rights(
    api: Callable[..., Api], browser_of: Browser, seller: User, reader: User, other_seller: User
) -> None:
    deal = api(seller).make("deals", {"name": "Gift boxes"})
    stages = {each["name"] for each in api(seller).items("stages", fields="name")}
    where = f"/commands/deals/{deal['id']}"
    told = browser_of(seller).get(where).json()
    labels = [each["label"] for each in told["commands"]]
    assert told["title"] == "Gift boxes"
    assert {f"Move to {name}" for name in stages - {"New"}} <= set(labels)
    assert "Move to New" not in labels
    assert "Log call" in labels
    assert browser_of(reader).get(where).json()["commands"] == []
    assert browser_of(other_seller).get(where).status_code == 404


def test_a_card_offers_what_stands_beside_it(api: Callable[..., Api], browser_of: Browser, seller: User) -> None:
    party = api(seller).make("parties", {"name": "Quay Stop", "phone": "+49 40 6888780"})
    told = browser_of(seller).get(f"/commands/parties/{party['id']}").json()["commands"]
    urls = {each.get("url") for each in told}
    assert f"/deals/new?party={party['id']}" in urls
    assert "tel:+49406888780" in urls


def post(browser: Client, url: str, **values: str) -> Any:
    """As the palette posts, with the token of the page."""
    browser.get("/deals")
    token = browser.cookies["csrftoken"].value
    return browser.post(url, values, headers={**FRAGMENT, "X-CSRFToken": token})


def test_an_action_is_carried_out_told_and_undone(
    api: Callable[..., Api], browser_of: Browser, seller: User, reader: User
) -> None:
    program, browser = api(seller), browser_of(seller)
    deal = program.make("deals", {"name": "Gift boxes"})
    stages = {each["name"]: each["id"] for each in program.items("stages", fields="id,name")}
    url = f"/deals/{deal['id']}/act/move_to"
    answer = post(browser, url, stage=stages["Proposal"])
    assert answer.status_code == 204
    assert "is now Proposal" in answer["HX-Trigger"]
    assert program.get(f"deals/{deal['id']}").json()["stage"] == stages["Proposal"]

    undo = answer["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    assert post(browser, undo).status_code == 200
    assert program.get(f"deals/{deal['id']}").json()["stage"] == stages["New"]

    asked = post(browser, url, stage=stages["Lost"])
    assert asked.status_code == 422
    assert b'name="lost_reason"' in asked.content
    assert post(browser, url, stage=stages["Lost"], lost_reason="Price").status_code == 204
    assert post(browser_of(reader), url, stage=stages["Won"]).status_code == 403
    assert post(browser, f"/deals/{deal['id']}/act/explode").status_code == 404


def test_search_can_be_kept_to_one_kind(api: Callable[..., Api], browser_of: Browser, seller: User) -> None:
    api(seller).make("parties", {"name": "Saffron House"})
    api(seller).make("deals", {"name": "Saffron order"})
    both = browser_of(seller).get("/search?q=saffron", headers=FRAGMENT).content.decode()
    deals = browser_of(seller).get("/search?q=saffron&in=deals", headers=FRAGMENT).content.decode()
    assert "Saffron House" in both
    assert "Saffron order" in both
    assert "Saffron House" not in deals
    assert "Saffron order" in deals
    assert "Saffron" not in browser_of(seller).get("/search?q=saffron&in=nothing", headers=FRAGMENT).content.decode()


def test_the_list_may_be_kept_only_under_its_own_address(browser_of: Browser, seller: User) -> None:
    browser = browser_of(seller)
    page = browser.get("/deals").content.decode()
    url = page.split('data-commands="')[1].split('"')[0]
    assert "immutable" in browser.get(url)["Cache-Control"]
    assert browser.get("/commands?v=older")["Cache-Control"] == "no-store"
    assert Client().get(url).status_code == 302


def test_the_gallery_is_for_developers(browser_of: Browser, seller: User, settings: LazySettings) -> None:
    assert browser_of(seller).get("/gallery").status_code == 404
    settings.DEVELOPER = True
    answer = browser_of(seller).get("/gallery")
    assert answer.status_code == 200
    assert 'id="ui-button"' in answer.content.decode()
    assert "Gallery of components" in offered(browser_of(seller))
