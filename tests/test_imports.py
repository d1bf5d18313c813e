"""Imports on screens, without scripts: upload, columns, check, run, errors, undo; who may what; what is refused."""

import csv
import io
import re
import types
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from rapport.config import readiness
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.platform.jobs import claims, execution
from rapport.platform.jobs.registry import kinds
from rapport.records.models import ImportRun
from rapport.records.transfer.runs import files, jobs
from rapport.records.transfer.writing import slices

CONTACTS = (
    "Company name;Art;E-mail;Umsatz;Betreuer\n"
    "Alm;Firma;info@alm.example;1.250,50;Mona Manager\n"
    "Brot;Firma;nonsense;830,00;Mona Manager\n"
    "Café;Firma;hallo@cafe.example;95,00;Nobody\n"
)


class Heart:
    """A heart that needs no thread."""

    def watch(self, run: Any) -> None:
        """Nothing to do."""

    def forget(self, run: Any) -> None:
        """Nothing to do."""


def work(heart: Any = None) -> None:
    """Do what waits in the queue, as the worker would."""
    for lane in ("short", "long"):
        while job := claims.claim(lane, list(kinds()), "a test"):
            execution.execute(job, heart or Heart())


class Form(HTMLParser):
    """What a browser would send of the mapping form."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._inside, self._select, self._option = False, "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == "mapping"
        if not self._inside:
            return
        name = given.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.values):
            self._option = "value" not in given
            self.values[self._select] = given.get("value") or ""
        elif tag == "input" and "checked" in given and "disabled" not in given:
            self.values[name] = [*self.values.get(name, []), given["value"]] if name == "match" else given["value"]
        elif tag == "input" and given.get("type") == "text":
            self.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._option:
            self.values[self._select], self._option = data, False


class Screens:
    """A person at the import screens."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.token = self.field(self.client.get("/imports/new"), "csrfmiddlewaretoken")

    @staticmethod
    def field(answer: HttpResponse, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
        return found[1] if found else ""

    def post(self, path: str, **values: Any) -> HttpResponse:
        return self.client.post(path, {"csrfmiddlewaretoken": self.token, **values})

    def upload(self, content: str | bytes, name: str = "contacts.csv", entity: str = "party") -> str:
        """The address of the new run."""
        answer = self.attempt(content, name, entity)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def attempt(self, content: str | bytes, name: str = "contacts.csv", entity: str = "party") -> HttpResponse:
        raw = content if isinstance(content, bytes) else content.encode()
        return self.post("/imports/new", entity=entity, file=SimpleUploadedFile(name, raw))

    def shown(self, path: str) -> str:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    def choices(self, path: str) -> dict[str, Any]:
        """The mapping form as it stands."""
        reader = Form()
        reader.feed(self.shown(f"{path}/columns"))
        return reader.values


@pytest.fixture
def screens(browser_of: Callable[[User], Client]) -> Callable[[User], Screens]:
    return lambda user: Screens(browser_of(user))


def test_from_the_file_to_the_undo(admin: User, screens: Callable[[User], Screens]) -> None:
    at = screens(admin)
    run = at.upload(CONTACTS)
    form = at.choices(run)
    assert form == {
        "field-0": "name", "field-1": "", "field-2": "email", "field-3": "", "field-4": "", "match": ["email"],
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

    class Impatient(Heart):
        def watch(self, run: Any) -> None:
            told = run.progress

            def progress(*args: Any) -> None:
                told(*args)
                run.cancelled = True

            run.progress = progress

    work(Impatient())
    page = at.shown(run)
    assert "Stopped" in page
    assert "<dt>Created</dt><dd>500</dd>" in page
    at.post(f"{run}/go-on")
    work()
    assert "<dt>Created</dt><dd>700</dd>" in at.shown(run)
    assert db.one("SELECT count(DISTINCT name) FROM party WHERE name LIKE 'Firm %%'") == (700,)


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
    assert "holds bytes that are not utf-8" in page
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
