"""What cards say: each thing once, nothing that does not apply, no word of a machine."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.shell import panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def screens(admin: User, browser_of: Callable[[User], Client]) -> Client:
    """The administrator's browser."""
    return browser_of(admin)


def made(key: str, **values: Any) -> Any:
    """A record made behind the scenes."""
    with as_system("tests"):
        return write.create(registry.get(key), values)


def shown(screens: Client, address: str) -> str:
    """A page without its navigation."""
    page = screens.get(address)
    assert page.status_code == 200
    return page.content.decode().partition("<main")[2]


def facts(page: str) -> str:
    """The facts of a card."""
    return page.partition('id="facts"')[2].partition('id="timeline-section"')[0]


def test_how_a_party_is_reached_stands_once(screens: Client) -> None:
    party = made("party", name="Quay Stop", email="office@quay.example", address={"city": "Bremen"})
    page = shown(screens, f"/parties/{party.id}")
    assert 'href="mailto:office@quay.example"' in page
    assert "office@quay.example" not in facts(page)
    assert "Bremen" not in facts(page)
    beside = shown(screens, f"/parties/{party.id}/related")
    assert len(re.findall(r">office@quay\.example<", beside)) == 1
    assert "Bremen" in beside
    peek = screens.get(f"/parties/{party.id}?peek=1", headers={"HX-Request": "true"}).content.decode()
    assert "office@quay.example" in peek


def test_an_address_is_added_and_edited_beside_the_card(screens: Client) -> None:
    party = made("party", name="Quay Stop", address={"city": "Bremen"})
    beside = shown(screens, f"/parties/{party.id}/related")
    assert f"/addresses/new?party={party.id}" in beside
    assert re.search(r'href="/addresses/[0-9a-f]{32}/edit"', beside)
    form = shown(screens, f"/addresses/new?party={party.id}")
    assert re.search(rf'<input class="input" type="hidden" value="{party.id}"[^>]* name="party"', form)


def test_so_many_are_counted_beside_a_card_and_no_more(screens: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = made("party", name="Quay Stop")
    for number in range(14):
        made("party", name=f"Worker {number}", kind="person", company=firm.id)
        made("deal", name=f"Crane {number}", party=firm.id, amount="10.00")
    page = shown(screens, f"/parties/{firm.id}")
    assert ">14<" in page
    assert ">14 · " in page
    assert "$140" in page
    monkeypatch.setattr(panels, "MANY", 13)
    page = shown(screens, f"/parties/{firm.id}")
    assert ">13+<" in page, "people, and deals without a sum"
    assert ">14<" not in page
    assert "$140" not in page


def test_how_often_is_said_of_what_repeats_only(screens: Client) -> None:
    once = made("task", title="Look it over")
    assert "Repeats every" not in shown(screens, f"/tasks/{once.id}")
    series = made("task", title="Weekly call", recurrence="weekly", recurs_every=2, due_at="2026-11-30T09:00:00Z")
    page = facts(shown(screens, f"/tasks/{series.id}"))
    assert "Repeats every" in page
    assert "2 weeks" in page


def test_what_was_said_is_not_its_own_heading(screens: Client) -> None:
    party = made("party", name="Quay Stop")
    note = made("interaction", channel="note", party=party.id, body="They want forty pallets.")
    page = shown(screens, f"/interactions/{note.id}")
    heading = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    assert heading
    assert "pallets" not in heading[0]
    assert "Quay Stop" in heading[0]
    assert "pallets" not in facts(page)
    mail = made("interaction", channel="email", subject="Offer", body="Forty pallets, as you asked.")
    page = shown(screens, f"/interactions/{mail.id}")
    assert "Offer" in page.partition("<h1")[2].partition("</h1>")[0]
    assert "Forty pallets" in page.partition('id="timeline-section"')[2]


def test_what_is_named_by_a_choice_is_called_by_its_word(screens: Client) -> None:
    party = made("party", name="Quay Stop")
    address = made("address", party=party.id, kind="delivery", city="Bremen")
    assert re.search(r"<h1[^>]*>Delivery</h1>", shown(screens, f"/addresses/{address.id}"))
    row = shown(screens, "/addresses")
    assert ">Delivery</a>" in row
    assert ">delivery</a>" not in row


def test_nobody_is_told_about_ids(screens: Client) -> None:
    page = screens.get("/parties/0")
    assert page.status_code == 404
    assert "is not an id" not in page.content.decode()


def test_people_have_initials_and_stages_have_none(screens: Client, admin: User) -> None:
    assert re.search(r'<span class="avatar big[^"]*"[^>]*>[A-Z?]{1,2}</span>', shown(screens, f"/users/{admin.id}"))
    pipeline = made("pipeline", name="Sales two")
    assert 'class="avatar square big plain"' in shown(screens, f"/pipelines/{pipeline.id}")
