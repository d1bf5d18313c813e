"""Many rows at once: one deed, one undo; rows that refuse are left alone."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, revert, write

Browser = Callable[[User], Client]


def post(browser: Client, path: str, **values: Any) -> Any:
    page = browser.get("/parties?view=people").content.decode()
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    return browser.post(path, values | {"csrfmiddlewaretoken": token.group(1)}, headers={"HX-Request": "true"})


def said(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer["HX-Trigger"])["toast"]
    return found


@pytest.fixture
def firms(organisation: None, seller: User) -> list[str]:
    entity = registry.get("party")
    with as_system("tests"):
        made = [
            write.create(entity, {"name": f"Firm {n}", "owner": seller.id, "roles": ["customer"]}) for n in range(5)
        ]
    return [party.id for party in made]


def held(key: str) -> Any:
    return registry.get("party").model._default_manager.get(id=key)


def test_binned_together_and_back_with_one_undo(
    admin: User, browser_of: Browser, firms: list[str], acting: Any
) -> None:
    answer = post(browser_of(admin), "/parties/bulk", do="bin", id=firms)
    assert answer.status_code == 204
    assert said(answer)["text"] == "5 moved to the bin"
    assert all(held(key).binned_at for key in firms)
    with acting(admin):
        assert len(revert.revert(said(answer)["undo"].rpartition("/")[2]).reverted) == 5
    assert not any(held(key).binned_at for key in firms)


def test_assigned_together(admin: User, other_seller: User, browser_of: Browser, firms: list[str]) -> None:
    answer = post(browser_of(admin), "/parties/bulk", do="assign", id=firms, value=other_seller.id)
    assert said(answer)["text"] == "5 assigned"
    assert {held(key).owner_id for key in firms} == {other_seller.id}
    assert {held(key).team_id for key in firms} == {other_seller.team_id}


def test_values_are_added_to_and_taken_from_what_is_there(admin: User, browser_of: Browser, firms: list[str]) -> None:
    browser = browser_of(admin)
    assert said(post(browser, "/parties/bulk", do="add:roles", id=firms, value=["partner", "customer"]))["undo"]
    assert held(firms[0]).roles == " customer partner "
    post(browser, "/parties/bulk", do="remove:roles", id=firms[:2], value=["customer"])
    assert [held(key).roles for key in firms[:3]] == [" partner ", " partner ", " customer partner "]


def test_rows_that_refuse_are_left_alone_and_said(
    manager: User, other_seller: User, browser_of: Browser, firms: list[str]
) -> None:
    with as_system("tests"):
        theirs = write.create(registry.get("party"), {"name": "Elsewhere", "owner": other_seller.id})
    answer = post(browser_of(manager), "/parties/bulk", do="bin", id=[*firms, theirs.id])
    assert said(answer)["text"].startswith("5 moved to the bin. 1 left alone: It is no longer there, or not yours")
    assert held(theirs.id).binned_at is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"do": "bin"}, "Select some rows"),
        ({"do": "assign", "id": "x"}, "Choose who"),
        ({"do": "nope"}, "cannot be done"),
    ],
)
def test_what_is_missing_is_said(
    values: dict[str, Any], words: str, admin: User, browser_of: Browser, firms: list[str]
) -> None:
    given = {"id": [] if values["do"] == "bin" else firms[:1], "do": values["do"]}
    answer = post(browser_of(admin), "/parties/bulk", **given)
    assert answer.status_code == 400
    assert words in said(answer)["text"]


def test_who_may_not_is_not_offered_and_not_served(reader: User, browser_of: Browser, firms: list[str]) -> None:
    browser = browser_of(reader)
    page = browser.get("/parties?view=organisations").content.decode()
    assert 'value="bin"' not in page
    assert 'value="assign"' not in page
    assert post(browser, "/parties/bulk", do="bin", id=firms).status_code == 400
    assert not any(held(key).binned_at for key in firms)
