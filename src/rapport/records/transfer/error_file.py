"""The rows that did not go in, in the input's columns and a last one with the reason: fix it and import it again."""

import csv
import re
from pathlib import Path

from rapport.records.transfer.guard import guard, unguard
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.sources import Source, cell_text

COLUMN = "error"
_NUMBERED = re.compile(r"(.*)#\d+")


class ErrorFile:
    """A CSV file in UTF-8 with the delimiter of the input; written row by row.

    ``size``: how much of an earlier attempt's file holds; what stands behind it is written anew.
    """

    def __init__(self, path: str | Path, source: Source, size: int = 0) -> None:
        mode = "r+" if size else "w"
        try:
            self._file = Path(path).open(  # noqa: SIM115  closed by close()
                mode, encoding="utf-8-sig", errors="surrogateescape", newline=""
            )
        except OSError as error:
            raise Unusable(f"The error file {path} cannot be written: {error.strerror}.") from error
        self._write = csv.writer(self._file, delimiter=source.delimiter).writerow
        self._header = [_plain(name, source) for name in source.header]
        self._at = self._header.index(COLUMN) if COLUMN in self._header else len(self._header)
        if self._at == len(self._header):
            self._header.append(COLUMN)
        self._width = len(self._header)
        if size:
            self.cut(size)
        else:
            self._write([guard(name) for name in self._header])

    def add(self, draft: Draft) -> None:
        """A row that failed."""
        cells = [guard(unguard(cell_text(cell))) for cell in draft.line.cells[: self._width]]
        cells += [""] * (self._width - len(cells))
        cells[self._at] = f"line {draft.line.number}: {draft.error}"
        self._write(cells)

    def size(self) -> int:
        """Bytes that are safely handed over."""
        self._file.flush()
        return self._file.tell()

    def cut(self, size: int) -> None:
        """Forget what was written after ``size``."""
        self._file.flush()
        self._file.seek(size)
        self._file.truncate()

    def close(self) -> None:
        """All is written."""
        self._file.close()


def _plain(name: str, source: Source) -> str:
    numbered = _NUMBERED.fullmatch(name)
    return numbered[1] if numbered and numbered[1] in source.doubled else name
