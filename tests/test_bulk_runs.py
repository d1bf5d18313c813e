"""A deed on everything that a list holds: in the background, stopped, killed, gone on with, taken back."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import pace, registry, write
from rapport.records.bulk import deeds
from rapport.records.entity import Entity
from rapport.shell.lists import selection
from tests.imports.screens import Impatient, work

Browser = Callable[[User], Client]
RETAIL = orjson.dumps({"field": "industry", "op": "eq", "value": "retail"}).decode()


class Killed(BaseException):
    """Stands for a process that is no more."""


def killed(*_args: Any) -> Any:
    """A deed whose process is killed."""
    raise Killed


def go_on_at_once() -> None:
    """What was interrupted is due, as it is a few seconds later."""
    db.execute("UPDATE job SET run_at = %s WHERE status = 'waiting'", ["2020-01-01 00:00:00+00:00"])


@pytest.fixture
def firms(organisation: None, seller: User, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(selection, "MOST", 5)
    monkeypatch.setattr(pace, "FIRST", 4)
    monkeypatch.setattr(pace.Pace, "__init__", lambda each: setattr(each, "size", 4))
    monkeypatch.setattr(pace.Pace, "learn", lambda each, seconds: None)
    entity = registry.get("party")
    with as_system("tests"):
        given = {"kind": "organisation", "owner": seller.id}
        industry = ["retail"] * 12 + ["farming"] * 8
        return [
            write.create(entity, {**given, "name": f"Firm {n:02}", "industry": each}).id
            for n, each in enumerate(industry)
        ]


class Screens:
    """A person at a list and at the page of what it began."""

    def __init__(self, client: Client) -> None:
        self.client = client
        page = client.get("/parties?view=organisations").content.decode()
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found
        self.token = found[1]

    def post(self, path: str, **values: Any) -> Any:
        given = values | {"csrfmiddlewaretoken": self.token}
        return self.client.post(path, given, headers={"HX-Request": "true"})

    def begin(self, query: str = f"view=organisations&filter={RETAIL}", **values: Any) -> str:
        answer = self.post(f"/parties/bulk?{query}", all="1", asked="1", **values)
        assert answer.status_code == 204, answer.content.decode()
        return str(answer["HX-Redirect"])

    def shown(self, path: str) -> str:
        return self.client.get(path).content.decode()

    def counted(self, path: str) -> tuple[int, int, int]:
        """Changed, nothing to do, left alone."""
        page = self.shown(path)
        words = ("Changed", "Nothing to do", "Left alone")
        return tuple(int(re.search(rf"<dt>{word}</dt><dd>(\d+)</dd>", page)[1]) for word in words)  # type: ignore[index, return-value]


@pytest.fixture
def at(admin: User, browser_of: Browser, firms: list[str]) -> Screens:
    return Screens(browser_of(admin))


def industries() -> dict[str, int]:
    sql = "SELECT coalesce(industry, ''), count(*) FROM party WHERE kind = 'organisation' GROUP BY 1"
    return dict(db.rows(f"{sql} ORDER BY 1"))


def test_everything_that_a_filter_finds_is_changed_and_taken_back(at: Screens, firms: list[str]) -> None:
    asked = at.client.get(f"/parties/bulk?view=organisations&filter={RETAIL}&do=set:industry&all=1",
                          headers={"HX-Request": "true"}).content.decode()  # fmt: skip
    assert "All 12 rows of this list." in asked
    with as_system("tests"):
        write.change(registry.get("party"), firms[0], {"description": "seen"})
    run = at.begin(do="set:industry", industry="wholesale")
    assert "At work" in at.shown(run)
    assert "hx-get" in at.shown(run)
    work()
    assert at.counted(run) == (12, 0, 0)
    page = at.shown(run)
    assert "Industry: wholesale" in page
    assert "Industry is retail" in page
    assert industries() == {"farming": 8, "wholesale": 12}
    told = db.rows("SELECT reason, summary FROM notification WHERE reason LIKE 'bulk%%'")
    assert [(reason, orjson.loads(summary)["url"]) for reason, summary in told] == [("bulk", run)]
    with as_system("tests"):
        write.change(registry.get("party"), firms[1], {"industry": "banking"})
    at.post(f"{run}/undo")
    work()
    assert "11 records were taken back. 1 was changed since and stays." in at.shown(run)
    assert industries() == {"banking": 1, "farming": 8, "retail": 11}


def test_slices_of_changing_size_take_each_record_once(at: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace.Pace, "learn", lambda each, seconds: setattr(each, "size", each.size % 5 + 2))
    run = at.begin(do="set:industry", industry="wholesale")
    work()
    assert at.counted(run) == (12, 0, 0)


def test_what_was_stopped_goes_on(at: Screens) -> None:
    run = at.begin(do="set:industry", industry="wholesale")
    work(Impatient())
    assert at.counted(run) == (4, 0, 0)
    assert "Stopped" in at.shown(run)
    at.post(f"{run}/go-on")
    work()
    assert at.counted(run) == (12, 0, 0)
    assert industries() == {"farming": 8, "wholesale": 12}


def test_what_was_killed_goes_on_behind_the_last_that_is_stored(at: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    run, times = at.begin(do="set:industry", industry="wholesale"), 0
    carry_out = deeds.carry_out

    def dies(*args: Any) -> Any:
        nonlocal times
        times += 1
        if times == 3:
            raise Killed
        return carry_out(*args)

    monkeypatch.setattr(deeds, "carry_out", dies)
    work()
    assert industries() == {"farming": 8, "retail": 4, "wholesale": 8}
    go_on_at_once()
    work()
    assert at.counted(run) == (12, 0, 0)
    changes = db.one(
        "SELECT count(*), count(DISTINCT operation) FROM change WHERE verb = 'changed' AND source = 'bulk'"
    )
    assert changes == (12, 1)


def test_what_was_asked_for_last_has_the_last_word_though_the_first_was_killed(
    at: Screens, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = "view=organisations"
    first = at.begin(everything, do="set:industry", industry="wholesale")
    with monkeypatch.context() as broken:
        broken.setattr(deeds, "carry_out", killed)
        work()
    second = at.begin(everything, do="set:industry", industry="banking")
    work()
    go_on_at_once()
    work()
    assert (at.counted(first), at.counted(second)) == ((20, 0, 0), (20, 0, 0))
    assert industries() == {"banking": 20}


def test_what_refuses_is_left_alone_and_can_be_taken_along(at: Screens, firms: list[str]) -> None:
    run = at.begin("view=organisations", do="set:company", company=firms[2])
    work()
    assert at.counted(run) == (19, 0, 1)
    assert "Nobody works at himself." in at.shown(run)
    page = at.client.get(f"{run}/left")
    rows = list(csv.reader(io.StringIO(b"".join(page).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert rows == [["id", "name", "reason"], [firms[2], "Firm 02", "Nobody works at himself."]]


def test_another_sees_neither_the_run_nor_its_buttons(at: Screens, seller: User, browser_of: Browser) -> None:
    run = at.begin(do="set:industry", industry="wholesale")
    other = Screens(browser_of(seller))
    assert other.client.get(run).status_code == 404
    assert other.post(f"{run}/undo").status_code == 404
    work()
    assert industries()["wholesale"] == 12


def test_a_short_list_is_done_at_once(at: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST", 1000)
    answer = at.post(
        f"/parties/bulk?view=organisations&filter={RETAIL}", all="1", asked="1", do="add:roles", value="partner"
    )
    assert orjson.loads(answer["HX-Trigger"])["toast"]["text"] == "12 changed"
    assert db.one("SELECT count(*) FROM party WHERE roles = ' partner '") == (12,)


def test_the_bin_is_a_list_from_which_all_comes_back(at: Screens) -> None:
    run = at.begin(do="bin")
    work()
    assert at.counted(run) == (12, 0, 0)
    page = at.shown("/parties?binned=1")
    assert "Bin: " in page
    assert page.count("Firm ") >= 12
    assert 'value="restore"' in page
    assert 'value="bin"' not in page
    run = at.begin("binned=1", do="restore")
    work()
    assert at.counted(run) == (12, 0, 0)
    assert "Firm" not in at.shown("/parties?binned=1")
    assert db.one("SELECT count(*) FROM party WHERE binned_at IS NOT NULL") == (0,)
    assert db.one("SELECT count(*) FROM search_entry WHERE entity = 'party' AND text LIKE 'firm%%'") == (20,)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"do": "set:industry"}, "Give a value"),
        ({"do": "set:name", "name": "x"}, "cannot be done"),
        ({"do": "move:industry", "industry": "x"}, "cannot be done"),
        ({"do": "assign"}, "Choose who"),
    ],
)
def test_what_is_missing_is_said(at: Screens, given: dict[str, str], words: str) -> None:
    answer = at.post(f"/parties/bulk?filter={RETAIL}", all="1", asked="1", **given)
    assert answer.status_code == 400
    assert words in orjson.loads(answer["HX-Trigger"])["toast"]["text"]


def test_a_field_is_emptied_only_when_that_is_said(at: Screens) -> None:
    run = at.begin(do="set:industry", empty="1")
    work()
    assert at.counted(run) == (12, 0, 0)
    assert industries() == {"": 12, "farming": 8}


def test_cards_are_moved_by_their_verb(at: Screens, organisation: None) -> None:
    entity: Entity = registry.get("deal")
    with as_system("tests"):
        deals = [write.create(entity, {"name": f"Deal {n}"}).id for n in range(3)]
    stage = db.unkey((db.one("SELECT id FROM stage WHERE name = 'Proposal'") or (None,))[0])
    answer = at.post("/deals/bulk?view=open", do="move:stage", stage=stage, asked="1", id=deals)
    assert orjson.loads(answer["HX-Trigger"])["toast"]["text"] == "3 changed"
    assert db.one("SELECT count(*) FROM stage_visit v JOIN stage s ON s.id = v.stage_id WHERE s.name = 'Proposal'") == (
        3,
    )
