"""The beginning of a file, kept with the run: the mapping screen works on it without reading the file again."""

import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from rapport.platform.text import fold
from rapport.records.transfer.error_file import COLUMN
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import Line, Source, cell_text
from rapport.records.transfer.sources.blanks import emptied, plain

ROWS, LOOKED_AT, VALUES = 20, 2000, 40
LONGEST_CELL, LONGEST_VALUE, MOST_COLUMNS = 2000, 80, 300


def take(source: Source) -> dict[str, Any]:
    """What of a file is shown: its columns, its first rows, what stands in each column. Raises Unusable."""
    if len(source.header) > MOST_COLUMNS:
        raise Unusable(f"The file has {len(source.header):,} columns; at most {MOST_COLUMNS} are taken.")
    if any(clean(name) != name for name in source.header):
        raise Unusable(
            "The names of the columns hold bytes that are not of the file's encoding. Save it as CSV (UTF-8)."
        )
    lines: list[Line] = []
    values: list[dict[str, None]] = [{} for _name in source.header]
    for line in islice(source.lines(), LOOKED_AT):
        if len(lines) < ROWS:
            lines.append(line)
        if line.problem is None:
            for found, cell in zip(values, line.cells, strict=False):
                _note(found, cell)
    return {
        "header": source.header, "doubled": sorted(source.doubled), "delimiter": source.delimiter,
        "about": source.about, "notes": source.notes, "sheets": list(source.sheets),
        "makes": list(source.makes),
        "lines": [[line.number, [_packed(cell) for cell in line.cells], line.problem] for line in lines],
        "values": [list(found) for found in values],
    }  # fmt: skip


def _note(found: dict[str, None], cell: Any) -> None:
    if len(found) <= VALUES and not isinstance(cell, dt.date | dt.time):
        text = clean(cell_text(cell)).strip()[:LONGEST_VALUE]
        if text:
            found[text] = None


def clean(text: str) -> str:
    """Text that every database takes: no torn bytes, no zeros."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def headings(header: list[str]) -> str:
    """A fingerprint of a file's columns; the column that an error file adds does not count."""
    names = [fold(name) for name in header if name != COLUMN]
    return hashlib.md5("\n".join(names).encode(), usedforsecurity=False).hexdigest()


def _packed(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, dt.date):
        return {"day": cell.isoformat()}
    if isinstance(cell, bool | int) or cell is None or isinstance(cell, float) and math.isfinite(cell):
        return cell
    return clean(cell_text(cell))[:LONGEST_CELL]


def _unpacked(cell: Any) -> Any:
    if isinstance(cell, dict):
        return dt.datetime.fromisoformat(cell["moment"]) if "moment" in cell else dt.date.fromisoformat(cell["day"])
    return cell


class Sample:
    """A kept sample as a source; ``blanks``: words for an empty cell."""

    def __init__(self, held: dict[str, Any], blanks: Iterable[str] = ()) -> None:
        words = plain(blanks)
        self.header: list[str] = held["header"]
        self.doubled = set(held["doubled"])
        self.delimiter, self.about, self.notes = held["delimiter"], held["about"], held["notes"]
        self.sheets, self.makes = tuple(held["sheets"]), tuple(held["makes"])
        self.values = [[text for text in found if text.casefold() not in words] for found in held["values"]]
        self._lines, self._blanks = held["lines"], words

    def lines(self) -> Iterator[Line]:
        """The rows that were kept."""
        for number, cells, problem in self._lines:
            yield Line(number, [emptied(_unpacked(cell), self._blanks) for cell in cells], problem)

    def progress(self) -> float:
        """A sample is read at once."""
        return 1.0

    def shown(self, at: int, most: int = 3) -> list[str]:
        """A few different values of a column."""
        found = dict.fromkeys(cell_text(line.cells[at]).strip() for line in self.lines() if at < len(line.cells))
        return [text for text in found if text][:most]


def sample_of(run: Any) -> Sample:
    """The sample of a run, read as its map says."""
    return Sample(run.sample, run.mapping.get("blanks") or ())
