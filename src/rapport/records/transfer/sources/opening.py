"""Which reader a file needs, told by its first bytes rather than its name."""

from collections.abc import Iterable
from pathlib import Path

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources.blanks import Emptied
from rapport.records.transfer.sources.delimited import Delimited
from rapport.records.transfer.sources.sheets import Sheet
from rapport.records.transfer.sources.source import Source
from rapport.records.transfer.vcards.table import Cards

_SHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHERS = {
    b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"\x1f\x8b": "packed with gzip; unpack it first", b"BZh": "packed with bzip2; unpack it first",
    b"7z\xbc\xaf": "packed with 7-Zip; unpack it first", b"SQLite format 3": "a database", b"\x7fELF": "a program",
    b"<?xml": "XML", b"<!DOCTYPE": "a web page", b"<html": "a web page",
}  # fmt: skip


def open_source(
    path: str | Path, encoding: str | None = None, sheet: str | None = None, blanks: Iterable[str] = ()
) -> Source:  # fmt: skip
    """The file at ``path`` as rows; ``sheet`` names the one of a workbook; ``blanks``: words for an empty cell.

    Raises Unusable saying what to do.
    """
    source = _opened(path, encoding, sheet)
    return Emptied(source, blanks) if blanks else source


def _opened(path: str | Path, encoding: str | None, sheet: str | None) -> Source:
    file = Path(path)
    try:
        with file.open("rb") as raw:
            head = raw.read(4096)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    if not head.strip():
        raise Unusable(f"{path} is empty. Give a CSV, XLSX or vCard file; the first line of a table names the columns.")
    if head.startswith(_SHEETS):
        return Sheet(file, sheet)
    start_of = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start_of[:11].upper() == b"BEGIN:VCARD":
        return Cards(file, encoding)
    for start, what in _OTHERS.items():
        if start_of.startswith(start):
            raise Unusable(f"{path} is {what}, not a table. Save it as CSV (UTF-8) or XLSX and import that.")
    return Delimited(file, encoding)
