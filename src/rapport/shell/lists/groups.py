"""A list in groups: one head per value of a field, with how many there are and what they come to."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import trusted
from rapport.records import kinds, read, registry
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.related import Related, field_of
from rapport.shell.lists import figures
from rapport.shell.lists.sayings import titles
from rapport.shell.lists.state import HIDDEN, State

MOST_ROWS, MOST, OPEN = 100_000, 200, 3
UNFIT = ("email", "phone", "url", "long_text", "filter", "multi_choice", "tags")  # several, or nearly one per record


@dataclass(frozen=True, slots=True)
class Group:
    """One value: its rows are those of ``url``. ``open``: they are shown at once."""

    id: str
    label: str
    count: int
    sums: list[dict[str, Any]]
    url: str
    open: bool


def groupable(entity: Entity) -> dict[str, Field]:
    """The fields that a list can be grouped by."""
    return {name: known for name, known in entity.fields.items() if is_groupable(entity, known)}


def is_groupable(entity: Entity, known: Field) -> bool:
    """True for a field, the entity's own or of what it is related to, that parts records into groups."""
    holder, own = (known.entity, known.there) if isinstance(known, Related) else (entity, known)
    return (
        isinstance(own.kind, kinds.ChoiceKind | kinds.RelationKind | kinds.YesNoKind | kinds.TextKind)
        and own.kind.name not in UNFIT
        and own.name not in (*HIDDEN, "external_id", holder.title)
        and own.compare == own.column  # what is found by its folded form would be found in several groups
    )


def groups(state: State, names: list[str]) -> tuple[list[Group], int]:
    """(The groups, how many more there are); ``names``: the columns, of which some are summed."""
    entity, known = state.entity, field_of(state.entity, state.group)
    query = state.but(sorts=()).query(names)
    query.sort = ()
    if read.count(query, most=MOST_ROWS + 1) > MOST_ROWS:
        raise BadQuery(_("More than 100,000 rows cannot be grouped. Filter them first."))
    wanted = figures.summable(entity, names)
    found = read.aggregate(query, [known.name], [each.name for each in wanted])
    labels = _labels(known, [row["key"][known.name] for row in found[:MOST]])
    made = [_group(state, known, row, labels, wanted) for row in found[:MOST]]
    order = _order(entity, known)
    made.sort(key=lambda each: order.get(each[0], len(order)))
    return [Group(**values, open=at < OPEN) for at, (_value, values) in enumerate(made)], max(0, len(found) - MOST)


def _group(
    state: State, known: Field, row: dict[str, Any], labels: dict[Any, str], wanted: list[Field]
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    value = row["key"][known.name]
    op = {"op": "is_empty", "value": True} if value is None else {"op": "eq", "value": value}
    own = {"field": known.name, **op}
    tree = own if state.tree is None else {"and": [state.tree, own]}
    missing = _("Empty") if value is None else _("In the bin")
    return value, {
        "id": hashlib.sha256(repr(value).encode()).hexdigest()[:12],
        "label": labels.get(value) or missing,
        "count": row["count"],
        "sums": [figures.sum_of(each, row["sum"][each.name]) for each in wanted],
        "url": state.but(tree=tree, group="").url("", part="rows"),
    }


def _labels(known: Field, values: list[Any]) -> dict[Any, str]:
    """What the values are called; a reference is part of the record, so its title is shown as in the rows."""
    if known.relation:
        with trusted("titles of groups"):
            return dict(titles(registry.get(known.relation), [value for value in values if value]))
    if isinstance(known.kind, kinds.YesNoKind):
        return {True: _("yes").capitalize(), False: _("no").capitalize()}
    if isinstance(known.kind, kinds.ChoiceKind):
        return {value: known.kind.label(value) for value in values if value is not None}
    return {value: str(value) for value in values if value is not None}


def _order(entity: Entity, known: Field) -> dict[Any, int]:
    """Choices and steps in the order they are declared in; others come by size."""
    if entity.board and entity.board.by == known.name and entity.board.steps:
        in_order = sorted(entity.board.steps().values(), key=lambda step: (step.track or "", step.position))
        return {step.id: at for at, step in enumerate(in_order)}
    if isinstance(known.kind, kinds.ChoiceKind):
        return {value: at for at, (value, _label) in enumerate(known.kind.choices)}
    return {}
