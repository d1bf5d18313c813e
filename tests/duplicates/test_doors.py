"""Duplicates and merging by the API and on screens, and of another kind of record than parties."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import Duplicates, registry, revert, write
from rapport.records.duplicates import merging, pairs

PARTY = registry.get("party")


def send(browser: Client, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """What a form of a page of this browser sends."""
    page = browser.get("/parties/new").content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    return browser.post(path, {**(data or {}), "csrfmiddlewaretoken": token}, **more)


@pytest.fixture
def twins(organisation: None, admin: User) -> tuple[str, str]:
    with as_system("tests"):
        made = [
            write.create(
                PARTY, {"kind": "person", "name": name, "email": "ada@example.com", "phone": phone, "address": city}
            )
            for name, phone, city in (("Ada Byron", None, {}), ("Ada Biron", "+49 40 1234567", {"city": "Ockham"}))
        ]
        pairs.search(PARTY)
    return made[0].id, made[1].id


def test_the_api_lists_pairs_and_merges(twins: tuple[str, str], admin: User, api: Callable[..., Any]) -> None:
    winner, loser = twins
    client = api(admin)
    found = client.get("/api/v1/parties/duplicates").json()
    [pair] = found["items"]
    assert {pair["first"], pair["second"]} == set(twins)
    assert pair["score"] > 0.9
    assert "same e-mail" in pair["reasons"]
    assert client.get(f"/api/v1/parties/duplicates?of={winner}").json()["items"] == [pair]
    assert client.get("/api/v1/deals/duplicates").status_code == 404
    body = {"with": loser, "choices": {"name": "loser"}}
    answer = client.post(f"/api/v1/parties/{winner}/actions/merge", body)
    assert (answer.status_code, answer.json()["name"], answer.json()["phone"]) == (200, "Ada Biron", "+49401234567")
    moved = client.get(f"/api/v1/parties/{loser}")
    assert (moved.status_code, moved["Location"]) == (301, f"/api/v1/parties/{winner}")
    assert client.get("/api/v1/parties/duplicates").json()["items"] == []
    verbs = [entry["verb"] for entry in client.get(f"/api/v1/parties/{winner}/timeline").json()["items"]]
    assert verbs[0] == "merged"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"with": "x"}, 422), ({"with": "0" * 32}, 404), ({"into": "x"}, 422), ({"choices": []}, 422)],
)
def test_a_merge_that_says_too_little_is_refused(
    body: dict[str, Any], status: int, twins: tuple[str, str], admin: User, api: Callable[..., Any]
) -> None:
    assert api(admin).post(f"/api/v1/parties/{twins[0]}/actions/merge", body).status_code == status


def test_whoever_may_not_delete_sees_no_way_to_merge(
    twins: tuple[str, str], seller: User, admin: User, api: Callable[..., Any], browser_of: Callable[[User], Client]
) -> None:
    assert api(seller).post(f"/api/v1/parties/{twins[0]}/actions/merge", {"with": twins[1]}).status_code in (403, 404)
    assert "/parties/duplicates" not in browser_of(seller).get("/parties").content.decode()
    assert "/parties/duplicates" in browser_of(admin).get("/parties").content.decode()


def test_the_queue_and_the_records_side_by_side(
    twins: tuple[str, str], admin: User, browser_of: Callable[[User], Client]
) -> None:
    winner, loser = twins
    browser = browser_of(admin)
    page = browser.get("/parties/duplicates").content.decode()
    assert "same e-mail" in page
    assert "Ockham · ada@example.com · +49 40 1234567" in page
    assert f"/parties/merge?ids={','.join(sorted(twins))}" in page
    form = browser.get(f"/parties/merge?ids={winner},{loser}").content.decode()
    assert 'name="field:name"' in form
    assert 'name="field:email"' not in form
    posted = {"id": [winner, loser], "winner": winner, "field:name": loser, "field:phone": loser}
    answer = send(browser, "/parties/merge", posted)
    assert (answer.status_code, answer["Location"]) == (302, f"/parties/{winner}")
    assert browser.get(f"/parties/{loser}").status_code == 301
    card = browser.get(f"/parties/{winner}").content.decode()
    assert "merged into this:" in card
    assert "No duplicates to review" in browser.get("/parties/duplicates").content.decode()


def test_three_are_merged_at_once_and_undone_at_once(
    twins: tuple[str, str], admin: User, browser_of: Callable[[User], Client]
) -> None:
    with as_system("tests"):
        third = write.create(PARTY, {"kind": "person", "name": "A. Byron", "website": "byron.example"}).id
    ids = [*twins, third]
    browser = browser_of(admin)
    posted = {"id": ids, "winner": ids[0], "field:name": third, "field:phone": ids[1], "field:website": third}
    answer = send(browser, "/parties/merge", posted, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "Undo" not in answer["HX-Trigger"]
    assert "/undo/" in answer["HX-Trigger"]
    with as_system("tests"):
        held = write.rows.load(PARTY, ids[0], write.current())
        assert (held.name, held.phone, held.website) == ("A. Byron", "+49401234567", "https://byron.example")
    undo = answer["HX-Trigger"].partition("/undo/")[2][:32]
    assert send(browser, f"/undo/{undo}", headers={"HX-Request": "true"}).status_code == 200
    assert [browser.get(f"/parties/{key}").status_code for key in ids] == [200, 200, 200]


def test_a_pair_is_called_different_and_taken_up_again(
    twins: tuple[str, str], admin: User, browser_of: Callable[[User], Client], acting: Callable[..., Any]
) -> None:
    browser = browser_of(admin)
    with acting(admin):
        [pair] = pairs.queue(PARTY)[0]
    send(browser, f"/parties/duplicates/{pair.id}/dismiss")
    assert "No duplicates to review" in browser.get("/parties/duplicates").content.decode()
    assert "Ada Biron" in browser.get("/parties/duplicates?show=dismissed").content.decode()
    send(browser, f"/parties/duplicates/{pair.id}/dismiss", {"back": "1"})
    assert "Ada Biron" in browser.get("/parties/duplicates").content.decode()


def test_the_form_says_what_is_here_already(
    twins: tuple[str, str], admin: User, browser_of: Callable[[User], Client]
) -> None:
    browser = browser_of(admin)
    assert 'hx-post="/parties/alike"' in browser.get("/parties/new?kind=person").content.decode()
    told = send(browser, "/parties/alike", {"kind": "person", "name": "Ada Byron"}).content.decode()
    assert f'href="/parties/{twins[0]}"' in told
    assert send(browser, "/parties/alike", {"kind": "person", "name": "Zoe"}).content.decode().strip() == ""


def test_another_kind_of_record_needs_a_declaration_and_nothing_else(
    organisation: None, admin: User, acting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = registry.get("deal")
    monkeypatch.setattr(deal, "duplicates", Duplicates({"name": "title", "party": "same"}), raising=False)
    with acting(admin):
        firm = write.create(PARTY, {"name": "Acme"})
        one, other = (write.create(deal, {"name": name, "party": firm.id, "amount": amount}) for name, amount in
                      (("Winter order 2031", None), ("Winter ordre 2031", "99.50")))  # fmt: skip
        task = write.create(registry.get("task"), {"title": "Ring", "about": {"entity": "deal", "id": other.id}})
        assert pairs.search(deal) == 1
        with write.operation() as done:
            kept = merging.merge(deal, one.id, other.id)
        assert (kept.name, kept.amount) == ("Winter order 2031", 9950)
        assert type(task).objects.get(id=task.id).about_id == one.id
        assert revert.revert(done.id).kept_changed == []
        assert type(one).objects.get(id=one.id).amount is None
        assert type(task).objects.get(id=task.id).about_id == other.id
