"""What an open page hears, through a real server on both engines: all that concerns its reader, nothing else."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import acting_as, as_system
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity import access, accounts, sessions, viewing
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_ins import NOBODY
from rapport.platform.keys import new_key
from rapport.records import appointing, granting, registry, write
from rapport.records.live import presence, topics
from rapport.records.operation import moment_param
from tests.people import address
from tests.standing import at_once, copy_of
from tests.streams import Stream, Visitor, served

Visit = Callable[[str], Visitor]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[str]:
    """The address of a server with one web process, on each engine."""
    folder = tmp_path_factory.mktemp("live")
    with copy_of(request.param, request, folder, django_db_blocker), served(folder) as where:
        yield where


@pytest.fixture
def visit(running: str) -> Visit:
    """``visit("seller")``: somebody's browser."""
    return lambda who: Visitor(running, who)


def hired(who: str, role: str | None) -> None:
    """Somebody new."""
    with as_system("test"):
        user = write.create(registry.get("user"), {"name": who, "email": address(who)})
        if role:
            accounts.give_role(user, role)


def by(who: str) -> Any:
    """Act as one of the people."""
    return acting_as(access.actor_of(User.objects.get(email=address(who))))


def made(who: str, name: str) -> str:
    """An organisation that ``who`` owns."""
    with by(who):
        return str(write.create(registry.get("party"), {"kind": "organisation", "name": name}).id)


def changed(who: str, key: str, **data: Any) -> Any:
    """``who`` changes an organisation."""
    with by(who):
        return write.change(registry.get("party"), key, data)


def web_processes(where: str) -> list[int]:
    """The processes that serve at this address: forks of the one that was started with its port."""
    port = where.rpartition(":")[2]
    ours = {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and port in command(path)}
    return sorted(pid for pid in ours if parent(pid) in ours)


def command(process: Path) -> list[str]:
    """How a process was started; nothing when it has gone."""
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []


def parent(pid: int) -> int:
    """Who started a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_change_is_told_within_a_second_and_says_no_more_than_that(visit: Visit) -> None:
    key = made("seller", "Reindeer & Sons")
    card, listing = visit("manager").listen(f"party:{key}"), visit("reader").listen("party")
    began = time.monotonic()
    done = changed("seller", key, industry="wool")
    found = card.change(verb="changed")
    assert time.monotonic() - began < 1
    assert found == listing.change(verb="changed")
    assert sorted(found) == ["entity", "id", "operation", "verb", "version"]
    assert (found["entity"], found["id"], found["version"], found["verb"]) == ("party", key, done.version, "changed")


def test_a_list_names_only_records_in_the_readers_scope(visit: Visit) -> None:
    streams = {who: visit(who).listen("party") for who in ("seller", "other_seller", "manager", "admin", "reader")}
    key = made("seller", "Only mine")
    changed("seller", key, industry="wool")
    mark = made("other_seller", "Elsewhere")
    sees = {who: each.change(seconds=2, id=key) is not None for who, each in streams.items()}
    assert sees == {"seller": True, "other_seller": False, "manager": True, "admin": True, "reader": True}
    assert visit("other_seller").listen("party", after=0).change(id=mark)


def test_without_a_grant_nothing_is_heard(visit: Visit) -> None:
    hired("newcomer", None)
    nobody, key = visit("newcomer"), made("seller", "Not yours")
    stream_of_nobody = nobody.listen("party", f"party:{key}")
    assert stream_of_nobody.change(seconds=1, verb="hidden")["id"] == key
    changed("seller", key, industry="wool")
    assert stream_of_nobody.change(seconds=1) is None


def test_a_record_that_is_not_in_scope_is_hidden_and_stays_silent(visit: Visit) -> None:
    key = made("seller", "Only mine")
    foreign = visit("other_seller").listen(f"party:{key}")
    assert foreign.change(seconds=1)["verb"] == "hidden"
    changed("seller", key, industry="wool")
    assert foreign.change(seconds=1) is None


def test_only_the_page_and_session_it_was_signed_for(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    seller, other = visit("seller"), visit("other_seller")
    token = seller.token("party")
    assert seller.listen(token=token).status == 200
    assert other.listen(token=token).status == 403
    assert seller.listen(token=token, cookie="").status == 403
    assert seller.listen(token=token[:-2]).status == 403
    assert seller.listen(token="x").status == 403
    assert Visitor(f"http://{seller.host}", "seller").listen(token=token).status == 403  # another session of his
    long_ago = time.time() - topics.VALID - 5
    monkeypatch.setattr(time, "time", lambda: long_ago)
    old = seller.token("party")
    monkeypatch.undo()
    assert seller.listen(token=old).status == 403


def test_who_loses_sight_of_a_record_is_told_once_and_no_more(visit: Visit) -> None:
    key = made("seller", "Handed over")
    card, listing = visit("seller").listen(f"party:{key}"), visit("seller").listen("party")
    changed("admin", key, owner=visit("other_seller").user.id)
    assert card.change(verb="hidden")
    assert listing.change(id=None) == {
        "entity": "party",
        "id": None,
        "version": None,
        "operation": None,
        "verb": "changed",
    }
    changed("admin", key, industry="wool")
    assert card.change(seconds=1) is None
    assert listing.change(seconds=1) is None


def test_a_binned_record_is_told_to_those_who_saw_it(visit: Visit) -> None:
    key = made("seller", "Soon gone")
    card, listing, other = (visit(who).listen(*names) for who, names in (
        ("manager", (f"party:{key}",)), ("seller", ("party",)), ("other_seller", ("party",))))  # fmt: skip
    with by("seller"), as_system("test"):
        write.put_in_bin(registry.get("party"), key)
    assert card.change(verb="binned")
    assert listing.change(verb="binned")["id"] == key
    assert other.change(seconds=1) is None
    assert visit("manager").listen(f"party:{key}").change(verb="binned")


def test_a_card_hears_of_what_happens_with_its_record(visit: Visit) -> None:
    key = made("seller", "Talkative")
    card, foreign = visit("manager").listen(f"party:{key}"), visit("other_seller").listen(f"party:{key}")
    foreign.change(seconds=1)
    with by("seller"):
        said = write.create(registry.get("interaction"), {"party": key, "channel": "note", "body": "Called back."})
        deal = write.create(registry.get("deal"), {"party": key, "name": "Ropes"})
    assert card.change(entity="interaction", id=said.id)
    assert card.change(entity="deal", id=deal.id)
    assert foreign.change(seconds=1) is None


def test_a_bulk_change_says_only_that_there_was_one(visit: Visit) -> None:
    key = made("seller", "One of many")
    card, listing = visit("manager").listen(f"party:{key}"), visit("reader").listen("party")
    with db.transaction():
        at = moment_param(now())
        stream.emit("party.imported", "party", None, None, at=at, actor=None, operation=new_key(), count=400)
    for each in (card, listing):
        found = each.change(id=None)
        assert (found["entity"], found["id"], found["version"], found["operation"]) == ("party", None, None, None)


def test_a_short_absence_loses_nothing_and_a_long_one_reads_all_anew(visit: Visit) -> None:
    key = made("seller", "Patient")
    reader = visit("reader")
    first = reader.listen("party")
    changed("seller", key, industry="wool")
    assert first.change(id=key, verb="changed")
    at = first.position
    first.close()
    version = changed("seller", key, industry="felt").version
    assert reader.listen("party", after=at).change(id=key)["version"] == version
    far = reader.listen("party", after=at + 10_000)  # a database restored from a backup
    assert far.until(lambda name, _data: name == "reset") == {}


def test_what_changed_while_the_page_was_on_its_way_is_told(visit: Visit) -> None:
    key, reader = made("seller", "Quick"), visit("reader")
    visit("reader").listen("party")
    token = reader.token(f"party:{key}")
    version = changed("seller", key, industry="wool").version
    assert reader.listen(token=token).change(id=key, verb="changed")["version"] == version


def test_what_is_done_in_ones_own_name_after_the_page_was_made_is_told(visit: Visit) -> None:
    """An automation writes as the one who made it; the page that his own deed led to does not show that yet."""
    key, reader = made("seller", "Prompt"), visit("seller")
    visit("reader").listen("party")
    changed("seller", key, industry="wool")
    time.sleep(0.002)  # what happened within the same millisecond is told to be sure
    token = reader.token(f"party:{key}")
    version = changed("seller", key, industry="felt").version
    assert reader.listen(token=token).change(id=key, verb="changed")["version"] == version


def test_a_change_of_rights_reaches_open_pages_and_the_next_request(visit: Visit) -> None:
    """Roles given, taken and narrowed elsewhere: the running server hears of it through the version of the set-up."""
    hired("narrowed", "readonly")
    key, narrowed = made("admin", "Seen by Role"), visit("narrowed")
    with as_system("test"):
        wide = write.create(registry.get("role"), {"name": "Sees parties"})
        granting.grant(wide.id, {("party", "view"): "all"})
        appointing.appoint(narrowed.user.id, [wide.key])
    card = narrowed.listen(f"party:{key}")
    assert narrowed.get(f"/parties/{key}")[0] == 200
    with as_system("test"):
        granting.grant(wide.id, {("party", "view"): "own"})
    assert card.change(seconds=3, verb="hidden")["id"] == key
    assert narrowed.get(f"/parties/{key}")[0] == 404
    with as_system("test"):
        granting.grant(wide.id, {("party", "view"): "all"})
    assert narrowed.get(f"/parties/{key}")[0] == 200
    other = narrowed.listen(f"party:{key}")
    with as_system("test"):
        appointing.appoint(narrowed.user.id, [])
    assert other.change(seconds=3, verb="hidden")["id"] == key
    assert narrowed.get(f"/parties/{key}")[0] == 403


def test_a_page_seen_through_others_eyes_hears_what_they_would(visit: Visit) -> None:
    admin, seller = visit("admin"), User.objects.get(email=address("seller"))
    own, foreign = made("seller", "Eyes' own"), made("other_seller", "Eyes' foreign")
    viewing.begin(admin.session, admin.user.id, seller.id, NOBODY)
    token = topics.sign(seller.id, admin.session, ("party",))
    page = admin.listen(token=token)
    assert page.status == 200
    changed("other_seller", foreign, industry="Optics")
    changed("seller", own, industry="Optics")
    heard: list[str | None] = []  # that some record moved out of sight is told without a name
    page.until(lambda name, data: name == "change" and (heard.append(data["id"]) or data["id"] == own), seconds=3)
    assert set(heard) - {None} == {own}
    assert admin.listen("party").status == 403, "his own pages are not looked at by these eyes"
    viewing.end(admin.session)
    assert admin.listen(token=token).status == 403


def test_a_switched_off_user_hears_no_more(visit: Visit) -> None:
    hired("leaver", "readonly")
    reader = visit("leaver")
    open_page = reader.listen("party")
    with as_system("test"):
        write.change(registry.get("user"), reader.user.id, {"is_active": False})
    open_page.until(lambda _name, _data: False, seconds=3)
    assert open_page.ended
    assert reader.listen("party").status == 403


def test_a_session_that_is_ended_elsewhere_closes_its_pages_at_once(visit: Visit) -> None:
    away, here = visit("seller"), visit("seller")
    lost, kept = away.listen("party"), here.listen("party")
    assert sessions.end(away.user.id, away.session)
    lost.until(lambda _name, _data: False, seconds=2)
    assert lost.ended
    kept.until(lambda _name, _data: False, seconds=1)
    assert not kept.ended
    assert away.listen("party").status == 403


def test_who_has_a_card_open_is_seen_by_those_who_may_see_it(visit: Visit) -> None:
    key = made("seller", "Meeting place")
    seller, manager, other = visit("seller"), visit("manager"), visit("other_seller")
    mine = seller.listen(f"party:{key}")
    outside = other.listen(f"party:{key}")
    assert mine.here(seconds=1) is None  # neither oneself nor who may not see it
    theirs = manager.listen(f"party:{key}")
    assert mine.here() == {"entity": "party", "id": key}
    assert theirs.here()
    assert "Mona Manager" in seller.get(f"/parties/{key}/here")[1]
    assert "Sam Seller" in manager.get(f"/parties/{key}/here")[1]
    assert other.get(f"/parties/{key}/here") == (200, other.get(f"/parties/{key}/here")[1])
    assert "Seller" not in other.get(f"/parties/{key}/here")[1]
    theirs.close()
    assert mine.here(seconds=8)
    assert "Mona Manager" not in seller.get(f"/parties/{key}/here")[1]
    mine.close()
    outside.close()
    time.sleep(4.5)
    assert db.one("SELECT count(*) FROM presence") == (0,)


def test_nothing_is_written_while_nobody_has_a_card_open(visit: Visit) -> None:
    visit("reader").listen("party")
    time.sleep(1)
    assert db.one("SELECT count(*) FROM presence") == (0,)


def spread(visitors: list[Visitor], topic: str) -> list[Stream]:
    """Pages opened at the same moment, until both web processes have some."""
    held: list[Stream] = []
    for _try in range(20):
        held += at_once(*[partial(visitor.listen, topic) for visitor in visitors * 3])
        time.sleep(0.6)
        if len(db.rows("SELECT id FROM presence")) > 1:
            return held
    raise AssertionError("one process has them all")


def test_across_web_processes_and_when_one_is_killed(standing: str, tmp_path: Path) -> None:
    key = made("seller", "Two doors")
    with served(tmp_path, "--workers", "2") as where:
        seller, manager = Visitor(where, "seller"), Visitor(where, "manager")
        pages = spread([seller, manager], f"party:{key}")
        assert all(page.here() for page in pages), "each sees the other, wherever he is served"
        at = max(page.position for page in pages)
        os.kill(web_processes(where)[0], signal.SIGKILL)
        version = changed("seller", key, industry="wool").version
        heard = [page.change(seconds=2, version=version) is not None for page in pages]
        assert heard == [not page.ended for page in pages]
        assert len(set(heard)) == 2
        assert manager.listen(f"party:{key}", after=at).change(id=key)["version"] == version


def test_a_killed_server_leaves_nobody_behind(standing: str, tmp_path: Path) -> None:
    key = made("seller", "Deserted")
    with served(tmp_path) as where:
        Visitor(where, "manager").listen(f"party:{key}")
        time.sleep(0.6)
        assert presence.at("party", key)
        os.kill(web_processes(where)[0], signal.SIGKILL)
        time.sleep(presence.SILENT.total_seconds() + 0.5)
        assert not presence.at("party", key)


def test_the_server_stops_at_once_with_open_streams(standing: str, tmp_path: Path) -> None:
    with served(tmp_path) as where:
        key = made("seller", "Last orders")
        pages = [Visitor(where, "reader").listen("party", f"party:{key}") for _number in range(5)]
        began = time.monotonic()
    assert time.monotonic() - began < 2
    pages[0].until(lambda _name, _data: False, seconds=1)
    assert pages[0].ended
    assert db.one("SELECT count(*) FROM presence") == (0,)
