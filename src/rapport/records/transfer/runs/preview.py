"""The first rows of a file as they would be stored, with what is wrong beside the cell."""

from dataclasses import dataclass, field
from typing import Any

from rapport.platform.identity import snapshot
from rapport.records import kinds
from rapport.records.entity import Field
from rapport.records.errors import Bad
from rapport.records.models import ImportRun
from rapport.records.transfer.mapping.binding import Binding
from rapport.records.transfer.mapping.bound import Bound
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.run import Import
from rapport.records.transfer.runs import new_fields, proposal
from rapport.records.transfer.runs.sample import Sample
from rapport.records.transfer.sources import cell_text


@dataclass(slots=True)
class Cell:
    """A value as people read it; ``made``: a related record that the import would make."""

    text: str = ""
    fault: str = ""
    made: bool = False


@dataclass(slots=True)
class Row:
    """``state``: new, update, same, error; ``fault``: what is wrong with the row as a whole; ``becoming``: the cells of
    columns whose fields are still to be made."""

    number: int
    state: str
    cells: list[Cell] = field(default_factory=list)
    fault: str = ""
    becoming: list[Cell] = field(default_factory=list)


def rows(run: ImportRun, binding: Binding, sample: Sample) -> tuple[list[Field], list[Row]]:
    """(Fields filled, in the order of the file, then those of defaults; one row per line of the sample)."""
    snapshot.current()
    work = Import(sample, binding, on_match=run.options.get("on_match", "update"), dry_run=True)
    lines = list(sample.lines())
    found = work.look(lines)
    states = {id(draft): ("new", draft) for draft in found.new}
    for state, drafts in (("update", found.updates), ("same", found.passed), ("error", found.failed)):
        states |= {id(draft): (state, draft) for draft in drafts}
    by_line = {draft.line.number: (state, draft) for state, draft in states.values()}
    columns = _columns(binding)
    made = [(at, kind) for at, name in enumerate(sample.header) if (kind := proposal.made_of(run, name))]
    shown = []
    for line in lines:
        state, draft = by_line.get(line.number, ("same", Draft(line)))
        cells = [_cell(bounds, draft, work, binding) for bounds in columns.values()]
        told = {bounds[0].field.name for bounds in columns.values()}
        rest = [f"{name}: {text}" if name else text for name, text in draft.faults.items() if name not in told]
        becoming = [] if line.problem else [_becoming(line.cells[at], kind, binding) for at, kind in made]
        shown.append(Row(line.number, state, cells, "; ".join(rest), becoming))
    return [bounds[0].field for bounds in columns.values()], shown


def _columns(binding: Binding) -> dict[str, list[Bound]]:
    """The ways into each field: its column, its default."""
    found: dict[str, list[Bound]] = {}
    for bound in (*sorted(binding.bounds, key=lambda bound: bound.at), *binding.defaults):
        found.setdefault(bound.field.name, []).append(bound)
    hidden = {"is_active"} if all(bound.field.name != "is_active" for bound in binding.bounds) else set()
    return {name: bounds for name, bounds in found.items() if name not in hidden}


def _becoming(given: Any, kind: str, binding: Binding) -> Cell:
    """A cell of a field that the check will make; ``kind`` is the field's."""
    text = cell_text(given)
    known = new_fields.KIND_OF.get(kind)
    if known is None:
        return Cell(text[:200])
    try:
        return Cell(known.text(known.parse(text, binding.place), binding.place)[:200])
    except Bad as bad:
        return Cell(text[:200], str(bad))


def _cell(bounds: list[Bound], draft: Draft, work: Import, binding: Binding) -> Cell:
    known = bounds[0].field
    cell = Cell(fault=draft.faults.get(known.name, ""))
    if cell.fault:
        at = bounds[0].at
        cell.text = cell_text(draft.line.cells[at]) if 0 <= at < len(draft.line.cells) else ""
    elif known.relation or isinstance(known.kind, kinds.AboutKind):
        wanted = next((each for each in draft.wanted if each.bound.field.name == known.name), None)
        key = draft.values.get(known.attname) or draft.spare_values.get(known.attname)
        cell.text = str(wanted.text) if wanted else ""
        cell.made = bool(key and key in work.finder.made)
    else:
        cell.text = _text(known, draft, binding)
    cell.text = cell.text[:200]
    return cell


def _text(known: Field, draft: Draft, binding: Binding) -> str:
    name = known.attname
    if isinstance(known.kind, kinds.MoneyKind):
        value = draft.amounts.get(name) or draft.spare_amounts.get(name)
        return "" if value is None else str(value)
    held: Any = draft.values.get(name)
    held = draft.spare_values.get(name) if held is None else held
    if isinstance(known.kind, kinds.MultiChoiceKind):
        return ", ".join(known.kind.label(word) for word in (held or "").split())
    if held is None:
        return ""
    # An own value stands as the wire has it.
    return known.kind.text(held, binding.place) if known.mark is None else str(held)
