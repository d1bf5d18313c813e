"""A record as a row of cells: relations by their title, money as decimal text, lists with commas."""

from collections.abc import Generator, Iterator, Sequence
from operator import itemgetter
from typing import Any

import orjson

from rapport.records import kinds, read
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.listing import GROUPS
from rapport.records.read import Query
from rapport.records.related import Related, field_of
from rapport.records.transfer.export import trace
from rapport.records.transfer.export.trace import Taking
from rapport.records.transfer.guard import guard
from rapport.records.transfer.problems import Unusable

Cells = list[Any]


def chosen(entity: Entity, names: Sequence[str]) -> list[Field]:
    """The fields to write, ``id`` first; all of them when none is named."""
    wanted: list[str] = []
    for name in names:
        if name in GROUPS:
            wanted += [each for each in entity.fields if each.startswith(f"{name}.")]
        else:
            wanted.append(name)
    return [_known(entity, name) for name in dict.fromkeys(["id", *(wanted or entity.fields)])]


def _known(entity: Entity, name: str) -> Field:
    try:
        return field_of(entity, name)
    except BadQuery as problem:
        known = sorted(problem.more.get("fields", entity.fields))
        raise Unusable(f"{problem.detail} Fields: {', '.join(known)}.") from problem


def heads(fields: Sequence[Field]) -> list[str]:
    """What stands above the columns: names that an import knows; above fields of related records what people say."""
    found: list[str] = []
    for field in fields:
        told = guard(field.heading) if isinstance(field, Related) else field.name
        found.append(told if told not in found else f"{told} ({field.name})")
    return found


def records(
    entity: Entity, fields: Sequence[Field], taking: Taking, *, filter: Any = None, titles: bool,
    query: Query | None = None,
) -> Generator[bytes, None, None]:  # fmt: skip
    """Every record in the actor's scope as JSON; ``titles``: relations as ``{"id", "title"}``; ``query`` narrows.

    That they are taken out is noted before the first is read.
    """
    asked = query or Query(entity, filter=filter)
    asked.fields, asked.expand, asked.verb = [field.name for field in fields], titles, "export"
    run = trace.begin(entity.key, asked.fields, asked.filter, taking)
    return trace.followed(run, read.everything(asked))


def cells(fields: Sequence[Field], found: Iterator[bytes]) -> Iterator[Cells]:
    """Rows of values: text, whole numbers, truth; None when empty."""
    places = [_place(field) for field in fields]
    parts = [(group, name, part) for name, (group, dot, part) in zip(_names(fields), places, strict=True) if dot]
    values = itemgetter(*_names(fields), "")  # of one name alone it would give no tuple
    makers = [(at, make) for at, field in enumerate(fields) if (make := _maker(field))]
    for row in found:
        record = orjson.loads(row)
        record[""] = None
        for group, name, part in parts:
            held = record[group]
            record[name] = None if held is None else held[part]
        made = list(values(record))
        made.pop()
        for at, make in makers:
            if made[at] is not None:
                made[at] = make(made[at])
        yield made


def _names(fields: Sequence[Field]) -> list[str]:
    return [field.name for field in fields]


def _place(field: Field) -> tuple[str, str, str]:
    """Where a field stands in a row: (name, "", ""), or within a group."""
    return (field.name, "", "") if isinstance(field, Related) else field.name.partition(".")


def _maker(field: Field) -> Any:
    if field.relation and field.name != "id":
        return _title
    if isinstance(field.kind, kinds.AboutKind):
        return _about
    if isinstance(field.kind, kinds.FilterKind):
        return _tree
    return ", ".join if isinstance(field.kind, kinds.MultiChoiceKind | kinds.TagsKind) else None


def _title(value: Any) -> str:
    return (value["title"] or value["id"]) if isinstance(value, dict) else value


def _tree(value: Any) -> str:
    return orjson.dumps(value).decode()


def _about(value: Any) -> str:
    return f"{value['entity']}:{value['id']}"
