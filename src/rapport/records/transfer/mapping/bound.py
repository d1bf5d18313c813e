"""One field of the record and where its value comes from: a column or a default."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform.text import fold
from rapport.records import kinds
from rapport.records.entity import Field
from rapport.records.errors import Bad
from rapport.records.transfer.guard import unguard
from rapport.records.transfer.mapping.template import Template
from rapport.records.transfer.sources import cell_text

REMEMBERED = 20_000
_UNKNOWN = object()


@dataclass(slots=True)
class Bound:
    """How a cell becomes a value: ``at`` is the column, or ``template`` the default's text.

    ``create``: a relation that is not found may be made. ``narrow``: (attribute of this record, column of the related
    table) within which a relation is sought by title: a stage within the row's pipeline.
    """

    field: Field
    place: kinds.Place
    at: int = -1
    template: Template | None = None
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    create: bool = False
    clear: bool = False
    narrow: tuple[str, str] | None = None
    related: str | None = None
    longest: int = 1000
    is_amount: bool = False
    is_about: bool = False
    is_tags: bool = False
    _known: dict[str, Any] = dataclasses.field(default_factory=dict)
    _folded: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        kind = self.field.kind
        self.longest = max(1000, 2 * getattr(kind, "longest", 0))
        self.related = kind.to if isinstance(kind, kinds.RelationKind) else None
        self.is_tags = isinstance(kind, kinds.TagsKind)
        if self.is_tags:
            self.related = "tag"
        self.is_amount = isinstance(kind, kinds.MoneyKind)
        self.is_about = isinstance(kind, kinds.AboutKind)
        self._folded = {fold(str(key)): value for key, value in self.values.items()}

    def fill(self, cells: Sequence[Any]) -> Any:
        """The default's value for a row."""
        return self.read(self.template.fill(cells)) if self.template else None

    def read(self, cell: Any) -> Any:
        """The parsed value of a cell: None when empty, a Bad when it cannot be taken. Repeated values are kept."""
        if not isinstance(cell, str):
            return self._convert(cell)
        found = self._known.get(cell, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._convert(cell)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            if len(cell) < 500:
                self._known[cell] = found
        return found

    def _convert(self, cell: Any) -> Any:
        kind = self.field.kind
        value: Any = cell
        if not (isinstance(cell, dt.date) and isinstance(kind, kinds.DayKind | kinds.MomentKind)):
            value = unguard(cell_text(cell))
            if self.values:
                value = self._translated(value)
        if isinstance(value, str) and len(value) > self.longest:
            most = getattr(kind, "longest", self.longest)
            return Bad(f"At most {most:,} characters; this has {len(value):,}.", "too_long")
        try:
            parsed = kind.parse(value, self.place)
        except Bad as bad:
            return bad
        if self.related:
            return parsed.strip() if isinstance(parsed, str) else parsed
        return parsed if self.field.mark is None or parsed is None else kind.wire(parsed, self.place)

    def _translated(self, text: str) -> Any:
        if text in self.values:
            return self.values[text]
        return self._folded.get(fold(text), text)
