"""Files as other programs, old systems and accidents leave them: in rightly, or told which row is wrong and why.

No row vanishes: what a file holds is what was made, passed over and told to have failed.
"""

from pathlib import Path

import pytest

from rapport.platform import db
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import open_source
from rapport.records.transfer.sources.dialects import judge
from rapport.records.transfer.tests.importing import bring

RUSSIAN = "name,city\nИван Петров,Москва\nАнна Сидорова,Санкт-Петербург\n"
JAPANESE = "name,市\n山田太郎,東京都\n鈴木花子,大阪市\nサトウさん,ソウル表\n"
CHINESE = "姓名,城市\n王小明,北京\n李丽,上海市\n张伟,广州\n"
TAIWANESE = "姓名,城市\n王小明,臺北\n李麗,高雄市\n張偉,臺中\n"
KOREAN = "이름,도시\n김철수,서울\n박영희,부산\n최민준,대구\n"
WESTERN = "name,city\nMüller,Köln\nGroß,Nürnberg\nJosé,Málaga\nRenée,Besançon\n"


def cells(folder: Path, content: bytes) -> list[list[str]]:
    """The header and every row of a file; none may have a problem."""
    (folder / "a.csv").write_bytes(content)
    source = open_source(folder / "a.csv")
    found = [source.header]
    for line in source.lines():
        assert line.problem is None, line
        found.append(line.cells)
    return found


def plain(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE, CHINESE, KOREAN, WESTERN])
def test_unicode_is_told_with_and_without_its_mark(tmp_path: Path, encoding: str, text: str) -> None:
    assert cells(tmp_path, text.encode(encoding)) == plain(text)
    windows = text.replace("\n", "\r\n")
    assert cells(tmp_path, windows.encode(encoding)) == plain(text)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", JAPANESE), ("euc_jp", JAPANESE), ("gb18030", CHINESE), ("big5", TAIWANESE), ("cp949", KOREAN),
        ("cp932", "name,市\nﾔﾏﾀﾞ ﾀﾛｳ,東京\n鈴木,横浜\n"), ("cp1251", RUSSIAN), ("koi8_r", RUSSIAN), ("cp866", RUSSIAN),
        ("cp1252", WESTERN), ("mac_roman", WESTERN), ("cp850", WESTERN),
        ("cp1251", "город\nМосква\nОмск\n"), ("koi8_r", "город\nМосква\nТомск\n"),
        ("cp1252", "name\nBjörn Åkesson\nJürgen Groß\n"), ("cp1252", "a,b\nMüller,1\n"),
    ],
)  # fmt: skip
def test_older_encodings_are_told_by_their_letters(tmp_path: Path, encoding: str, text: str) -> None:
    assert cells(tmp_path, text.encode(encoding)) == plain(text)


def test_an_east_asian_file_is_judged_by_more_than_its_head(tmp_path: Path) -> None:
    text = "name,city\n" + "Smith,London\n" * 100_000 + "山田太郎,東京都\n鈴木花子,大阪市\n"
    assert cells(tmp_path, text.encode("cp932"))[-1] == ["鈴木花子", "大阪市"]
    long = "name,note\n" + "".join(f"張偉{n},{'臺北市大安區' * 900}\n" for n in range(20))
    assert cells(tmp_path, long.encode("big5")) == plain(long)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"sep=;\r\na;b\r\n1;2\r\n", [["a", "b"], ["1", "2"]]),
        (b"sep=;\ra;b\r1;2\r", [["a", "b"], ["1", "2"]]),
        (b'"sep=;"\r\na;b\r\n1;2\r\n', [["a", "b"], ["1", "2"]]),
        (b"sep=\t\na\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        (b"\xef\xbb\xbfsep=|\na|b\n1|2\n", [["a", "b"], ["1", "2"]]),
        ("sep=;\r\nимя;b\r\n1;2\r\n".encode("utf-16"), [["имя", "b"], ["1", "2"]]),
        (b"a,b\r1,2\r3,4", [["a", "b"], ["1", "2"], ["3", "4"]]),
        (b"a,b\r\r\n1,2\r\r\n3,4\r\r\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
        (b"a,b\r\n1,2\n3,4\r5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]),
        (b"a,b\r\n1,2\r\n\x1a", [["a", "b"], ["1", "2"]]),
        (b'a,b\n"say \\"hi, you\\"",1\n"C:\\\\new\\\\",2\n', [["a", "b"], ['say "hi, you"', "1"], ["C:\\new\\", "2"]]),
        (b'a,b\n"say ""hi, you""",1\n"","2"\n', [["a", "b"], ['say "hi, you"', "1"], ["", "2"]]),
        (b'a,b\n"C:\\dir\\new",""\n', [["a", "b"], ["C:\\dir\\new", ""]]),
        (b'a, b\n"x, y", "z, w"\n"v", "u"\n', [["a", "b"], ["x, y", "z, w"], ["v", "u"]]),
        (b'\xef\xbb\xbf"a","b"\n"x","y"\n', [["a", "b"], ["x", "y"]]),
        (b'"a\nb",c\n"1\r\n2",3\n', [["a\nb", "c"], ["1\r\n2", "3"]]),
        (b"a|b|c\n1|2;2|3,3\n", [["a", "b", "c"], ["1", "2;2", "3,3"]]),
        (b'"a"\t"b"\n"x\ty"\t"1"\n', [["a", "b"], ["x\ty", "1"]]),
        (b"name;amount\nA;1,5\nB;2,5\n", [["name", "amount"], ["A", "1,5"], ["B", "2,5"]]),
        ("a,b\nx\u2028y,1\n\x85z,2\n".encode(), [["a", "b"], ["x\u2028y", "1"], ["\x85z", "2"]]),
        (b"a,b,\n1,2\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
        (b"\n\n  \na,b\n\n1,2\n\n\n", [["a", "b"], ["1", "2"]]),
        (b"Email,,Email,email\n1,2,3,4\n", [["Email", "column 2", "Email#2", "email"], ["1", "2", "3", "4"]]),
    ],
)  # fmt: skip
def test_dialects(tmp_path: Path, content: bytes, rows: list[list[str]]) -> None:
    assert cells(tmp_path, content) == rows


def test_quotes_that_are_doubled_are_not_taken_for_escapes() -> None:
    assert judge('a,b\n"say ""hi"" \\"x",1\n', whole=True).escape is None
    assert judge('a,b\n"say \\"hi\\"",""\n', whole=True).escape == "\\"
    assert judge('"a","b"\n"","\\"""\n', whole=True).escape is None, "a backslash, then a quote, doubled"
    assert judge('a,b\n"x","y"\n', whole=True).spaced is False


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,email\r\n", "a header and no rows"), (b"name,email\n\n\n\n", "a header and no rows"),
        (b"\n\r\n \n\t\n", "is empty"), (b";;;\n;;\n", "is empty"), (b"\xff\xfe", "is empty|no rows"),
        ("name\n".encode("utf-16-le"), "no rows"),
    ],
)  # fmt: skip
def test_what_holds_no_rows_says_so(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(Unusable, match=says):
        open_source(tmp_path / "a.csv")


def brought(folder: Path, content: bytes) -> tuple[tuple[int, ...], list[tuple[int, str]]]:
    (folder / "a.csv").write_bytes(content)
    found = bring("party", folder / "a.csv")
    return found.counts, found.failed


def test_of_a_thousand_columns_each_goes_in(organisation: None, tmp_path: Path) -> None:
    names = ["Name", *(f"Column {n}" for n in range(998)), "Industry"]
    row = ["Firm", *("x" for _n in range(998)), "Retail"]
    assert brought(tmp_path, f"{','.join(names)}\n{','.join(row)}\n".encode()) == ((1, 0, 0, 0), [])
    assert db.rows("SELECT name, industry FROM party WHERE name = 'Firm'") == [("Firm", "Retail")]


def test_a_cell_of_ten_megabytes_costs_its_row_at_most(organisation: None, tmp_path: Path) -> None:
    large = b"Name,Description\nFirm A,short\nFirm B," + b"x" * 10_000_000 + b"\nFirm C,short\n"
    (created, updated, skipped, failed), told = brought(tmp_path, large)
    assert (created + failed, updated, skipped) == (3, 0, 0)
    assert all(line == 3 and "description" in words for line, words in told)
    torn = b"Name,Description\nFirm D," + b"x" * 17_000_000 + b"\nFirm E,short\n"
    counts, told = brought(tmp_path, torn)
    assert (counts, [line for line, _words in told]) == ((1, 0, 0, 1), [2])
    assert "longer than 16,000,000 characters" in told[0][1]


def test_ragged_and_torn_rows_are_counted_and_named(organisation: None, tmp_path: Path) -> None:
    rows = [
        "Name,Industry", "Firm A,Retail", "Firm B", "Firm C,Retail,more", "Firm D,Retail,", ",", "Firm\0 E,Retail",
        '"Firm F,Retail', "Firm G,Retail", '"Firm ""H""",Retail', '"Firm I" Ltd,Retail', ",Retail",
    ]  # fmt: skip
    content = "\r\n".join(rows).encode() + b"\r\nFirm \xff J,Retail\r\nM\xc3\xbcller,Retail\r\nJos\xc3\xa9,Retail"
    counts, told = brought(tmp_path, content)
    assert (sum(counts), counts[2]) == (len(rows) - 1 + 3, 1), "each is counted; the empty one is skipped"
    assert [line for line, _words in told] == [3, 4, 8, 12, 13]
    words = [words for _line, words in told]
    assert "1 cells where the header has 2" in words[0]
    assert "beyond the header: ['more']" in words[1]
    assert "quote" in words[2]
    assert "name" in words[3]
    assert "not utf-8" in words[4]
    names = {name for (name,) in db.rows("SELECT name FROM party WHERE industry = 'Retail'")}
    assert names == {"Firm A", "Firm D", "Firm E", "Firm G", 'Firm "H"', "Firm I Ltd", "Müller", "José"}
