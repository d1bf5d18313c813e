"""What happened with a party: on whose timelines it stands, and what editing and undoing do to that."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.parties.models import Party
from rapport.platform.identity.models import User
from rapport.records import registry, revert, timeline_read, write
from rapport.records.errors import Refused


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield


def make(key: str, **values: Any) -> Any:
    return write.create(registry.get(key), values)


def timeline(key: str, record: Any) -> list[str]:
    entries = timeline_read.read(registry.get(key), record.id).entries
    return [entry["subject"] for entry in entries if entry["verb"] == "logged"]


def test_a_call_stands_on_the_person_the_company_and_the_deal() -> None:
    acme = make("party", name="Acme")
    ada = make("party", name="Ada Lovelace", kind="person", company=acme.id)
    deal = make("deal", name="Deal", party=acme.id)
    make("interaction", party=ada.id, channel="call", subject="Talked", about={"entity": "deal", "id": deal.id})
    assert timeline("party", ada) == timeline("party", acme) == timeline("deal", deal) == ["Talked"]


def test_an_edited_note_is_told_once_and_as_it_now_stands() -> None:
    acme, other = make("party", name="Acme"), make("party", name="Other")
    note = make("interaction", party=acme.id, subject="Frist", at="2026-01-01T10:00:00Z")
    write.change(registry.get("interaction"), note.id, {"subject": "First", "party": other.id})
    assert (timeline("party", acme), timeline("party", other)) == ([], ["First"])


def test_undoing_an_edit_puts_the_timelines_back_too() -> None:
    acme, other = make("party", name="Acme"), make("party", name="Other")
    note = make("interaction", party=acme.id, subject="First")
    with write.operation() as done:
        write.change(registry.get("interaction"), note.id, {"subject": "Second", "party": other.id})
    revert.revert(done.id)
    assert (timeline("party", acme), timeline("party", other)) == (["First"], [])


def test_a_binned_note_leaves_the_timeline_and_comes_back_with_it() -> None:
    acme = make("party", name="Acme")
    note = make("interaction", party=acme.id, subject="First")
    write.put_in_bin(registry.get("interaction"), note.id)
    assert timeline("party", acme) == []
    write.restore(registry.get("interaction"), note.id)
    assert timeline("party", acme) == ["First"]


def test_the_last_contact_is_the_newest_of_the_past() -> None:
    acme = make("party", name="Acme")
    for at in ("2026-03-01T10:00:00Z", "2026-01-01T10:00:00Z", "2199-01-01T00:00:00Z"):
        make("interaction", party=acme.id, subject="x", at=at)
    assert str(Party.objects.get(id=acme.id).last_contact_at) == "2026-03-01 10:00:00+00:00"


def test_undoing_the_newest_contact_takes_the_last_contact_back() -> None:
    acme = make("party", name="Acme")
    make("interaction", party=acme.id, subject="x", at="2026-01-01T10:00:00Z")
    with write.operation() as done:
        make("interaction", party=acme.id, subject="y", at="2026-03-01T10:00:00Z")
    revert.revert(done.id)
    assert str(Party.objects.get(id=acme.id).last_contact_at) == "2026-01-01 10:00:00+00:00"


def test_an_empty_note_is_refused_and_a_long_one_gets_its_first_line_as_subject() -> None:
    with pytest.raises(Refused, match="Write something"):
        make("interaction", channel="note")
    assert make("interaction", channel="note", body="First line\nmore").subject == "First line"
    assert make("interaction", channel="call").subject == "Call"
