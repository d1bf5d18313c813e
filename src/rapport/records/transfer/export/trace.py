"""The trace of an export: written before its first row is read, completed when the last one is handed out.

Every row of every export passes :func:`followed`, so none leaves the house without a line in the audit.
"""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform.actor import current
from rapport.platform.clock import now
from rapport.records.models import ExportRun


@dataclass(frozen=True, slots=True)
class Taking:
    """How an export was asked for: its format, from where (an address, a login), of which list, in which words.

    ``view``: the list it stands on; ``q``: words looked for; ``chosen``: how many rows were ticked; ``binned``: what
    lies in the bin; ``said``: what else narrowed it, in words.
    """

    format: str
    visitor: str = ""
    view: str = ""
    q: str = ""
    chosen: int = 0
    binned: bool = False
    said: tuple[str, ...] = ()

    @property
    def asked(self) -> dict[str, Any]:
        """What narrowed it beside the filter."""
        found = {"view": self.view, "q": self.q, "chosen": self.chosen, "binned": self.binned}
        found["said"] = self.said
        return {name: value for name, value in found.items() if value}


def begin(entity: str, fields: Sequence[str], tree: Any, taking: Taking) -> ExportRun:
    """Note that somebody begins to take records out; ``entity`` is the key of what is taken."""
    actor = current()
    return ExportRun.objects.create(
        actor=actor.id, source=actor.source, visitor=taking.visitor[:200], entity=entity, format=taking.format,
        tree=tree, asked=taking.asked, fields=list(fields),
    )  # fmt: skip


def followed(run: ExportRun, found: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """The rows, counted. Whoever breaks off, or whatever goes wrong, the trace tells how many were handed out."""
    status, count = "broken", 0
    try:
        with contextlib.closing(found):
            for row in found:
                count += 1
                yield row
        status = "done"
    finally:
        complete(run, count, status)


def complete(run: ExportRun, rows: int, status: str) -> None:
    """Note what came of it."""
    ExportRun.objects.filter(id=run.id).update(rows=rows, status=status, finished_at=now())
