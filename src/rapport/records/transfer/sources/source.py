"""What every kind of file gives: a header, and rows with the line they began on."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol


class Line(NamedTuple):
    """A row: the line of the file it began on, its cells, and why it cannot be taken (None when it can)."""

    number: int
    cells: list[Any]
    problem: str | None = None


class Source(Protocol):
    """An open file. ``header`` names every column once: a second "Email" is "Email#2", an empty one "column 3".
    ``sheets`` are those of a workbook that may be chosen; the one that is read stands first. ``makes`` are
    columns that name related records which the file brings along (the company on a card)."""

    header: list[str]
    doubled: set[str]
    delimiter: str
    about: str
    notes: list[str]
    sheets: tuple[str, ...]
    makes: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """The rows below the header, in order."""
        ...

    def progress(self) -> float:
        """How much of the file has been read, 0 to 1."""
        ...


def name_columns(cells: list[Any]) -> tuple[list[str], set[str]]:
    """(Unique names of the columns, the names that stood there more than once)."""
    found: list[str] = []
    seen: dict[str, int] = {}
    for at, cell in enumerate(cells, 1):
        name = cell_text(cell).strip() or f"column {at}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found, {name for name, times in seen.items() if times > 1}


def cell_text(value: Any) -> str:
    """A cell of any file as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)
