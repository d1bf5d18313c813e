"""Whatever leaves the house leaves a trace, by whichever door."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.config.cli import export
from rapport.platform import db
from rapport.platform.clock import today
from rapport.platform.identity.models import User
from rapport.records import tallies
from rapport.records.models import ExportRun, ReadTally
from tests.assistants.speaking import Assistant
from tests.audit.conftest import Screen
from tests.people import Api

Make = Callable[..., Any]
Browser = Callable[[User], Client]
LIST = "/parties/export?view=organisations"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    tallies._noted.clear()


def taken(answer: Any) -> bytes:
    """The file, read to its end."""
    return b"".join(answer.streaming_content)


def go_away(answer: Any) -> None:
    """The reader closes the line: the test's client closes the answer with what it iterates."""
    answer._iterator.close()


def test_a_list_taken_along_is_told_with_its_filter_and_fields(
    make: Make, screen: Screen, manager: User, browser_of: Browser
) -> None:
    make("Acme", industry="retail", owner=manager.id)
    make("Blue", owner=manager.id)
    tree = orjson.dumps({"field": "industry", "op": "eq", "value": "retail"}).decode()
    assert b"Acme" in taken(browser_of(manager).get(LIST, {"view": "organisations", "filter": tree}))
    [line] = screen.lines(kind="exported")
    assert "Mona Manager exported 1 organisations and people as CSV" in line
    assert "Industry is retail" in line
    assert "Name" in line
    assert "127.0.0.1" in line


def test_a_sheet_and_ticked_rows_are_told_too(make: Make, screen: Screen, manager: User, browser_of: Browser) -> None:
    firm = make("Acme", owner=manager.id)
    make("Blue", owner=manager.id)
    taken(browser_of(manager).get(f"{LIST}&format=xlsx&ids={firm.id}"))
    [line] = screen.lines(kind="exported")
    assert "exported 1 organisations and people as Excel" in line
    assert "1 row ticked" in line


def test_who_goes_away_in_the_middle_has_taken_what_he_got(
    make: Make, screen: Screen, manager: User, browser_of: Browser
) -> None:
    for n in range(4):
        make(f"Firm {n}", owner=manager.id)
    answer = browser_of(manager).get(LIST)
    stream = iter(answer.streaming_content)
    next(stream), next(stream)
    assert ExportRun.objects.get().status == "running", "noted before it ends"
    go_away(answer)
    run = ExportRun.objects.get()
    assert (run.status, run.finished_at is not None) == ("broken", True)
    assert 1 <= run.rows < 4
    assert f"broken off after {run.rows} rows" in screen.lines(kind="exported")[0]


def test_what_goes_wrong_on_the_way_is_broken_off(
    make: Make, manager: User, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("Acme", owner=manager.id)
    monkeypatch.setattr(db, "stream", lambda *_given: (_ for _ in ()).throw(db.DatabaseError("gone")))
    with pytest.raises(db.DatabaseError):
        browser_of(manager).get(LIST)
    assert ExportRun.objects.get().status == "broken"


def test_who_may_not_export_leaves_no_trace(make: Make, seller: User, browser_of: Browser) -> None:
    make("Acme", owner=seller.id)
    assert browser_of(seller).get(LIST).status_code == 403
    assert not ExportRun.objects.exists()


def test_the_command_line_is_a_door_too(make: Make, screen: Screen, tmp_path: Path) -> None:
    make("Acme")
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    for ending in ("csv", "ndjson", "vcf"):
        assert export.run(parser.parse_args(["parties", str(tmp_path / f"all.{ending}")])) == 0
    lines = screen.lines(kind="exported", door="cli")
    assert [line.startswith("Rapport exported 1 ") for line in lines] == [True] * 3
    assert "vCard" in lines[0]
    assert "@" in lines[0], "the login at the machine"


def test_the_audit_itself_is_taken_along_and_tells_of_it(make: Make, screen: Screen) -> None:
    make("Acme")
    file = taken(screen.client.get("/audit/file?kind=created&entity=party")).decode("utf-8-sig")
    head, first, *_rest = file.splitlines()
    assert head.startswith("at,who,door,deed,kind,record,title,field,before,after")
    assert "created" in first
    assert "Acme" in file
    [line] = screen.lines(kind="exported")
    assert "lines of the audit" in line
    assert "What: Created" in line


def test_what_programs_read_is_counted_per_token_and_kind(make: Make, seller: User, api: Callable[..., Api]) -> None:
    firms = [make(f"Firm {n}", owner=seller.id) for n in range(3)]
    program = api(seller)
    program.items("parties", limit=2)
    program.items("parties")
    program.get(f"parties/{firms[0].id}")
    program.items("deals")
    assert not ReadTally.objects.exists(), "a read costs no write"
    assert tallies.write() == 2
    assert tallies.write() == 0
    party = ReadTally.objects.get(entity="party")
    assert (party.user, party.requests, party.rows, party.source, party.day) == (seller.id, 3, 6, "api", today())
    assert party.token > 0
    program.items("parties")
    tallies.write()
    party.refresh_from_db()
    assert (party.requests, party.rows) == (4, 9), "added to the day"
    other = api(seller)
    other.items("parties")
    tallies.write()
    assert ReadTally.objects.filter(entity="party").count() == 2, "another token is another line"


def test_what_assistants_read_is_counted(make: Make, seller: User, api: Callable[..., Api], screen: Screen) -> None:
    make("Acme", owner=seller.id)
    Assistant(api(seller)).call("find", entity="parties")
    tallies.write()
    page = screen.client.get("/audit/reading").content.decode()
    assert "Sam Seller" in page
    assert "through an assistant" in page


def test_what_could_not_be_written_is_kept_for_the_next_time(
    make: Make, seller: User, api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    make("Acme", owner=seller.id)
    api(seller).items("parties")
    with monkeypatch.context() as patch:
        patch.setattr(db, "execute_many", lambda *_given: (_ for _ in ()).throw(db.OperationalError("locked")))
        with pytest.raises(db.OperationalError):
            tallies.write()
    tallies.write()
    assert ReadTally.objects.get().rows == 1


def test_the_pages_of_what_was_read_hold_every_line_once(seller: User, screen: Screen) -> None:
    for n in range(120):
        ReadTally.objects.create(day=f"2026-0{1 + n % 9}-01", user=seller.id, source="api", entity=f"kind{n}", rows=n)
    found: list[str] = []
    url = "/audit/reading"
    while url:
        text = screen.client.get(url).content.decode()
        found += [word for word in text.replace("<", " ").replace(">", " ").split() if word.startswith("kind")]
        url = text.split('class="more" role="row" hx-get="')[1].split('"')[0] if 'role="row" hx-get="' in text else ""
    assert sorted(found) == sorted(f"kind{n}" for n in range(120))
