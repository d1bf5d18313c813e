"""Spreadsheets (XLSX; XLS and ODS come along) through calamine; dates and numbers keep their type."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources.source import Line, cell_text, name_columns

MOST_UNPACKED = 1_000_000_000


class Sheet:
    """The first sheet of a workbook that holds anything."""

    delimiter = ","

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        _refuse_bombs(path)
        try:
            book = CalamineWorkbook.from_path(str(path))
            names = book.sheet_names
            filled = ((name, book.get_sheet_by_name(name)) for name in names)
            name, sheet = next((name, sheet) for name, sheet in filled if sheet.total_height)
        except StopIteration:
            raise Unusable(f"{path} holds no rows.") from None
        except (CalamineError, OSError, ValueError) as error:
            raise Unusable(f"{path} is no spreadsheet that can be read ({error}). Save it as XLSX or CSV.") from error
        if len(names) > 1:
            self.notes.append(f"of {len(names)} sheets, “{name}” is read")
        self.about = f"sheet “{name}”"
        self._sheet = sheet
        self._at, self._height = 0, sheet.total_height
        self._rows = sheet.iter_rows()
        self.header, self.doubled = self._header()

    def _header(self) -> tuple[list[str], set[str]]:
        for cells in self._rows:
            self._at += 1
            if any(cell_text(cell).strip() for cell in cells):
                return name_columns(list(cells))
        raise Unusable(f"{self.path} holds no rows.")

    def lines(self) -> Iterator[Line]:
        """The rows below the header; cells are text, numbers, dates."""
        first = self._sheet.start[0] if self._sheet.start else 0
        for cells in self._rows:
            self._at += 1
            yield Line(first + self._at, list(cells))

    def progress(self) -> float:
        """How much has been read."""
        return self._at / max(1, self._height)


def _refuse_bombs(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        unpacked: Any = sum(info.file_size for info in packed.infolist())
    if unpacked > MOST_UNPACKED:
        raise Unusable(
            f"{path} unpacks to {unpacked:,} bytes, too much for a spreadsheet. Save it as CSV and import that."
        )
