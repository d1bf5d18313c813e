"""Merging: one record takes over another with all that belongs to it, and undoing it gives back what was."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.config import readiness
from rapport.parties.models import ContactPoint, Party, PartyLink, PartyRole
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records import registry, revert, rows, search_read, sharing, timeline_read, write
from rapport.records.duplicates import jobs, merging
from rapport.records.errors import Forbidden, Invalid, Refused, Unseen

PARTY = registry.get("party")


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
    assert readiness.deep() == []


def make(key: str = "party", **values: Any) -> Any:
    return write.create(registry.get(key), values)


def person(**values: Any) -> Any:
    return make(**{"kind": "person"} | values)


def merged(winner: Any, loser: Any, **choices: str) -> str:
    with write.operation() as done:
        merging.merge(PARTY, winner.id, loser.id, choices)
    return done.id


def fresh(record: Any) -> Any:
    return type(record)._default_manager.get(id=record.id)


def living(model: Any, **where: Any) -> list[Any]:
    return list(model._default_manager.filter(binned_at__isnull=True, **where).order_by("id"))


def told(party: Any) -> list[str]:
    return [entry["verb"] for entry in timeline_read.read(PARTY, party.id).entries]


def state() -> dict[str, Any]:
    """All that is seen of the data, past stamps and proof."""
    found: dict[str, Any] = {}
    for entity in registry:
        if entity.is_record and not entity.configuration:
            for record in rows.raw(entity, "1 = 1", [], 10_000):
                found[record.id] = rows.values_of(record)
    lines = "SELECT subject, source, verb, at FROM timeline_entry ORDER BY subject, source, verb, at"
    found["timeline"] = db.rows(lines)
    found["search"] = sorted(db.rows("SELECT record, text, scope FROM search_entry"))
    found["tags"] = sorted(db.rows("SELECT record, tag_id FROM record_tag"))
    found["shares"] = sorted(db.rows("SELECT record, coalesce(user_id, team_id) FROM record_share"))
    found["own"] = sorted(db.rows("SELECT record, field, text FROM custom_value"))
    return found


def differing(was: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in was.keys() | now.keys():
        one, other = was.get(key), now.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            found |= {f"{key}.{name}": (one.get(name), other.get(name)) for name in rows.differing(one, other)}
        elif one != other:
            found[key] = one, other
    return found


def test_the_winner_keeps_its_values_and_is_filled_from_the_other() -> None:
    ada = person(name="Ada Byron", email="ada@example.com", roles=["customer"])
    other = person(name="Ada Biron", phone="+49 40 1234567", title="Countess", roles=["partner"], email="a@example.com")
    merged(ada, other)
    now = fresh(ada)
    assert (now.name, now.email, now.phone, now.title) == ("Ada Byron", "ada@example.com", "+49401234567", "Countess")
    assert sorted(now.roles.split()) == ["customer", "partner"]
    assert [each.value for each in living(ContactPoint, party_id=ada.id)] == [
        "ada@example.com", "a@example.com", "+49401234567"]  # fmt: skip
    assert {each.role for each in living(PartyRole, party_id=ada.id)} == {"customer", "partner"}
    assert "merged" in told(ada)
    with pytest.raises(Unseen):
        rows.load(PARTY, other.id, write.current())
    assert merging.heir(PARTY, other.id) == ada.id
    assert [hit.id for hit in search_read.search("a@example.com")] == [ada.id]


def test_a_choice_takes_the_others_value() -> None:
    ada, other = person(name="Ada Byron", email="ada@example.com"), person(name="Ada Biron", email="a@example.com")
    merged(ada, other, name="loser", email="loser")
    now = fresh(ada)
    assert (now.name, now.given_name, now.family_name, now.email) == ("Ada Biron", "Ada", "Biron", "a@example.com")
    assert [(each.value, each.is_primary) for each in living(ContactPoint, party_id=ada.id)] == [
        ("ada@example.com", False), ("a@example.com", True)]  # fmt: skip


def test_what_cannot_be_chosen_is_refused() -> None:
    ada, firm = person(name="Ada"), make(name="Analytical Engines")
    with pytest.raises(Invalid):
        merging.merge(PARTY, ada.id, person(name="Eda").id, {"nme": "loser"})
    with pytest.raises(Invalid):
        merging.merge(PARTY, ada.id, person(name="Eda").id, {"name": "both"})
    with pytest.raises(Refused):
        merging.merge(PARTY, ada.id, ada.id)
    with pytest.raises(Refused):
        merging.merge(PARTY, ada.id, firm.id)


def test_all_that_named_the_loser_names_the_winner_and_undoing_gives_back_what_was(other_seller: User) -> None:
    firm, other = make(name="Acme", email="a@acme.example"), make(name="Acme Ltd", email="b@acme.example")
    both = person(name="Bob Both", company=firm.id)
    make("party_link", from_party=both.id, to_party=other.id, kind="works_at", is_primary=False)
    make("party_link", from_party=other.id, to_party=firm.id, kind="part_of")
    eve = person(name="Eve", company=other.id, title="Boss")
    deal = make("deal", name="Boxes", party=other.id, amount="10")
    talk = make("interaction", party=other.id, channel="call", subject="Rang")
    heard = make("interaction", party=eve.id, channel="call", subject="Spoke")
    task = make("task", title="Ring", about={"entity": "party", "id": other.id})
    make("tag", name="Mine", owner=write.current().id)
    write.change(PARTY, other.id, {"tags": ["Mine"]})
    sharing.share(PARTY, other.id, {"user": other_seller.id})
    was = state()
    done = merged(firm, other)
    assert {fresh(deal).party_id, fresh(talk).party_id, fresh(task).about_id, fresh(eve).company_id} == {firm.id}
    assert len(living(PartyLink, from_party_id=both.id)) == 1
    assert living(PartyLink, kind="part_of") == []
    assert {"logged"} <= set(told(firm))
    assert fresh(firm).last_contact_at == fresh(heard).at
    assert db.rows("SELECT record FROM record_share")[0][0] == db.key(firm.id) or not db.is_sqlite()
    assert readiness.deep() == []
    outcome = revert.revert(done)
    assert (outcome.kept_changed, outcome.failed) == ([], [])
    assert differing(was, state()) == {}


def test_what_was_changed_after_the_merge_stays_when_it_is_undone() -> None:
    ada, other = person(name="Ada", phone="+49 40 1234567"), person(name="Ada B", title="Countess")
    deal = make("deal", name="Boxes", party=other.id, amount="10")
    third = person(name="Third")
    gone = make("deal", name="Chests", party=other.id, amount="10")
    done = merged(ada, other)
    write.change(PARTY, ada.id, {"title": "Queen", "industry": "Mathematics"})
    write.change(registry.get("deal"), deal.id, {"name": "Big boxes"})
    write.change(registry.get("deal"), gone.id, {"party": third.id})
    outcome = revert.revert(done)
    assert set(outcome.kept_changed) == {ada.id, gone.id}
    assert (fresh(ada).title, fresh(ada).industry, fresh(other).title) == ("Queen", "Mathematics", "Countess")
    assert (fresh(deal).name, fresh(deal).party_id) == ("Big boxes", other.id)
    assert fresh(gone).party_id == third.id
    assert fresh(other).binned_at is None


def test_a_party_with_many_interactions_goes_over_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "AT_ONCE", 4)
    monkeypatch.setattr("rapport.records.duplicates.moving.SLICE", 2)
    ada, other = person(name="Ada"), person(name="Ada B")
    talks = [make("interaction", party=other.id, channel="call", subject=f"Call {n}") for n in range(9)]
    done = merged(ada, other)
    assert {fresh(talk).party_id for talk in talks} == {ada.id, other.id}

    class Run:
        def check_cancelled(self) -> None: ...

    jobs.follow_merge(Run(), "party", other.id, ada.id, done)
    assert {fresh(talk).party_id for talk in talks} == {ada.id}
    assert told(ada).count("logged") == 9
    revert.revert(done)
    assert {fresh(talk).party_id for talk in talks} == {other.id}
    assert (told(other).count("logged"), told(ada).count("logged")) == (9, 0)


def test_a_merged_record_comes_back_by_undoing_only() -> None:
    ada, other = person(name="Ada"), person(name="Ada B")
    merged(ada, other)
    with pytest.raises(Refused):
        write.restore(PARTY, other.id)


def test_three_become_one_and_are_parted_again() -> None:
    first, second, third = (person(name=f"Ada {n}", email=f"a{n}@example.com") for n in "abc")
    was = state()
    inner = merged(second, third)
    outer = merged(first, second)
    assert merging.heir(PARTY, third.id) == first.id
    revert.revert(outer)
    revert.revert(inner)
    assert state() == was


def test_who_may_not_delete_the_loser_cannot_merge(seller: User, acting: Callable[..., Any]) -> None:
    with acting(seller):
        ada, other = person(name="Ada"), person(name="Ada B")
        with pytest.raises(Forbidden):
            merging.merge(PARTY, ada.id, other.id)
    assert Party.objects.get(id=other.id).binned_at is None
