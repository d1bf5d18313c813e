"""What a read gives: the columns of an entity as one JSON object that the database writes itself."""

import functools
from typing import Any

from rapport.platform import money
from rapport.records import kinds, tagging
from rapport.records.entity import Entity, Field, Fields, registry
from rapport.records.filters import Joins
from rapport.records.kinds import Place

# Of at most 127 arguments in SQLite, 100 in PostgreSQL; json_set takes one more.
SQLITE_PAIRS, POSTGRESQL_PAIRS = 62, 50


def value_sql(known: Field, alias: str, place: Place, reads: str | None = None) -> str:
    """SQL for one field as JSON takes it."""
    if known.mark is not None:
        return _own(known, f"{alias}.custom -> '{known.key}'", place)
    column = known.raw(alias)
    if isinstance(known.kind, kinds.MoneyKind):
        vendor = "sqlite" if place.sqlite else "postgresql"
        return money.sql_text(column, f'{alias}."{known.money_currency}"', vendor)
    if isinstance(known.kind, kinds.TagsKind):
        return tagging.names_sql(alias, place.sqlite, reads)
    if isinstance(known.kind, kinds.AboutKind):
        key = kinds.RelationKind("").json_sql(f"{alias}.about_id", place)
        make = "json_object" if place.sqlite else "json_build_object"
        null = "json('null')" if place.sqlite else "NULL"
        made = f"{make}('entity', {alias}.about_entity, 'id', {key})"
        return f"CASE WHEN {alias}.about_id IS NULL THEN {null} ELSE {made} END"
    return known.kind.json_sql(column, place)


def _own(known: Field, value: str, place: Place) -> str:
    """A value that is kept as the wire has it; several choices are always a list."""
    if not isinstance(known.kind, kinds.MultiChoiceKind):
        return f"({value})"
    return f"json(coalesce({value}, '[]'))" if place.sqlite else f"coalesce({value}, '[]'::jsonb)"


Far = tuple[str, str, Fields, str]


def select(
    entity: Entity, names: tuple[str, ...], expand: bool, place: Place, joins: Joins
) -> tuple[str, str, list[Any]]:  # fmt: skip
    """(JSON expression, joins, their parameters) for the named fields, as the actor at work reads them.

    ``joins`` holds the related records, within his scope, whose fields are named.
    """
    fields = entity.fields
    far = tuple(_far(joins, name) for name in names if name not in fields)
    tagged = "tags" in names or any(known == "tags" for _name, _alias, _fields, known in far)
    reads = tagging.reader() if tagged else None
    made, beside = _select(fields, names, far, expand, place.sqlite, reads)
    return made, f"{joins.text} {beside}" if far else beside, joins.params


def _far(joins: Joins, name: str) -> Far:
    alias, related, known = joins.reach(name)
    return name, alias, related.fields, known.name


@functools.lru_cache(maxsize=4000)
def _select(
    fields: Fields, names: tuple[str, ...], far: tuple[Far, ...], expand: bool, sqlite: bool, reads: str | None
) -> tuple[str, str]:  # fmt: skip
    """(JSON expression, joins) for the named fields; ``expand`` gives relations as ``{"id", "title"}``.

    A title is shown beside the reference whether or not the related record is in scope: the reference is part of
    this record. A related record's fields stand flat under the name they were asked by.
    """
    place = Place(sqlite=sqlite)
    make = "json_object" if sqlite else "json_build_object"
    related = {name: (alias, there[known]) for name, alias, there, known in far}
    joins: dict[str, str] = {}
    flat: list[tuple[str, str]] = []
    nested: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        alias, known = related[name] if name in related else ("t", fields[name])
        sql = value_sql(known, alias, place, reads)
        if expand and known.relation and known.name != "id":
            sql = _expanded(known, alias, sql, sqlite, joins)
        group, dot, part = name.partition(".")
        if dot and name not in related:
            nested.setdefault(group, []).append((part, sql))
        else:
            flat.append((name, sql))
    flat += [(group, _object(make, parts)) for group, parts in nested.items()]
    return _object(make, flat), " ".join(joins.values())


def _expanded(known: Field, outer: str, key: str, sqlite: bool, joins: dict[str, str]) -> str:
    """SQL for a reference with the title of what it names, whose rows are added to ``joins``."""
    make, null = ("json_object", "json('null')") if sqlite else ("json_build_object", "NULL")
    target, alias, raw = registry.get(str(known.relation)), f"x{len(joins)}", known.raw(outer)
    joins[alias] = f'LEFT JOIN "{target.table}" {alias} ON {alias}.id = {raw}'
    title = f'{alias}."{target.field(target.title).column}"'
    return f"CASE WHEN {raw} IS NULL THEN {null} ELSE {make}('id', {key}, 'title', {title}) END"


def _object(make: str, pairs: list[tuple[str, str]]) -> str:
    """``json_object('a', a, …)``; a function takes so many arguments and no more, so wide objects are made in parts,
    and of no part twice."""
    sqlite = make == "json_object"
    most = SQLITE_PAIRS if sqlite else POSTGRESQL_PAIRS
    chunks = [pairs[at : at + most] for at in range(0, len(pairs), most)] or [[]]
    first, *more = [f"{make}({', '.join(f'{_quoted(name)}, {sql}' for name, sql in chunk)})" for chunk in chunks]
    if not more:
        return first
    if sqlite:
        for chunk in chunks[1:]:
            first = f"json_set({first}, {', '.join(f'{_quoted(_step(name))}, {sql}' for name, sql in chunk)})"
        return first
    parts = " || ',' || ".join(f"left(substr({each}::text, 2), -1)" for each in (first, *more))
    return f"('{{' || {parts} || '}}')::json"


def _step(name: str) -> str:
    """Where a name stands in an object, as SQLite's JSON functions write it."""
    return f'$."{name}"'


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
