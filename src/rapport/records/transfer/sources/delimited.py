"""CSV as a stream in constant memory. No row is dropped without saying so: what cannot be read comes as a problem."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources.dialects import judge
from rapport.records.transfer.sources.encodings import encoding_of
from rapport.records.transfer.sources.source import Line, name_columns

SAMPLE = 100_000
LONGEST_LINE = 16_000_000
LONGEST_RECORD = 32_000_000
ENDED = "\x1a"  # how files of old systems end
_TORN = re.compile("[\ud800-\udfff]")
csv.field_size_limit(2**31 - 1)  # the feed below has its own limit


class _TooLong(Exception):
    """A record that never seems to end."""


class _Feed:
    """Physical lines for the csv reader; remembers those of the record at work, and takes lines back."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream
        self.held: list[str] = []
        self.back: deque[str] = deque()
        self.line = 0
        self.size = 0
        self.zeros = 0
        self.cut = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else self.stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if "\0" in line:
            self.zeros += line.count("\0")
            line = line.replace("\0", "")
        if line == ENDED:
            line = "\n"
        self.line += 1
        self.held.append(line)
        self.size += len(line)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self.cut = True
            while (more := self.stream.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
        if self.size > LONGEST_RECORD:
            raise _TooLong
        return line

    def fresh(self) -> int:
        """A new record begins; gives its line."""
        self.held.clear()
        self.size = 0
        self.cut = False
        return self.line + 1

    def give_back(self) -> str:
        """Return all lines of the record but its first; gives that one."""
        first, *rest = self.held
        self.back.extendleft(reversed(rest))
        self.line -= len(rest)
        return first.rstrip("\r\n")


class Delimited:
    """A CSV file of any dialect and encoding."""

    sheets: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding_of(path, encoding)
        self._size = path.stat().st_size
        self._raw = path.open("rb")
        self.notes: list[str] = []
        stream = io.TextIOWrapper(self._raw, self.encoding, errors="surrogateescape", newline="")
        sample = stream.read(SAMPLE)
        self.dialect = judge(sample.replace("\0", ""), whole=len(sample) < SAMPLE)
        stream.seek(0)
        self._feed = _Feed(stream)
        self.delimiter = self.dialect.delimiter
        for _skipped in range(self.dialect.skip):
            next(self._feed)
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
        self.about = f"{self.encoding}, {names.get(self.delimiter, self.delimiter)}"
        self.header, self.doubled = self._header()
        self._waiting = self._first()

    def _header(self) -> tuple[list[str], set[str]]:
        found = next((line for line in self._records(0) if line.problem or any(c.strip() for c in line.cells)), None)
        if found is None:
            raise Unusable(f"{self.path} is empty. Give a CSV file whose first line names the columns.")
        if found.problem:
            raise Unusable(f"{self.path}: the header cannot be read: {found.problem}.")
        while len(found.cells) > 1 and not found.cells[-1].strip():
            found.cells.pop()
        return name_columns(found.cells)

    def _first(self) -> Line:
        first = next(self._records(len(self.header)), None)
        if first is None:
            raise Unusable(f"{self.path} holds a header and no rows.")
        return first

    def lines(self) -> Iterator[Line]:
        """The rows below the header."""
        yield self._waiting
        yield from self._records(len(self.header))
        if self._feed.zeros:
            self.notes.append(f"{self._feed.zeros} zero bytes were taken out")

    def progress(self) -> float:
        """How much has been read."""
        return min(1.0, self._raw.tell() / max(1, self._size))

    def _records(self, width: int) -> Iterator[Line]:
        feed = self._feed
        reader = self.dialect.reader(feed, strict=True)
        while True:
            start = feed.fresh()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_TooLong, csv.Error) as error:
                reader = self.dialect.reader(feed, strict=True)
                yield self._odd(start, error, width)
                continue
            if cells:
                yield self._checked(start, cells, width)

    def _odd(self, start: int, error: Exception, width: int) -> Line:
        """A record whose quotes do not fit. One line: read as spreadsheets do. Several: the quote that swallowed
        the others is the fault of the first; it fails, the others are read anew."""
        feed = self._feed
        if len(feed.held) == 1 and "expected after" in str(error):
            cells = next(self.dialect.reader(list(feed.held)))
            if cells and not cells[-1].endswith(("\n", "\r")):
                return self._checked(start, cells, width)
        return Line(start, [feed.give_back()], "a quote is opened and not closed where it should be")

    def _checked(self, start: int, cells: list[str], width: int) -> Line:
        feed = self._feed
        if feed.cut:
            return Line(start, cells, f"the line is longer than {LONGEST_LINE:,} characters; its end is left out")
        if width and len(cells) != width:
            spare = cells[width:]
            if spare and not any(cell.strip() for cell in spare):
                del cells[width:]
            elif len(feed.held) > 1 and self._stray_quote(width):
                return Line(start, [feed.give_back()], "a quote is opened and not closed where it should be")
            else:
                cut = f"; beyond the header: {spare}" if spare else ""
                return Line(start, cells, f"{len(cells)} cells where the header has {width}{cut}")
        for line in feed.held:
            if not line.isascii() and _TORN.search(line):
                return Line(start, cells, f"holds bytes that are not {self.encoding}; save the file as UTF-8")
        return Line(start, cells)

    def _stray_quote(self, width: int) -> bool:
        """True when every further line of a ragged record is a good row by itself."""
        return all(len(next(self.dialect.reader([line]), ())) == width for line in self._feed.held[1:])
