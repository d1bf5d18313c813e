"""Rows become records: matched, related, written with everything a single write leaves, repeatable, undoable."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records import pace, read, registry, write
from rapport.records.models import ImportRun
from rapport.records.read import Query
from rapport.records.transfer.tests.importing import bring, table
from rapport.records.transfer.undo import undo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seeded(organisation: None) -> None:
    """Every test here writes."""


def save(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def items(entity: str, **more: Any) -> list[dict[str, Any]]:
    with as_system("a test"):
        return read.page(Query(registry.get(entity), sort=["created_at"], limit=1000, **more)).items()


def test_values_are_parsed_in_the_files_own_spelling(tmp_path: Path) -> None:
    file = save(
        tmp_path / "a.csv",
        "Name;Umsatz;Telefon;Rollen;Mail\nKönig;1.234,50;+49 372 035188;customer, Supplier;A@B-Firma.DE\n",
    )
    columns = {"Name": "name", "Umsatz": "annual_revenue", "Telefon": "phone", "Rollen": "roles", "Mail": "email"}
    assert bring("party", file, {"columns": columns, "decimal": ","}, currency="EUR").counts == (1, 0, 0, 0)
    found = items("party")[-1]
    assert (found["annual_revenue"], found["currency"], found["phone"]) == ("1234.50", "EUR", "+49372035188")
    assert (found["roles"], found["email"]) == (["customer", "supplier"], "a@b-firma.de")


def test_moments_keep_their_time_in_any_spelling(tmp_path: Path) -> None:
    file = save(tmp_path / "a.csv", "body,at\nhello,06.05.2024 07:08\n")
    spec = {"columns": {"body": "body", "at": "at"}, "dates": "DD.MM.YYYY HH:mm"}
    assert bring("interaction", file, spec).counts == (1, 0, 0, 0)
    assert items("interaction")[-1]["at"] == "2024-05-06T07:08:00Z"


def test_bad_rows_fail_by_line_and_come_back_in_the_error_file(tmp_path: Path) -> None:
    file = save(
        tmp_path / "a.csv",
        'external_id,name,email\n1,A,a@x.de\n2,B,nonsense\n3,C\n,,\n4,,\n5,=1+1,e@x.de\n6,"open,f@x.de\n7,'
        + "x" * 3_000_000
        + ",\n8,H,h@x.de\n",
    )
    errors = tmp_path / "errors.csv"
    found = bring("party", file, errors=errors)
    assert found.counts == (3, 0, 1, 5)
    assert [number for number, _reason in found.failed] == [3, 4, 6, 8, 9]
    reasons = dict(found.failed)
    assert "email: “nonsense”" in reasons[3]
    assert "2 cells where the header has 3" in reasons[4]
    assert "Give a name" in reasons[6]
    assert "3,000,000" in reasons[9]
    csv.field_size_limit(2**31 - 1)
    with errors.open(encoding="utf-8-sig", newline="") as opened:
        kept = list(csv.reader(opened))
    assert kept[0] == ["external_id", "name", "email", "error"]
    assert {len(row) for row in kept} == {4}
    assert kept[1] == ["2", "B", "nonsense", f"line 3: {reasons[3]}"]
    fixed = errors.read_text("utf-8-sig").replace("nonsense", "b@x.de")
    assert bring("party", save(errors, fixed)).counts[0] == 2  # the short row came back with all its cells


def test_rows_match_records_and_earlier_rows(tmp_path: Path) -> None:
    file = save(tmp_path / "a.csv", "external_id,name,title\n1,A,x\n2,B,\n1,A,y\n3,C,\n")
    assert bring("party", file).counts == (3, 1, 0, 0)
    assert [each["title"] for each in items("party") if each["external_id"] == "1"] == ["y"]
    again = save(tmp_path / "b.csv", "external_id,name,title\n1,A,y\n2,B2,\n4,D,\n")
    assert bring("party", again, on_match="skip").counts == (1, 0, 2, 0)
    assert bring("party", again, on_match="error").counts == (0, 0, 0, 3)
    assert bring("party", again).counts == (0, 1, 2, 0)
    assert bring("party", again, dry_run=True).counts == (0, 0, 3, 0)


def test_several_ways_to_match_and_doubtful_matches(tmp_path: Path) -> None:
    bring("party", save(tmp_path / "a.csv", "name,email,address.city\nA,a@x.de,Graz\nA,b@x.de,Wien\n"))
    by_name = bring("party", save(tmp_path / "b.csv", "name,email\nA,\n"), match=("name",))
    assert by_name.counts == (0, 0, 0, 1)
    assert "2 parties have this name" in by_name.failed[0][1]
    text = "name,email,address.city,title\nA,,GRAZ,boss\n,b@x.de,,chief\n"
    found = bring("party", save(tmp_path / "c.csv", text), match=("name+address.city", "email"))
    assert found.counts == (0, 2, 0, 0)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = [table(f"SELECT count(*) FROM {name}") for name in ("party", "event", "user_account")]
    text = "external_id,name,owner\n1,A,New Person\n1,A2,New Person\n2,,x\n"
    spec = {"columns": {"external_id": "external_id", "name": "name", "owner": {"field": "owner", "create": True}}}
    found = bring("party", save(tmp_path / "a.csv", text), spec, dry_run=True)
    assert found.counts == (1, 1, 0, 1)
    assert found.run is None
    assert before == [table(f"SELECT count(*) FROM {name}") for name in ("party", "event", "user_account")]


def test_relations_are_found_or_made(tmp_path: Path) -> None:
    bring("party", save(tmp_path / "a.csv", "external_id,name\nK1,Königlich Essen\n"))
    key = items("party")[-1]["id"]
    text = "name,party,owner,stage\none,KONIGLICH essen,Sam Seller,won\n"
    text += f"two,K1,Fresh Face,lost\nthree,{key},,New\nfour,Nobody,,New\nfive,,,Nowhere\n"
    spec = {
        "columns": {"name": "name", "party": "party", "owner": {"field": "owner", "create": True}, "stage": "stage"},
        "defaults": {"pipeline": "Sales"},
    }  # fmt: skip
    found = bring("deal", save(tmp_path / "b.csv", text), spec)
    assert found.counts == (3, 0, 0, 2)
    assert [reason for _line, reason in found.failed] == [
        "party: there is no organisation or person “Nobody”",
        "stage: there is no stage “Nowhere”",
    ]
    deals = items("deal", expand=True)
    assert {each["party"]["id"] for each in deals} == {key}
    assert [each["status"] for each in deals] == ["won", "lost", "open"]
    fresh = next(each for each in items("user") if each["name"] == "Fresh Face")
    assert (fresh["is_active"], fresh["email"]) == (False, None)
    assert deals[0]["team"]["title"] == "North East"


def test_rows_name_earlier_rows_of_the_same_file(tmp_path: Path) -> None:
    file = save(
        tmp_path / "a.csv", "kind,name,company\norganisation,Acme,\nperson,Ada Byron,ACME\nperson,Bo Li,Later\n"
    )
    spec = {"columns": {"kind": "kind", "name": "name", "company": {"field": "company", "create": True}}}
    assert bring("party", file, spec).counts == (3, 0, 0, 0)
    people = {each["name"]: each for each in items("party", expand=True)}
    assert people["Ada Byron"]["company"]["id"] == people["Acme"]["id"]
    assert people["Later"]["kind"] == "organisation"


def test_a_refusal_of_the_database_fails_one_row(tmp_path: Path) -> None:
    bring("party", save(tmp_path / "a.csv", "external_id,name\n7,Old\n"))
    rows = "".join(f"{n},N{n},n{n}@x.de\n" for n in range(20))
    found = bring("party", save(tmp_path / "b.csv", "external_id,name,email\n" + rows), match=("email",))
    assert found.counts == (19, 0, 0, 1)
    assert found.failed == [(9, "A record with this external_id exists.")]


def test_updates_leave_what_the_file_does_not_say(tmp_path: Path) -> None:
    bring("deal", save(tmp_path / "a.csv", "external_id,name,stage,amount,opened_on\n1,Deal,New,10,2024-01-05\n"))
    text = "external_id,name,stage,amount,closed_on\n1,,Lost,,2024-02-05\n"
    assert bring("deal", save(tmp_path / "b.csv", text)).counts == (0, 1, 0, 0)
    found = items("deal")[-1]
    assert (found["name"], found["amount"], found["status"], found["closed_on"]) == (
        "Deal",
        "10.00",
        "lost",
        "2024-02-05",
    )
    assert found["lost_reason"] is None
    clear = {"columns": {"external_id": "external_id", "amount": {"field": "amount", "empty": "clear"}}}
    assert bring("deal", tmp_path / "b.csv", clear).counts == (0, 1, 0, 0)
    assert items("deal")[-1]["amount"] is None


def test_an_import_is_taken_back_updates_included(tmp_path: Path) -> None:
    bring("party", save(tmp_path / "a.csv", "external_id,name,title\n1,A,x\n2,B,x\n"))
    found = bring("party", save(tmp_path / "b.csv", "external_id,name,title\n1,A,y\n2,B,y\n3,C,y\n4,D,y\n"))
    assert found.counts == (2, 2, 0, 0)
    by_id = {each["external_id"]: each["id"] for each in items("party")}
    with as_system("a test"):
        write.change(registry.get("party"), by_id["2"], {"title": "z"})
        write.change(registry.get("party"), by_id["4"], {"title": "z"})
        taken = undo(str(found.run))
    assert (len(taken.reverted), len(taken.kept_changed), len(taken.failed)) == (2, 2, 0)
    assert {each["external_id"]: each["title"] for each in items("party") if each["external_id"]} == {
        "1": "x",
        "2": "z",
        "4": "z",
    }
    assert ImportRun.objects.get(id=found.run).status == "undone"


def test_the_run_counts_what_is_committed_and_can_be_stopped(tmp_path: Path) -> None:
    text = "external_id,name\n" + "".join(f"{n},N{n}\n" for n in range(1200))
    asked = iter([False, True])
    found = bring("party", save(tmp_path / "a.csv", text), stop=lambda: next(asked))
    assert found.work.stopped
    run = ImportRun.objects.get(id=found.run)
    assert (run.status, run.counts["created"], run.counts["line"]) == ("stopped", pace.FIRST, pace.FIRST + 1)
    assert bring("party", tmp_path / "a.csv").counts == (1200 - pace.FIRST, 0, pace.FIRST, 0)


def test_a_slice_leaves_one_event_and_narrow_changes(tmp_path: Path) -> None:
    before = table("SELECT count(*) FROM event WHERE entity = 'party'")[0][0]
    found = bring("party", save(tmp_path / "a.csv", "name\n" + "".join(f"N{n}\n" for n in range(pace.FIRST))))
    assert table("SELECT count(*) FROM event WHERE entity = 'party'")[0][0] == before + 1
    operation = db.key(ImportRun.objects.get(id=found.run).operation)
    narrow = "SELECT count(*) FROM change WHERE before IS NULL AND after IS NULL AND operation = %s"
    assert db.one(narrow, (operation,)) == (pace.FIRST,)


def test_killed_in_the_middle_the_same_command_goes_on(tmp_path: Path) -> None:
    save(tmp_path / "a.csv", "external_id,name\n" + "".join(f"{n},N{n}\n" for n in range(20_000)))
    environment = {**os.environ, "RAPPORT_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
    environment.pop("RAPPORT_DATABASE_URL", None)
    command = [
        sys.executable,
        "-c",
        "from rapport.config.cli import main; main()",
        "import",
        "parties",
        str(tmp_path / "a.csv"),
    ]
    work = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert work.stderr is not None
    said = next(line for line in work.stderr if " created" in line)
    work.kill()
    work.communicate()
    acknowledged = int(said.split(" created")[0].split()[-1].replace(",", ""))
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    summary = json.loads(again.stdout.splitlines()[-1])
    assert list(summary) == ["run", "rows", "created", "updated", "skipped", "failed", "seconds", "duplicates"]
    assert summary["rows"] == 20_000
    assert summary["skipped"] >= acknowledged > 0
    assert summary["created"] == 20_000 - summary["skipped"]
    (tmp_path / "b.csv").write_bytes(bytes(range(256)) * 9)
    refused = subprocess.run([*command[:-1], str(tmp_path / "b.csv")], env=environment, capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Save it as CSV" in refused.stderr
