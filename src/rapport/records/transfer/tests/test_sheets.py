"""Workbooks: a sheet chosen, cells with their type; protected, damaged and malicious ones refused in words."""

import datetime as dt
import struct
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import open_source, sheets


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]
    for title, rows in {
        "Cover": [],
        "Firms": [["name", "since", "share"], ["A", dt.date(2024, 5, 6), 0.5]],
        "People": [["name"], ["B"], ["C"]],
    }.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_the_first_sheet_with_rows_or_the_one_asked_for(book: Path) -> None:
    source = open_source(book)
    assert (source.header, source.sheets) == (["name", "since", "share"], ("Firms", "Cover", "People"))
    assert source.notes == ["of 3 sheets, “Firms” is read"]
    assert next(iter(source.lines())).cells == ["A", dt.date(2024, 5, 6), 0.5]
    chosen = open_source(book, sheet="People")
    assert ([line.cells for line in chosen.lines()], chosen.notes) == ([["B"], ["C"]], [])


@pytest.mark.parametrize(("name", "says"), [("Peeple", "Did you mean “People”?"), ("Cover", "holds no rows in this")])
def test_a_sheet_that_cannot_be_read(book: Path, name: str, says: str) -> None:
    with pytest.raises(Unusable, match=says.replace("?", r"\?")):
        open_source(book, sheet=name)


def test_a_protected_workbook(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    head = b"\xd0\xcf\x11\xe0" + b"\0" * (sheets.CHUNK - 10)  # the word lies across two pieces
    file.write_bytes(head + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100)
    with pytest.raises(Unusable, match="protected with a password"):
        open_source(file)


def test_an_entry_with_a_password(book: Path) -> None:
    raw = bytearray(book.read_bytes())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(sign)
        while place >= 0:
            raw[place + at] |= 1
            place = raw.find(sign, place + 4)
    book.write_bytes(raw)
    with pytest.raises(Unusable, match="protected with a password"):
        open_source(book)


def test_a_damaged_workbook(book: Path) -> None:
    raw = bytearray(book.read_bytes())
    place = raw.find(b"xl/worksheets/sheet2.xml") + 60
    raw[place : place + 20] = b"\xff" * 20
    book.write_bytes(raw)
    with pytest.raises(Unusable, match="is damaged"):
        open_source(book)
    book.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(Unusable):
        open_source(book)


def test_a_bomb_is_seen_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(Unusable, match="unpacks to 3,000,000 bytes"):
        open_source(file)
    raw = bytearray(file.read_bytes())
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # it lies about its size
        raw[raw.find(sign) + at : raw.find(sign) + at + 4] = struct.pack("<I", 1000)
    file.write_bytes(raw)
    with pytest.raises(Unusable, match="is damaged"):
        open_source(file)
