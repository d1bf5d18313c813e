"""The audit as a CSV file: a line for every field of every change, for every export and sign-in."""

import csv
import io
from collections.abc import Generator, Iterator
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.platform.clock import wire
from rapport.platform.web.middleware import on_behalf_of
from rapport.records.audit import deeds, stream
from rapport.records.audit.deeds import Deed, Step
from rapport.records.audit.stream import Line
from rapport.records.audit.wanted import Wanted
from rapport.records.transfer.guard import guard
from rapport.shell.audit import names

COLUMNS = (
    "at", "who", "door", "deed", "kind", "record", "title", "field", "before", "after", "operation", "from", "rows",
)  # fmt: skip
PAGE, STEPS = 200, 500
Row = dict[str, Any]


def lines(wanted: Wanted, actor: Actor) -> Generator[bytes, None, None]:
    """The rows of the file, the newest first; a page at a time, each on behalf of who asked."""
    after: str | None = None
    while True:
        with on_behalf_of(actor):
            page = stream.page(wanted, after, PAGE)
            people = names.of(page.lines)
            made = [_line(row) for line in page.lines for row in _rows(line, people)]
        yield from made
        if page.next is None:
            return
        after = page.next


def head() -> bytes:
    """The first line, with the mark by which spreadsheets know the writing."""
    return "\ufeff".encode() + _cells(COLUMNS)


def _line(row: Row) -> bytes:
    return _cells([guard(str(row.get(name) if row.get(name) is not None else "")) for name in COLUMNS])


def _cells(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _rows(line: Line, people: dict[str, str]) -> Iterator[Row]:
    row: Row = {"at": wire(line.at)}
    if line.of == "deed":
        yield from _of_deed(line.told, people)
    elif line.of == "export":
        run = line.told
        yield row | {
            "who": people.get(run.actor or "", ""), "door": run.source, "deed": "exported", "kind": run.entity,
            "field": names.fields(run), "title": names.narrowed(run), "rows": run.rows, "from": run.visitor,
        }  # fmt: skip
    else:
        event = line.told
        who = event["user"] or event["actor"]
        yield row | {
            "who": who["title"] if who else event["account"], "deed": event["kind"], "title": event["about"],
            "from": event["address"],
        }  # fmt: skip


def _of_deed(deed: Deed, people: dict[str, str]) -> Iterator[Row]:
    who, after = people.get(deed.actor or "", "Rapport"), 0
    while True:
        steps, following = deeds.steps(deed.key, after, STEPS)
        for step in steps:
            row = {
                "at": step.change["at"] if step.change else wire(deed.at), "who": who, "door": deed.source,
                "deed": step.verb, "kind": step.entity, "record": step.record, "title": step.title or "",
                "operation": deed.key,
            }  # fmt: skip
            yield from (row | values for values in _values(step))
        if following is None:
            return
        after = following


def _values(step: Step) -> list[Row]:
    """What became of each field."""
    if step.change is None:
        return [{"before": "", "after": _("not there any more, or not yours to see")}]
    before, after = step.change["before"] or {}, step.change["after"] or {}
    return [
        {"field": name, "before": before.get(name), "after": after.get(name)}
        for name in dict.fromkeys((*before, *after))
    ] or [{}]
