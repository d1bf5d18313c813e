"""Records out, and in again without a difference."""

from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from rapport.platform.actor import as_system
from rapport.records import registry, write
from rapport.records.errors import Forbidden
from rapport.records.transfer.export.files import export
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.tests.importing import bring

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _filled(organisation: None) -> None:
    party, deal = registry.get("party"), registry.get("deal")
    with as_system("a test"):
        acme = write.create(
            party, {"name": "=1+1", "phone": "+49 30 1234567", "roles": ["customer"], "description": "two\nlines, “x”"}
        )
        write.create(party, {"name": "Twin"})
        twin = write.create(party, {"name": "Twin", "annual_revenue": "-5.25"})
        write.create(
            party,
            {"kind": "person", "name": "Ada Byron", "company": twin.id, "address": {"city": "Köln"}, "title": "'=x"},
        )
        write.create(deal, {"name": "@home", "party": acme.id, "amount": "7.50", "stage": "Won", "owner": "Sam Seller"})
        write.create(deal, {"name": "gone", "party": twin.id})
        write.create(
            registry.get("interaction"),
            {"party": acme.id, "channel": "call", "body": "hi", "about": {"entity": "party", "id": twin.id}},
        )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("entity", ["party", "deal", "interaction", "user", "team", "stage"])
def test_a_round_trip_changes_nothing(tmp_path: Path, entity: str, ending: str) -> None:
    file = tmp_path / f"out.{ending}"
    with as_system("a test"):
        count = export(registry.get(entity), file)
    found = bring(entity, file, match=("id",))
    assert found.failed == []
    assert found.counts == (0, 0, count, 0)
    assert list(tmp_path.iterdir()) == [file]


def test_cells_that_a_spreadsheet_would_run_are_guarded(tmp_path: Path) -> None:
    with as_system("a test"):
        export(registry.get("party"), tmp_path / "a.csv", ["name", "phone", "annual_revenue"])
        export(registry.get("party"), tmp_path / "a.xlsx", ["name"])
        export(registry.get("party"), tmp_path / "a.ndjson", ["name", "address"])
    lines = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "id,name,phone,annual_revenue"
    assert lines[1].endswith(",'=1+1,+49301234567,")
    assert lines[3].endswith(",Twin,,-5.25")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("'=1+1", "s")
    rows = [orjson.loads(line) for line in (tmp_path / "a.ndjson").read_bytes().splitlines()]
    assert rows[0]["name"] == "=1+1"
    assert rows[3]["address"]["city"] == "Köln"


def test_what_cannot_be_exported_says_why(tmp_path: Path, acting: object, seller: object) -> None:
    with as_system("a test"):
        with pytest.raises(Unusable, match=r"no field “nam”\. Did you mean “name”"):
            export(registry.get("party"), tmp_path / "a.csv", ["nam"])
        with pytest.raises(Unusable, match="says no format"):
            export(registry.get("party"), tmp_path / "a.doc")
    with acting(seller), pytest.raises(Forbidden):  # type: ignore[operator]
        export(registry.get("party"), tmp_path / "a.csv")
