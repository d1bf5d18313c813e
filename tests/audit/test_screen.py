"""One screen tells who did what: grouped by deed, narrowed, complete, and closed to everybody but administrators."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.clock import now
from rapport.platform.identity import sign_ins
from rapport.platform.identity.models import User
from rapport.records import revert, write
from rapport.records.audit import deeds, stream
from rapport.records.audit.wanted import Wanted
from rapport.shell.lists import selection
from tests.audit.conftest import PARTY, Screen
from tests.imports.screens import work

Make = Callable[..., Any]
Browser = Callable[[User], Client]
Acting = Callable[..., Any]
ADDRESSES = ("/audit", "/audit/file", "/audit/reading", f"/audit/deeds/{'0' * 32}")


@pytest.mark.parametrize("who", ["manager", "seller", "reader"])
def test_only_administrators_see_it(who: str, request: pytest.FixtureRequest, browser_of: Browser) -> None:
    client = browser_of(request.getfixturevalue(who))
    assert [client.get(address).status_code for address in ADDRESSES] == [403] * 4
    assert 'href="/audit"' not in client.get("/my-day").content.decode()


def test_strangers_are_sent_to_the_door(organisation: None) -> None:
    assert {Client().get(address).status_code for address in ADDRESSES} == {302}


def test_administrators_find_it_in_the_menu(screen: Screen) -> None:
    assert 'href="/audit"' in screen.client.get("/my-day").content.decode()


def test_a_change_is_told_with_before_and_after(make: Make, screen: Screen, seller: User, acting: Acting) -> None:
    firm = make("Northwind", owner=seller.id)
    with acting(seller):
        write.change(PARTY, firm.id, {"name": "Southwind"})
    assert (
        screen.lines()[0]
        == "Sam Seller changed Name of Southwind organisation or person Name Northwind → became Southwind"
    )


def test_it_is_narrowed_by_person_record_kind_door_and_time(
    make: Make, screen: Screen, manager: User, admin: User, acting: Acting
) -> None:
    firm, other = make("Acme", owner=manager.id), make("Blue", owner=manager.id)
    with acting(manager):
        write.change(PARTY, firm.id, {"industry": "retail"})
        write.put_in_bin(PARTY, other.id)
    with acting(admin):
        write.change(PARTY, firm.id, {"industry": "farming"})
    assert len(screen.lines(person=manager.id)) == 2
    assert [line.split()[0] for line in screen.lines(record=f"party:{firm.id}")] == ["Ada", "Mona", "Rapport"]
    assert len(screen.lines(record=f"party:{firm.id}", person=manager.id)) == 1
    [binned] = screen.lines(kind="binned")
    assert binned.startswith("Mona Manager put into the bin: Blue")
    assert len(screen.lines(kind="changed", person=admin.id)) == 1
    assert not screen.lines(door="api")
    assert len(screen.lines(door="ui", entity="party")) == 3
    tomorrow = (dt.date.today() + dt.timedelta(days=2)).isoformat()  # noqa: DTZ011
    assert not screen.lines(**{"from": tomorrow})
    assert len(screen.lines(until=tomorrow, person=manager.id)) == 2
    assert len(screen.lines(person="system", entity="party", kind="created")) == 2


@pytest.mark.parametrize(
    "asked",
    [{"person": "nobody"}, {"kind": "odd"}, {"entity": "odd"}, {"record": "x"}, {"from": "soon"}, {"after": "odd"},
     {"after": "WyIiLCIiLCJ4Il0"}, {"door": "odd"}],
)  # fmt: skip
def test_what_it_does_not_understand_it_says(asked: dict[str, str], screen: Screen) -> None:
    assert screen.client.get("/audit", asked).status_code == 400


def test_a_deed_on_many_is_one_line_that_opens_to_its_records(
    make: Make, screen: Screen, seller: User, acting: Acting
) -> None:
    firms = [make(f"Firm {n:02}", owner=seller.id) for n in range(60)]
    with acting(seller), write.operation() as done:
        for firm in firms:
            write.change(PARTY, firm.id, {"industry": "retail"})
    [line] = screen.lines(person=seller.id)
    assert "changed Industry of 60 organisations and people" in line
    assert screen.lines(kind="many", person=seller.id) == [line]
    first = screen.client.get(f"/audit/deeds/{done.id}").content.decode()
    assert "Firm 00" in first
    assert "Firm 55" not in first
    after = first.split(f"/audit/deeds/{done.id}?after=")[1].split('"')[0]
    rest = screen.client.get(f"/audit/deeds/{done.id}?after={after}", headers={"HX-Request": "true"}).content.decode()
    assert "Firm 59" in rest
    assert "Firm 49" not in rest


def test_it_is_taken_back_from_its_line(make: Make, screen: Screen, seller: User, acting: Acting) -> None:
    firm = make("Acme", owner=seller.id)
    with acting(seller):
        write.change(PARTY, firm.id, {"industry": "retail"})
    page = screen.client.get("/audit").content.decode()
    where = page.split('hx-post="')[1].split('"')[0]
    assert where.startswith("/undo/")
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    answer = screen.client.post(where, {}, headers={"HX-Request": "true", "X-CSRFToken": token})
    assert answer.status_code == 200
    assert screen.lines()[0].startswith("Ada Admin took back changes of Acme")


def test_sign_ins_and_what_concerns_rights_stand_in_line(screen: Screen, seller: User, admin: User) -> None:
    sign_ins.record("failed", seller.id, sign_ins.Visitor("198.51.100.7", ""))
    sign_ins.record("second_factor_reset", seller.id, sign_ins.NOBODY, actor=admin.id)
    sign_ins.record("token_made", seller.id, sign_ins.NOBODY, about="till")
    assert "198.51.100.7" in screen.lines(kind="signed_in", person=seller.id)[0]
    assert "API token made" in screen.lines(kind="tokens")[0]
    rights = screen.lines(kind="rights", person=admin.id)
    assert any("Second factor reset" in line and "by Ada Admin" in line for line in rights)
    everything = screen.lines(person=seller.id)
    assert len(everything) == 3


def test_all_pages_hold_each_line_once_whatever_is_written_meanwhile(
    make: Make, admin: User, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(25):
        make(f"Firm {n}")
        if n % 3 == 0:
            sign_ins.record("signed_in", admin.id, sign_ins.NOBODY, about="password")
    with acting(admin):
        whole = [(line.of, line.key) for line in stream.page(Wanted(), None, 500).lines]
        found, after = [], None
        while True:
            page = stream.page(Wanted(), after, 7)
            found += [(line.of, line.key) for line in page.lines]
            write.create(PARTY, {"kind": "person", "name": "Meanwhile"})
            sign_ins.record("failed", admin.id, sign_ins.NOBODY)
            if page.next is None:
                break
            after = page.next
    assert found == whole
    assert len(set(found)) == len(found)


def test_where_little_fits_it_goes_on_until_all_was_looked_at(
    make: Make, admin: User, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "CHUNK", 3)
    monkeypatch.setattr(deeds, "MOST", 6)
    firms = [make(f"Firm {n}") for n in range(20)]
    with acting(admin):
        write.put_in_bin(PARTY, firms[3].id)
    for n in range(30):
        make(f"Other {n}")
    with acting(admin):
        found, after, pages = [], None, 0
        while pages == 0 or after:
            page = stream.page(Wanted(kind="binned"), after, 5)
            found += page.lines
            after, pages = page.next, pages + 1
            assert page.lines or page.reached or not after, "it says how far it has looked"
    assert len(found) == 1
    assert pages > 5


def test_newest_first_by_when_it_was_begun(make: Make, admin: User, acting: Acting) -> None:
    make("Acme")
    sign_ins.record("signed_in", admin.id, sign_ins.NOBODY)
    make("Blue")
    with acting(admin):
        moments = [line.at for line in stream.page(Wanted(), None, 100).lines]
    assert moments == sorted(moments, reverse=True)
    assert abs((now() - moments[0]).total_seconds()) < 60


def test_what_was_deleted_for_ever_is_still_told_of(make: Make, screen: Screen, seller: User) -> None:
    firm = make("Acme", owner=seller.id)
    with as_system("tests"):
        PARTY.model.objects.filter(id=firm.id).delete()
    [line] = screen.lines(record=f"party:{firm.id}")
    assert "not there any more" in line


def test_records_that_the_reader_may_not_see_keep_their_values(make: Make, seller: User, acting: Acting) -> None:
    firm = make("Hidden")
    with acting(seller):
        deed = next(line.told for line in stream.page(Wanted(record=firm.id), None, 5).lines)
    assert deed.steps[0].title is None
    assert deed.steps[0].change is None


def test_undoing_is_allowed_as_it_was(make: Make, seller: User, admin: User) -> None:
    week = now() - dt.timedelta(days=7)
    assert revert.is_allowed(seller.id, now(), seller.id, False)
    assert not revert.is_allowed(seller.id, week, seller.id, False)
    assert revert.is_allowed(seller.id, week, admin.id, True)
    assert not revert.is_allowed(admin.id, now(), seller.id, False)


def test_work_in_the_background_is_one_line_that_leads_to_its_page(
    make: Make, screen: Screen, manager: User, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST", 5)
    for n in range(14):
        make(f"Firm {n}", owner=manager.id)
    client = browser_of(manager)
    page = client.get("/parties?view=organisations").content.decode()
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    given = {"do": "set:industry", "industry": "retail", "all": "1", "asked": "1", "csrfmiddlewaretoken": token}
    run = client.post("/parties/bulk?view=organisations", given, headers={"HX-Request": "true"})["HX-Redirect"]
    work()
    [line] = screen.lines(kind="many", person=manager.id)
    assert line == "Mona Manager changed Industry of 14 organisations and people with many others"
    assert not screen.lines(kind="many", door="api")
    page = screen.client.get("/audit?kind=many").content.decode()
    assert 'hx-post="/undo/' not in page, "it is taken back on its own page"
    deed = page.split('href="/audit/deeds/')[1].split('"')[0]
    assert f'href="{run}"' in screen.client.get(f"/audit/deeds/{deed}").content.decode()
    client.post(f"{run}/undo", {"csrfmiddlewaretoken": token})
    work()
    assert any("Taken back" in each for each in screen.lines(kind="many"))
