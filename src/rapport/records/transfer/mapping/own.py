"""Fields of the organisation's own, made of the columns of a file."""

from collections.abc import Callable, Iterator
from typing import Any

from rapport.platform.identity import snapshot
from rapport.records import registry, write
from rapport.records.entity import Entity
from rapport.records.transfer.mapping.spec import Own, Spec
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import Source, cell_text

MOST_OPTIONS = 200
PLACES = 6  # a file may hold more digits than its first rows show
Opening = Callable[[], Source]


def make_fields(entity: Entity, spec: Spec, again: Opening, *, dry_run: bool = False) -> list[str]:
    """Make the custom fields that a map asks for and that are not there; returns their names.

    ``again`` opens the file once more, to see what a column holds that becomes a choice.
    With ``dry_run`` nothing is made and their columns are left out. Raises Forbidden, Unusable.
    """
    made = []
    for column, targets in list(spec.columns.items()):
        for target in targets:
            if target.own is None or target.field in entity.fields:
                continue
            if not entity.takes_fields:
                raise Unusable(f"Column “{column}”: {entity.plural} take no fields of your own.")
            made.append(target.own.name)
            if not dry_run:
                _make(entity, target.own, column, again)
        if dry_run:
            spec.columns[column] = [each for each in targets if each.own is None or each.field in entity.fields]
    return made


def _make(entity: Entity, own: Own, column: str, again: Opening) -> None:
    given: dict[str, Any] = {"entity": entity.key, "name": own.name, "kind": own.kind}
    if own.kind == "decimal":
        given["places"] = PLACES
    if own.kind in ("choice", "multi_choice"):
        given["options"] = "\n".join(own.options or _held(column, again(), several=own.kind == "multi_choice"))
    write.create(registry.get("custom_field"), given)
    snapshot.current()


def _held(column: str, source: Source, *, several: bool) -> list[str]:
    """What a column holds, each once, in the order of the file."""
    if column not in source.header:
        raise Unusable(f"The map names the column “{column}”, which the file does not have.")
    found: dict[str, None] = {}
    for text in _texts(source.header.index(column), source):
        for each in text.replace(";", ",").split(",") if several else [text]:
            if plain := " ".join(each.split()):
                found[plain] = None
        if len(found) > MOST_OPTIONS:
            raise Unusable(f"Column “{column}” holds more than {MOST_OPTIONS} values: make it a text, not a choice.")
    return list(found)


def _texts(at: int, source: Source) -> Iterator[str]:
    for line in source.lines():
        if not line.problem and at < len(line.cells):
            yield cell_text(line.cells[at])
