"""Spreadsheets (XLSX; XLS and ODS come along) through calamine; dates and numbers keep their type."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from rapport.records.transfer.problems import Unusable, nearest
from rapport.records.transfer.sources.source import Line, cell_text, name_columns

MOST_UNPACKED = 1_000_000_000
CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Sheet:
    """A sheet of a workbook: the one asked for, else the first that holds anything."""

    delimiter = ","
    makes: tuple[str, ...] = ()

    def __init__(self, path: Path, wanted: str | None = None) -> None:
        self.path = path
        self.notes: list[str] = []
        _refuse_protected(path)
        _refuse_bombs(path)
        try:
            book = CalamineWorkbook.from_path(str(path))
            names = book.sheet_names
            name, sheet = self._choose(book, names, wanted)
        except (CalamineError, OSError, ValueError) as error:
            if "password" in str(error).lower():
                raise _protected(path) from error
            raise Unusable(f"{path} is no spreadsheet that can be read ({error}). Save it as XLSX or CSV.") from error
        self.sheets = (name, *(each for each in names if each != name)) if len(names) > 1 else ()
        if self.sheets and not wanted:
            self.notes.append(f"of {len(names)} sheets, “{name}” is read")
        self.about = f"sheet “{name}”"
        self._sheet = sheet
        self._at, self._height = 0, sheet.total_height
        self._rows = sheet.iter_rows()
        self.header, self.doubled = self._header()

    def _choose(self, book: CalamineWorkbook, names: list[str], wanted: str | None) -> tuple[str, Any]:
        if wanted is not None:
            if wanted not in names:
                known = ", ".join(f"“{name}”" for name in names)
                raise Unusable(f"There is no sheet “{wanted}”.{nearest(wanted, names)} Sheets: {known}.")
            return wanted, book.get_sheet_by_name(wanted)
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height:
                return name, sheet
        raise Unusable(f"{self.path} holds no rows.")

    def _header(self) -> tuple[list[str], set[str]]:
        for cells in self._rows:
            self._at += 1
            if any(cell_text(cell).strip() for cell in cells):
                return name_columns(list(cells))
        raise Unusable(f"{self.path} holds no rows{' in this sheet' if self.sheets else ''}.")

    def lines(self) -> Iterator[Line]:
        """The rows below the header; cells are text, numbers, dates."""
        first = self._sheet.start[0] if self._sheet.start else 0
        for cells in self._rows:
            self._at += 1
            yield Line(first + self._at, list(cells))

    def progress(self) -> float:
        """How much has been read."""
        return self._at / max(1, self._height)


def _protected(path: Path) -> Unusable:
    return Unusable(f"{path} is protected with a password. Open it, save it without one and import that.")


def _refuse_protected(path: Path) -> None:
    """A protected workbook of today is an old-style container around an encrypted one."""
    with path.open("rb") as file:
        if file.read(4) != _OLE:
            return
        rest = b""
        while chunk := file.read(CHUNK):
            if _ENCRYPTED in rest + chunk:
                raise _protected(path)
            rest = chunk[-len(_ENCRYPTED) :]


def _refuse_bombs(path: Path) -> None:
    """Unpacked once in small pieces: what the file says of its sizes may be a lie."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(info.file_size for info in packed.infolist())
            if unpacked > MOST_UNPACKED:
                raise Unusable(
                    f"{path} unpacks to {unpacked:,} bytes, too much for a spreadsheet. Save it as CSV and import that."
                )
            for info in packed.infolist():
                with packed.open(info) as part:
                    while part.read(CHUNK):
                        pass
    except RuntimeError as error:  # zipfile's word for an entry that needs a password
        raise _protected(path) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Unusable(f"{path} is damaged ({error}). Save it anew as XLSX or CSV and import that.") from error
