"""An import from the file to the undo: upload, columns, check, run, stop and go on."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records import pace
from rapport.records.transfer.writing import slices
from tests.imports.screens import CONTACTS, Impatient, Screens, work


def map_columns(at: Screens, run: str) -> dict[str, Any]:
    """The columns chosen one after the other, as the page asks for them; gives the form as it stands then."""
    form = at.choices(run)
    assert form == {
        "field-0": "name", "field-1": "", "field-2": "email", "field-3": "", "field-4": "", "match": ["email"],
        "blanks": "",
        "on_match": "update",
    } | {name: value for name, value in form.items() if name.startswith("default-")}  # fmt: skip
    form |= {"field-1": "kind", "field-3": "annual_revenue", "field-4": "owner"}
    at.post(f"{run}/columns", **form)
    form = at.choices(run)
    assert form["decimal"] == ","
    assert form["value-1-0"] == ""
    page = at.shown(f"{run}/columns")
    assert "“Firma” is none of" in page
    form |= {"value-1-0": "organisation", "currency": "EUR"}
    at.post(f"{run}/columns", **form)
    page = at.shown(f"{run}/columns")
    assert "“nonsense” is not an e-mail address." in page
    assert "there is no user “Nobody”" in page
    assert "2 rows of the preview have errors" in page
    return form


def check_and_import(at: Screens, run: str, form: dict[str, Any]) -> None:
    before = db.one("SELECT count(*) FROM party")

    assert at.post(f"{run}/columns", **form, check="1")["Location"] == run
    assert "Being checked" in at.shown(run)
    work()
    page = at.shown(run)
    assert "Ready to import" in page
    assert re.search(r"<dt>New</dt><dd>1</dd>.*<dt>With errors</dt><dd>2</dd>", page, re.DOTALL)
    assert db.one("SELECT count(*) FROM party") == before

    at.post(f"{run}/start")
    assert "hx-get" in at.shown(run)
    work()
    page = at.shown(run)
    assert re.search(r"<dt>Created</dt><dd>1</dd>.*<dt>With errors</dt><dd>2</dd>", page, re.DOTALL)
    assert 'id="run">\n<div class="steps-bar">' in page  # nothing asks again
    found = db.one("SELECT kind, annual_revenue, currency FROM party WHERE name = 'Alm'")
    assert found == ("organisation", 125050, "EUR")
    assert "Alm</a>" in page


def import_corrected(at: Screens, run: str) -> str:
    """The rows with errors, downloaded, mended and brought in again; gives the second run."""
    answer = at.client.get(f"{run}/errors")
    assert "contacts - errors.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")), delimiter=";"))  # type: ignore[arg-type]
    assert rows[0][-1] == "error"
    assert [row[0] for row in rows[1:]] == ["Brot", "Café"]

    corrected = (
        "\n".join(";".join(row) for row in rows)
        .replace("nonsense", "brot@brot.example")
        .replace("Nobody", "Rita Reader")
    )
    again = at.upload(corrected, "contacts - errors.csv")
    form = at.choices(again)
    assert (form["field-1"], form["value-1-0"], form["field-4"]) == ("kind", "organisation", "owner")
    assert "Mapped as in “contacts.csv”" in at.shown(f"{again}/columns")
    at.post(f"{again}/columns", **form, check="1")
    work()
    at.post(f"{again}/start")
    work()
    assert re.search(r"<dt>Created</dt><dd>2</dd>.*<dt>With errors</dt><dd>0</dd>", at.shown(again), re.DOTALL)
    return again


def test_from_the_file_to_the_undo(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload(CONTACTS)
    check_and_import(at, run, map_columns(at, run))
    again = import_corrected(at, run)
    for each in (run, again):
        at.post(f"{each}/undo")
        work()
    assert "2 records were taken back." in at.shown(again)
    assert db.one("SELECT count(*) FROM party WHERE binned_at IS NULL AND name IN ('Alm', 'Brot', 'Café')") == (0,)
    assert "Taken back" in at.shown("/imports")
    assert readiness.deep() == []


def test_a_second_click_does_not_start_twice(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("name\nA\n")
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    at.post(f"{run}/start")
    at.post(f"{run}/start")
    work()
    at.post(f"{run}/start")
    work()
    assert db.one("SELECT count(*) FROM party WHERE name = 'A'") == (1,)


def test_what_waits_can_be_stopped_and_goes_on(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("name\nA\n")
    at.post(f"{run}/columns", **at.choices(run), check="1")
    at.post(f"{run}/cancel")
    assert "Which column is what?" in at.shown(run)
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    at.post(f"{run}/start")
    at.post(f"{run}/cancel")
    assert "Stopped" in at.shown(run)
    at.post(f"{run}/go-on")
    work()
    assert re.search(r"<dt>Created</dt><dd>1</dd>", at.shown(run))


def test_values_for_every_new_record(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload("Product,Customer\nOil,Alm\nWine,\n", entity="deal")
    assert "Every record needs: Name." in at.shown(f"{run}/columns")
    form = at.choices(run) | {"create-1": "1", "default-name": "{Customer}: {Product}", "default-stage": "Proposal"}
    form |= {"field-0": "", "default-owner": "Mona Manager"}
    at.post(f"{run}/columns", **form)
    form = at.choices(run)
    assert (form["default-stage"], form["create-1"]) == ("Proposal", "1")
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    sql = """SELECT d.name, s.name, u.name, p.name FROM deal d JOIN stage s ON s.id = d.stage_id
             JOIN user_account u ON u.id = d.owner_id LEFT JOIN party p ON p.id = d.party_id ORDER BY d.name"""
    assert db.rows(sql) == [
        ("Alm: Oil", "Proposal", "Mona Manager", "Alm"), ("Wine", "Proposal", "Mona Manager", None)
    ]  # fmt: skip


def test_a_running_import_is_stopped_and_goes_on(
    admin: User, screens: Callable[[User], Screens], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = screens(admin)
    monkeypatch.setattr(slices.Pace, "learn", lambda pace, seconds: None)
    run = at.upload("name\n" + "".join(f"Firm {n}\n" for n in range(700)))
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    at.post(f"{run}/start")

    work(Impatient())
    page = at.shown(run)
    assert "Stopped" in page
    assert f"<dt>Created</dt><dd>{pace.FIRST}</dd>" in page
    at.post(f"{run}/go-on")
    work()
    assert "<dt>Created</dt><dd>700</dd>" in at.shown(run)
    assert db.one("SELECT count(DISTINCT name) FROM party WHERE name LIKE 'Firm %%'") == (700,)
