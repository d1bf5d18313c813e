"""How a delimited file is written: its delimiter, its quotes, its escapes; judged on the first records."""

import csv
import io
import re
from dataclasses import dataclass, replace
from typing import Any

DELIMITERS = ",;\t|"
RECORDS = 200
_DECLARED = re.compile(r'"?sep=(.)"?(?:\r\n?|\n)', re.IGNORECASE)
_DOUBLED = re.compile(r"""(?<![\\,;\t|\r\n])""(?![,;\t|\r\n]|$)""")
_ESCAPED = re.compile(r"""\\"(?!\s*([,;\t|\r\n]|$))""")


@dataclass(frozen=True, slots=True)
class Dialect:
    """``skip``: lines before the header that only declare the delimiter (Excel's ``sep=;``). ``spaced``: a space stands
    behind each delimiter, also before a quote."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip: int = 0
    spaced: bool = False

    def reader(self, lines: Any, strict: bool = False) -> Any:
        """A csv reader over ``lines``; a strict one says when quotes do not fit."""
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, escapechar=self.escape, doublequote=True,
            strict=strict, skipinitialspace=self.spaced,
        )  # fmt: skip


def judge(sample: str, whole: bool) -> Dialect:
    """The dialect of a sample of a file's beginning; ``whole``: it is all of the file."""
    declared = _DECLARED.match(sample)
    if declared:
        return Dialect(declared[1], skip=1)
    quote = _quote(sample)
    best = _best(sample, quote, None, whole)
    if quote == '"' and not _DOUBLED.search(sample) and _ESCAPED.search(sample) and not _fits(sample, best, whole):
        best = _best(sample, quote, "\\", whole)
    spaced = replace(best, spaced=True)
    return spaced if _score(sample, spaced, whole)[0] > _score(sample, best, whole)[0] else best


def _quote(sample: str) -> str:
    """Apostrophes are quotes only where the whole header is written in them."""
    header = sample.lstrip().split("\n", 1)[0].strip()
    parts = re.split(r"[,;\t|]", header)
    if len(parts) > 1 and all(re.fullmatch(r"\s*'[^']*'\s*", part) for part in parts):
        return "'"
    return '"'


def _best(sample: str, quote: str, escape: str | None, whole: bool) -> Dialect:
    ways = [Dialect(each, quote, escape) for each in DELIMITERS]
    return max(ways, key=lambda way: (_score(sample, way, whole), -DELIMITERS.index(way.delimiter)))


def _fits(sample: str, dialect: Dialect, whole: bool) -> bool:
    """Whether every quote stands where this dialect has one."""
    try:
        for _record in dialect.reader(io.StringIO(sample, newline=""), strict=True):
            pass
    except csv.Error as error:
        return not whole and "end of data" in str(error)
    return True


def _score(sample: str, dialect: Dialect, whole: bool) -> tuple[float, int]:
    records = []
    try:
        for record in dialect.reader(io.StringIO(sample, newline="")):
            if record:
                records.append(len(record))
            if len(records) > RECORDS:
                break
        else:
            if not whole and len(records) > 1:
                records.pop()
    except csv.Error:
        return 0.0, 0
    if not records or records[0] < 2:
        return 0.0, 0
    same = sum(count == records[0] for count in records)
    return round(same / len(records), 1), records[0]
