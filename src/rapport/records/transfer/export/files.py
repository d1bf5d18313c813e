"""The files themselves. Each is written beside its place and put there when complete."""

import csv
import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rapport.platform import lazy
from rapport.platform.actor import current
from rapport.records import kinds, scope
from rapport.records.entity import Entity, Field
from rapport.records.read import Query
from rapport.records.transfer.export.rows import cells, chosen, heads, records
from rapport.records.transfer.export.trace import Taking
from rapport.records.transfer.guard import RISKY, guard
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.vcards.gathering import gathered
from rapport.records.transfer.vcards.spelling import VERSIONS
from rapport.records.transfer.vcards.writing import card_fields, written

openpyxl, sheet_cells = lazy("openpyxl"), lazy("openpyxl.cell.cell")
ENDINGS = (".csv", ".xlsx", ".ndjson", ".vcf")
SHEET_ROWS, SHEET_CHARACTERS = 1_048_576, 32_767


def export(
    entity: Entity, path: str | Path, names: Sequence[str] = (), *, filter: Any = None, query: Query | None = None,
    taking: Taking | None = None, version: str = VERSIONS[0],
) -> int:  # fmt: skip
    """Write every record the actor may export to ``path`` (.csv, .xlsx, .ndjson, .vcf); returns how many.

    ``taking``: how it was asked for, as the audit tells it. ``version``: of vCards, one of 4.0, 3.0 and 2.1.
    """
    file = Path(path)
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise Unusable(f"“{file.name}” says no format: let the name end in {', '.join(ENDINGS)}.")
    scope.level(entity, current(), "export")
    if ending == ".vcf" and names:
        raise Unusable("A card has its own fields; leave --fields out.")
    fields = card_fields(entity) if ending == ".vcf" else chosen(entity, names)
    taking = taking or Taking(ending[1:])
    found = records(entity, fields, taking, filter=filter, titles=ending != ".ndjson", query=query)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        if ending == ".ndjson":
            count = _lines(beside, (row + b"\n" for row in found))
        elif ending == ".vcf":
            count = _lines(beside, (card.encode() for card in written(gathered(entity, found), version)))
        elif ending == ".csv":
            count = _csv(beside, fields, found)
        else:
            count = _xlsx(beside, entity, fields, cells(fields, found))
        beside.replace(file)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        found.close()
        beside.unlink(missing_ok=True)
    return count


def _lines(path: Path, found: Iterator[bytes]) -> int:
    count = 0
    with path.open("wb") as file:
        for count, row in enumerate(found, 1):  # noqa: B007
            file.write(row)
    return count


def _csv(path: Path, fields: Sequence[Field], found: Iterator[bytes]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for count, line in enumerate(csv_lines(fields, found)):  # noqa: B007
            file.write(line)
    return count


def csv_lines(fields: Sequence[Field], found: Iterator[bytes]) -> Iterator[str]:
    """The lines of a CSV file, heads first: UTF-8 with a mark, so that spreadsheets read it rightly; cells they
    would run are guarded."""
    guarded = _guarded(fields)
    truths = [at for at, field in enumerate(fields) if isinstance(field.kind, kinds.YesNoKind)]
    line = csv.writer(_Echo()).writerow
    rows = cells(fields, found)
    first = next(rows, None)
    yield "\ufeff" + str(line(heads(fields)))
    for row in chain([first] if first is not None else [], rows):
        for at in guarded:
            if (text := row[at]) and text[0] in RISKY:
                row[at] = guard(text)
        for at in truths:
            if row[at] is not None:
                row[at] = "true" if row[at] else "false"
        yield str(line(row))


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _guarded(fields: Sequence[Field]) -> list[int]:
    """Where people's own words stand."""
    plain = (
        kinds.NumberKind, kinds.DecimalKind, kinds.MoneyKind, kinds.AmountKind, kinds.YesNoKind, kinds.DayKind,
        kinds.MomentKind,
    )  # fmt: skip
    return [at for at, field in enumerate(fields) if not isinstance(field.kind, plain) and field.name != "id"]


def _xlsx(path: Path, entity: Entity, fields: Sequence[Field], rows: Iterator[list[Any]]) -> int:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(entity.plural[:31])
    guarded = set(_guarded(fields))
    count = 0
    for count, row in enumerate(chain([list(heads(fields))], rows)):
        if count >= SHEET_ROWS:
            raise Unusable(f"A sheet holds {SHEET_ROWS:,} rows and there are more. Export to .csv.")
        sheet.append([_sheet_cell(cell, at in guarded, row) for at, cell in enumerate(row)])
    book.save(path)
    return count


def _sheet_cell(cell: Any, risky: bool, row: list[Any]) -> Any:
    if not isinstance(cell, str):
        return cell
    text = sheet_cells.ILLEGAL_CHARACTERS_RE.sub("", guard(cell) if risky else cell)
    if len(text) > SHEET_CHARACTERS:
        raise Unusable(f"Record {row[0]} holds a text longer than a sheet's cell takes. Export to .csv.")
    return text
