"""A row on its way to a record."""

from dataclasses import dataclass, field
from typing import Any

from rapport.records.errors import Bad, Problem
from rapport.records.transfer.mapping.binding import Binding
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.mapping.parts import Part, gather
from rapport.records.transfer.sources import Line, cell_text


@dataclass(slots=True)
class Wanted:
    """A related record named by a row; ``spare``: by a default."""

    bound: Bound
    text: Any
    spare: bool = False


@dataclass(slots=True)
class Draft:
    """``values`` and ``amounts`` come from the row; ``spare_*`` from defaults, which only new records get.

    ``parts``: what belongs to the record. ``match`` is the id of the record it
    changes; ``needs`` what must be made before it; ``queue`` where it waits instead of having an owner.
    """

    line: Line
    values: dict[str, Any] = field(default_factory=dict)
    amounts: dict[str, Any] = field(default_factory=dict)
    spare_values: dict[str, Any] = field(default_factory=dict)
    spare_amounts: dict[str, Any] = field(default_factory=dict)
    wanted: list[Wanted] = field(default_factory=list)
    open: list[Wanted] = field(default_factory=list)
    key: str = ""
    signs: list[Any] | None = None
    match: str | None = None
    record: Any = None
    needs: list[Any] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    error: str | None = None
    own_tags: list[str] | None = None
    queue: str | None = None
    spare_queue: str | None = None
    faults: dict[str, str] = field(default_factory=dict)

    def fail(self, message: str, at: str = "") -> None:
        """Note why the row cannot be taken; ``at``: the field that is wrong."""
        self.faults[at] = f"{self.faults[at]}; {message}" if at in self.faults else message
        said = f"{at}: {message}" if at else message
        self.error = f"{self.error}; {said}" if self.error else said

    def refuse(self, problem: Problem) -> None:
        """Note what the record's own rules say."""
        for each in problem.errors:
            self.fail(each["message"], each["field"])
        if not problem.errors:
            self.fail(problem.detail)


def read(binding: Binding, line: Line) -> Draft | None:
    """The draft of a line; None for a line whose cells are all empty."""
    draft = Draft(line)
    if line.problem:
        draft.fail(line.problem)
        return draft
    cells = line.cells
    values, amounts = draft.values, draft.amounts
    for bound in binding.bounds:
        cell = cells[bound.at]
        value = None if cell == "" else bound.read(cell)
        if value is None:
            if bound.clear:
                _clear(draft, bound)
        elif value.__class__ is Bad:
            draft.fail(str(value), bound.field.name)
        elif bound.related or bound.is_about:
            draft.wanted += _wanted(bound, value)
        elif bound.is_amount:
            amounts[bound.field.attname] = value
        else:
            values[bound.field.attname] = value
    if binding.key_at is not None:
        draft.key = cell_text(cells[binding.key_at]).strip()
    if binding.parts:
        draft.parts, wrong = gather(binding.parts, cells)
        for message in wrong:
            draft.fail(message)
    if (
        not values
        and not amounts
        and not draft.wanted
        and not draft.parts
        and not draft.error
        and not any(map(_holds, cells))
    ):
        return None
    for bound in binding.defaults:
        _default(draft, bound)
    return draft


def _wanted(bound: Bound, value: Any, spare: bool = False) -> list[Wanted]:
    """What a cell names: one record, or several tags."""
    return [Wanted(bound, each, spare) for each in (value if isinstance(value, list) else [value])]


def _holds(cell: Any) -> bool:
    return bool(cell_text(cell).strip())


def _clear(draft: Draft, bound: Bound) -> None:
    known = bound.field
    if bound.is_amount:
        draft.amounts[known.attname] = None
    elif bound.is_about:
        draft.values.update(about_entity=None, about_id=None)
    else:
        draft.values[known.attname] = None if known.nullable else known.default or ""


def _default(draft: Draft, bound: Bound) -> None:
    attname = bound.field.attname
    if draft.values.get(attname) is not None or draft.amounts.get(attname) is not None:
        return
    if bound.related and any(wanted.bound.field is bound.field for wanted in draft.wanted):
        return
    value = bound.fill(draft.line.cells)
    if value is None:
        return
    if value.__class__ is Bad:
        draft.fail(str(value), bound.field.name)
    elif bound.related or bound.is_about:
        draft.wanted += _wanted(bound, value, spare=True)
    elif bound.is_amount:
        draft.spare_amounts[attname] = value
    else:
        draft.spare_values[attname] = value
