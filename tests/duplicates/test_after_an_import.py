"""After an import: how many of the new records are probably here already, and the queue of just these."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rapport.config import cli
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.duplicates import fresh, pairs
from rapport.records.models import ImportRun
from rapport.records.transfer.runs import look_again
from tests.imports.screens import Screens, work
from tests.people import Api

PARTY = registry.get("party")
FILE = (
    "Kind,Name,E-mail,Phone\n"
    "person,Grace Hopper,grace@navy.example,\n"  # the same address
    "person,Ada Lovelace,,+1 202 555 0175\n"  # the same whole name and number
    "person,Alan Turing,alan@other.example,\n"  # the same name, another address
    "person,Edsger Dijkstra,,+1 202 555 0143\n"  # another person with a number of the same house
    "person,Barbara Liskov,barbara@mit.example,\n"
    "organisation,ACME,,\n"  # called the same
)


@pytest.fixture
def here(organisation: None, admin: User) -> None:
    with as_system("tests"):
        for values in (
            {"kind": "person", "name": "Grace B. Hopper", "email": "grace@navy.example"},
            {"kind": "person", "name": "Ada Lovelace", "phone": "+12025550175"},
            {"kind": "person", "name": "Alan Turing", "email": "alan@bletchley.example"},
            {"kind": "person", "name": "Tony Hoare", "phone": "+12025550143"},
            {"kind": "organisation", "name": "Acme"},
            {"kind": "organisation", "name": "Barbara Liskov"},
        ):
            write.create(PARTY, values)


def imported(capsys: pytest.CaptureFixture[str], folder: Path, text: str = FILE) -> dict[str, Any]:
    file = folder / "people.csv"
    file.write_text(text)
    cli.run(["import", "parties", str(file)])
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def titles(found: list[pairs.Pair]) -> set[str]:
    names = {str(db.unkey(key)): name for key, name in db.rows("SELECT id, name FROM party")}
    return {names[key] for pair in found for key in (pair.first, pair.second)}


def test_the_command_says_how_many_and_the_queue_shows_just_these(
    here: None, admin: User, api: Callable[..., Api], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = imported(capsys, tmp_path)
    assert (told["created"], told["duplicates"]) == (6, 3)
    client = api(admin)
    other = imported(capsys, tmp_path, "Kind,Name\norganisation,Barbara Liskov\n")
    assert other["duplicates"] == 1
    one, two = (client.items("parties/duplicates", **{"import": each["run"]}) for each in (told, other))
    run = client.get(f"import-runs/{told['run']}").json()
    assert (run["status"], run["created"], run["duplicates"]) == ("done", 6, 3)
    assert [each["id"] for each in client.items("import-runs")] == [other["run"], told["run"]]
    assert (len(one), len(two), len(client.items("parties/duplicates"))) == (3, 1, 4)
    assert client.get("parties/duplicates", **{"import": "0" * 32}).status_code == 404


def test_pairs_have_reasons_and_are_kept_once(here: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = imported(capsys, tmp_path)
    run = ImportRun.objects.get(id=told["run"])
    with as_system("tests"):
        found, _after = pairs.queue(PARTY, made_by=run.operation)
        assert titles(found) == {"Grace B. Hopper", "Grace Hopper", "Ada Lovelace", "Acme", "ACME"}
        reasons = [[each.words for each in pair.reasons if each.speaks_for] for pair in found]
        assert all(reasons)
        assert look_again.look(run) == 3, "looked at again it finds the same"
        assert len(pairs.queue(PARTY, made_by=run.operation)[0]) == 3
    again = imported(capsys, tmp_path, "Kind,Name\nperson,Nobody Else\n")
    assert again["duplicates"] == 0


def test_nothing_is_compared_that_cannot_be_a_duplicate(
    organisation: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "teams.csv"
    file.write_text("name\nEast\nWest\n")
    cli.run(["import", "teams", str(file)])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["duplicates"] == 0


def test_the_screen_says_it_and_leads_to_the_queue(
    here: None, admin: User, browser_of: Callable[[User], Client]
) -> None:
    screens = Screens(browser_of(admin))
    path = screens.upload(FILE)
    screens.post(f"{path}/columns", check="1", **screens.choices(path))
    work()
    screens.post(f"{path}/start")
    work()
    page = screens.shown(path)
    assert "2 of the new records were probably here already." in page, "the third was recognised by its address"
    key = path.rsplit("/", 1)[1]
    assert f"/parties/duplicates?import={key}" in page
    queue = screens.shown(f"/parties/duplicates?import={key}")
    assert "Only records of the import “contacts.csv”" in queue
    assert queue.count("data-pair=") == 2
    screens.post(f"{path}/undo")
    work()
    assert "probably here already" not in screens.shown(path)
    assert "data-pair=" not in screens.shown(f"/parties/duplicates?import={key}")


def test_who_imports_learns_nothing_of_what_he_does_not_see(
    here: None, seller: User, other_seller: User, browser_of: Callable[[User], Client], api: Callable[..., Api]
) -> None:
    screens = Screens(browser_of(seller))
    path = screens.upload(FILE)
    screens.post(f"{path}/columns", check="1", **screens.choices(path))
    work()
    screens.post(f"{path}/start")
    work()
    assert "None of the new records seems to be here already." in screens.shown(path)
    key = path.rsplit("/", 1)[1]
    assert api(seller).get(f"import-runs/{key}").json()["duplicates"] == 0
    assert api(other_seller).get(f"import-runs/{key}").status_code == 404
    assert api(other_seller).items("import-runs") == []
    assert api(other_seller).get("parties/duplicates", **{"import": key}).status_code == 404


def test_many_are_looked_at_in_slices_and_up_to_a_bound(
    here: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "SLICE", 2)
    monkeypatch.setattr(look_again, "AT_ONCE", 3)
    told = imported(capsys, tmp_path)
    assert told["duplicates"] is None, "that many are looked at in the background"
    work()
    assert ImportRun.objects.get(id=told["run"]).counts["duplicates"] == 3
    monkeypatch.setattr(fresh, "MOST", 2)
    with as_system("tests"):
        assert look_again.look(ImportRun.objects.get(id=told["run"])) == 2
    assert ImportRun.objects.get(id=told["run"]).counts["duplicates_of"] == 2
