"""Words by which a file says that a cell is empty: NULL, N/A, “Select”."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from rapport.records.transfer.sources.source import Line, Source

# What says so in any file; "None" and "NA" may be a name and Namibia.
CERTAIN = frozenset({"null", "n/a", "#n/a", "nan", "(blank)", "(empty)", "<null>", "\\n"})


def plain(words: Iterable[str]) -> frozenset[str]:
    """Words as cells are compared with them."""
    return frozenset(text for word in words if (text := word.strip().casefold()))


def emptied(cell: Any, words: Collection[str]) -> Any:
    """The cell, or an empty one where it says that it is."""
    return "" if isinstance(cell, str) and cell.strip().casefold() in words else cell


class Emptied:
    """A source in which such cells are empty."""

    def __init__(self, source: Source, words: Iterable[str]) -> None:
        self._source, self._words = source, plain(words)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def lines(self) -> Iterator[Line]:
        """The rows below the header."""
        words = self._words
        for line in self._source.lines():
            yield line._replace(cells=[emptied(cell, words) for cell in line.cells])
