"""Any file in: dialects, encodings, broken rows. Nothing is dropped without saying so."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from rapport.records.transfer.guard import guard, unguard
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import Source, open_source
from rapport.records.transfer.sources.dialects import judge

NAMES = "name,city\nMüller,Köln\nGroß,Nürnberg\nJosé,Málaga\nRenée,Besançon\n"
RUSSIAN = "имя,город\nИван Петров,Москва\nАнна Сидорова,Санкт-Петербург\n"


def read(path: Path, text: str | bytes) -> Source:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return open_source(path)


def rows(source: Source) -> list[tuple[int, list[str], str | None]]:
    return [(line.number, line.cells, line.problem) for line in source.lines()]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", NAMES), ("utf-8-sig", NAMES), ("utf-16", NAMES), ("utf-16-le", NAMES), ("utf-16-be", NAMES),
        ("utf-32", NAMES), ("cp1252", NAMES), ("cp850", NAMES), ("mac_roman", NAMES),
        ("cp1252", "name,city\nAndré – “Best”,€5\n"), ("cp1250", "jméno,město\nJiří Novák,Plzeň\nŽofie Šťastná,Ústí\n"),
        ("cp1250", "imię,miasto\nŁukasz Wąs,Gdańsk\nŚwięta Żółć,Łódź\n"), ("cp1251", RUSSIAN),
        ("cp1251", "name,city\nШолпан,Алматы\n"),
        ("koi8_r", RUSSIAN), ("cp866", RUSSIAN), ("cp1254", "isim,şehir\nYiğit Işık,Eskişehir\nGüneş,İstanbul\n"),
        ("cp1253", "όνομα,πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\n"),
    ],
)  # fmt: skip
def test_every_usual_encoding_is_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    source = read(tmp_path / "a.csv", text.encode(encoding))
    wanted = list(csv.reader(io.StringIO(text)))
    assert [source.header, *(cells for _n, cells, _p in rows(source))] == wanted


def test_letters_far_below_the_head_are_seen(tmp_path: Path) -> None:
    text = "name\n" + "plain\n" * 200_000 + "Müller\n"
    assert rows(read(tmp_path / "a.csv", text.encode("cp1252")))[-1][1] == ["Müller"]
    assert rows(read(tmp_path / "a.csv", text.encode()))[-1][1] == ["Müller"]


def test_a_torn_character_fails_its_row_alone(tmp_path: Path) -> None:
    found = rows(read(tmp_path / "a.csv", "name\nMüller\n".encode() + b"Gro\xdf\n" + "Jürgen\nZoë\n".encode()))
    assert [problem and "not utf-8" in problem for _n, _c, problem in found] == [None, True, None, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = f"name{delimiter}amount{delimiter}note\na{delimiter}1,5{delimiter}x; y\nb{delimiter}2,5{delimiter}z\n"
    if delimiter in ",;":
        text = text.replace("1,5", '"1,5"').replace("2,5", '"2,5"').replace("x; y", '"x; y"')
    source = read(tmp_path / "a.csv", text)
    assert rows(source)[0][1] == ["a", "1,5", "x; y"]


def test_dialects_of_other_programs(tmp_path: Path) -> None:
    assert rows(read(tmp_path / "a.csv", "sep=;\r\na;b\r\n1;2\r\n")) == [(3, ["1", "2"], None)]
    assert rows(read(tmp_path / "b.csv", "'a','b'\n'x, y','z'\n")) == [(2, ["x, y", "z"], None)]
    assert rows(read(tmp_path / "c.csv", 'a,b\n"say \\"hi\\" now",2\n')) == [(2, ['say "hi" now', "2"], None)]
    assert rows(read(tmp_path / "d.csv", "a,b\r1,2\r3,4\r")) == [(2, ["1", "2"], None), (3, ["3", "4"], None)]


def test_quotes_over_lines_count_physical_lines(tmp_path: Path) -> None:
    found = rows(read(tmp_path / "a.csv", 'name,note\n"a","one\ntwo, ""three"""\nb,c\n'))
    assert found == [(2, ["a", 'one\ntwo, "three"'], None), (4, ["b", "c"], None)]


def test_ragged_rows_fail_and_say_how(tmp_path: Path) -> None:
    found = rows(read(tmp_path / "a.csv", "a,b,c\n1,2\n1,2,3,4\n1,2,3,\n\n1,2,3\n"))
    assert [(number, problem) for number, _c, problem in found] == [
        (2, "2 cells where the header has 3"),
        (3, "4 cells where the header has 3; beyond the header: ['4']"), (4, None), (6, None),
    ]  # fmt: skip


def test_an_open_quote_costs_one_row_not_the_rest(tmp_path: Path) -> None:
    found = rows(read(tmp_path / "a.csv", 'a,b,c\n1,"5 inch,3\n4,5,6\n7,8,9\n'))
    assert [(number, cells) for number, cells, problem in found if not problem] == [
        (3, ["4", "5", "6"]),
        (4, ["7", "8", "9"]),
    ]
    assert found[0][0] == 2
    assert "quote" in str(found[0][2])
    swallowed = rows(read(tmp_path / "b.csv", 'a,b,c\n1,"5 inch,3\n4,"ok",6\n7,8,9\n'))
    assert [number for number, _c, problem in swallowed if not problem] == [3, 4]


def test_a_huge_field_is_read_and_zeros_are_taken_out(tmp_path: Path) -> None:
    source = read(tmp_path / "a.csv", "a,b\n" + "x" * 3_000_000 + ",1\nA\0B,2\n")
    found = rows(source)
    assert len(found[0][1][0]) == 3_000_000
    assert found[1][1] == ["AB", "2"]
    assert source.notes == ["1 zero bytes were taken out"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"), (b"\n\n  \n", "is empty"), (b"name,email\n", "a header and no rows"),
        (b"%PDF-1.7 x", "a PDF"), (bytes(range(256)) * 20, "not a text file"),
        (b"PK\x03\x04 broken", "no spreadsheet"), (b"\x1f\x8b\x08 zipped", "unpack it"),
        (b"<html><body>", "a web page"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        read(tmp_path / "a.csv", content)


def test_doubled_and_nameless_columns_have_names_of_their_own(tmp_path: Path) -> None:
    source = read(tmp_path / "a.csv", "Email,,Email\na,b,c\n")
    assert source.header == ["Email", "column 2", "Email#2"]
    assert source.doubled == {"Email"}


def test_sheets_keep_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["name", "when", "n"])
    book.active.append(["a", dt.date(2024, 2, 29), 13938.0])
    book.save(tmp_path / "a.xlsx")
    source = open_source(tmp_path / "a.xlsx")
    assert rows(source) == [(2, ["a", dt.date(2024, 2, 29), 13938.0], None)]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_the_guard_is_taken_off_again(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "+x"])
def test_the_guard_stops_formulas(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["-5", "+4937235188", "-1,234.50", "+49 (372) 035-188", "+4930123;ext=12", "a=b", "", "'quoted'"]
)
def test_the_guard_leaves_numbers_and_phones(text: str) -> None:
    assert guard(text) == text


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=60, deadline=None)
@example([("", "", '\\"')], ",")
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: list, delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("one", "two", "three"), *table])
    source = open_source(path)
    assert [tuple(line.cells) for line in source.lines() if not line.problem] == table


def test_the_dialect_of_one_column_is_the_comma() -> None:
    assert judge("name\na\nb\n", whole=True).delimiter == ","
