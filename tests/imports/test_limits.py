"""Imports: who may what, which files are refused and why, and the odd ones that still come in."""

import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records.models import ImportRun
from rapport.records.queues import keeping
from rapport.records.transfer.runs import files, jobs
from tests.imports.screens import Screens, work


def test_a_run_belongs_to_its_author_and_administrators(
    admin: User, seller: User, other_seller: User, reader: User, screens: Callable[[User], Screens],
    browser_of: Callable[[User], Client],
) -> None:  # fmt: skip
    run = screens(seller).upload("name\nA\n")
    assert screens(admin).client.get(f"{run}/columns").status_code == 200
    other = screens(other_seller)
    for path in (run, f"{run}/columns", f"{run}/errors"):
        assert other.client.get(path).status_code == 404
    for verb in ("columns", "start", "cancel", "go-on", "undo", "discard"):
        assert other.post(f"{run}/{verb}").status_code == 404
    assert run.rpartition("/")[2] not in other.shown("/imports")
    assert browser_of(reader).get("/imports/new").status_code == 403
    assert screens(seller).attempt("name\nA\n", entity="user").status_code == 422
    assert Client().get(run).status_code == 302


def test_what_one_may_not_change_is_an_error_of_its_row(
    seller: User, other_seller: User, screens: Callable[[User], Screens]
) -> None:
    mine, theirs = screens(seller), screens(other_seller)
    for at, name in ((mine, "Mine"), (theirs, "Theirs")):
        run = at.upload("name,email\n" + f"{name},{name.lower()}@x.example\n")
        at.post(f"{run}/columns", **at.choices(run), check="1")
        work()
        at.post(f"{run}/start")
        work()
    run = theirs.upload("name,email,industry\nMine,mine@x.example,Trade\nTheirs,theirs@x.example,Trade\n")
    theirs.post(f"{run}/columns", **theirs.choices(run), check="1")
    work()
    # What one cannot see is not recognised: no answer tells whether it exists.
    assert re.search(r"<dt>New</dt><dd>1</dd>.*<dt>To update</dt><dd>1</dd>", theirs.shown(run), re.DOTALL)


def test_the_form_is_protected_and_sizes_are_limited(
    admin: User, screens: Callable[[User], Screens], browser_of: Callable[[User], Client], monkeypatch: Any
) -> None:
    upload = {"entity": "party", "file": SimpleUploadedFile("a.csv", b"name\nA\n")}
    assert browser_of(admin).post("/imports/new", upload).status_code == 403
    at = screens(admin)
    monkeypatch.setitem(files.LIMITS, ".csv", 0)
    assert "at most 0 MB" in at.attempt("name\nA\n").content.decode()
    monkeypatch.setattr(files, "LARGEST", -10_000_000)
    assert at.attempt("name\nA\n").status_code == 413
    assert not ImportRun.objects.exists()


BAD = {
    "empty.csv": b"", "spaces.csv": b"  \n \n", "picture.csv": b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.exe": b"MZ",
    "torn.xlsx": b"PK\x03\x04" + b"x" * 200, "old.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "protected.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
    "none.vcf": b"BEGIN:VCARD",
    "header.csv": b"a\xff\xfeb,c\xe9\n\xc3\xa4\xc3\xa4\xc3\xa4,1\n\xc3\xa4\xc3\xa4,\xc3\xa4\n",
    "wide.csv": b",".join(b"c%d" % n for n in range(2000)) + b"\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_says_why(admin: User, screens: Callable[[User], Screens], name: str) -> None:
    at = screens(admin)
    answer = at.attempt(BAD[name], name)
    page = answer.content.decode()
    if answer.status_code == 302:  # readable, though nothing of it is known
        page = at.shown(str(answer["Location"]))
        assert 'role="status"' in page
        return
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert str(files.folder("x").parent) not in page  # no path of the server
    assert not ImportRun.objects.exists()


def test_torn_bytes_and_formulas_survive_the_screens(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    rows = "".join(f"Fünf {n};ä{n}@x.example\n" for n in range(30)).encode()
    run = at.upload(b"name;email\n" + rows + b"T\xfcrk;t@x.example\n<script>alert(1)</script>;=cmd|x\n")
    page = at.shown(f"{run}/columns")
    assert "<script>alert" not in page
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    page = at.shown(run)
    assert "Holds bytes that are not utf-8" in page
    assert "<script>alert" not in page


def test_another_sheet_is_another_table(admin: User, screens: Callable[[User], Screens], tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["nothing here"])  # type: ignore[union-attr]
    book.active.title = "Cover"  # type: ignore[union-attr]
    book.create_sheet("Other").append(["x"])
    book["Other"].append(["y"])
    sheet = book.create_sheet("People")
    for row in (["name", "employees"], ["A", 5], ["B", 7.0]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    at = screens(admin)
    run = at.upload((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")
    form = at.choices(run)
    assert form["sheet"] == "Other"  # the first with rows
    at.post(f"{run}/columns", **form | {"sheet": "People"})
    form = at.choices(run)
    assert (form["sheet"], form["field-0"], form["field-1"]) == ("People", "name", "employees")
    at.post(f"{run}/columns", **form, check="1")
    work()
    at.post(f"{run}/start")
    work()
    assert db.rows("SELECT name, employees FROM party WHERE name IN ('A', 'B') ORDER BY name") == [("A", 5), ("B", 7)]


def test_cards_bring_their_companies(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Eva Berg\nN:Berg;Eva;;;\nORG:Alm\nPHOTO;ENCODING=b:AAAA\nEND:VCARD\n"
    run = at.upload(card, "a.vcf")
    page = at.shown(f"{run}/columns")
    assert "1 pictures of cards are left out" in page
    at.post(f"{run}/columns", **at.choices(run), check="1")
    work()
    at.post(f"{run}/start")
    work()
    sql = "SELECT p.name, c.name FROM party p JOIN party c ON c.id = p.company_id WHERE p.kind = 'person'"
    assert db.rows(sql) == [("Eva Berg", "Alm")]


def test_every_entity_can_be_mapped(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    page = at.shown("/imports/new")
    for key in re.findall(r'<option value="(\w+)"', page):
        run = at.upload("name,date,amount,stage\nA,2024-05-06,5.5,New\n", entity=key)
        assert "Which column is what?" in at.shown(f"{run}/columns")


def test_old_files_are_cleared_away(admin: User, screens: Callable[[User], Screens], monkeypatch: Any) -> None:
    run = screens(admin).upload("name\nA\n").rpartition("/")[2]
    assert files.folder(run).exists()
    monkeypatch.setattr(jobs, "DRAFTS_KEPT", jobs.DRAFTS_KEPT * 0)
    jobs.clear_away(types.SimpleNamespace(check_cancelled=lambda: None))
    assert not files.folder(run).exists()
    assert not ImportRun.objects.exists()


def test_queues_are_chosen_and_named_where_owners_stand(
    admin: User, seller: User, screens: Callable[[User], Screens], acting: Callable[..., Any]
) -> None:
    with acting(admin):
        queue = keeping.add("Inbound leads").id
    at = screens(admin)
    run = at.upload("name,owner\nA,Inbound leads\nB,Leads\nC,queue:Inbound leads\n")
    page = at.shown(f"{run}/columns")
    assert "there is no user “Leads”" in page
    form = at.choices(run)
    assert {name for name in form if name.startswith("value-")} == {"value-1-1"}  # the others are known
    at.post(f"{run}/columns", **form | {"value-1-1": f"queue:{queue}"}, check="1")
    work()
    at.post(f"{run}/start")
    work()
    run = at.upload("name\nD\n")
    at.post(f"{run}/columns", **at.choices(run) | {"default-owner": f"queue:{queue}"}, check="1")
    work()
    at.post(f"{run}/start")
    work()
    found = db.rows("SELECT name, owner_id, team_id FROM party WHERE name IN ('A', 'B', 'C', 'D') ORDER BY name")
    assert [(name, owner, db.unkey(team)) for name, owner, team in found] == [(n, None, queue) for n in "ABCD"]
