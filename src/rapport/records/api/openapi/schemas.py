"""Schemas of what is sent and taken: one set per entity, a few that all share."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.batch import MOST
from rapport.records.entity import Entity, Field
from rapport.records.kinds import schemas
from rapport.records.kinds.schemas import ID, Schema

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
PERSON: Schema = {"anyOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]}


def name_of(entity: Entity) -> str:
    """What the entity is called among the schemas: ``ContactPoint``."""
    return "".join(part.capitalize() for part in entity.key.split("_"))


# Fields of related records, under the names they were asked by.
FAR: Schema = {r"^[a-z0-9_]+(\.[a-z0-9_]+)+$": {}}


def ref(name: str) -> Schema:
    """A reference to a shared schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(properties: Schema, required: Iterable[str] = ()) -> Schema:
    """An object with these properties and no others."""
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    names = list(required)
    return {**made, "required": names} if names else made


def page_of(items: Schema, **more: Schema) -> Schema:
    """A page: items and the cursor of the next."""
    return closed({"items": {"type": "array", "items": items}, "next": _or_null(TEXT), **more}, ["items", "next"])


def of_entity(entity: Entity) -> dict[str, Schema]:
    """``Deal`` as it is read, ``DealNew`` and ``DealChange`` as they are written."""
    name = name_of(entity)
    written = [known for known in entity.fields.values() if not known.read_only]
    needed = [known.name for known in written if known.name in entity.required and known.name != entity.title]
    needed = [each for each in needed if "." not in each]
    inputs = {**_nested((known, _input(known)) for known in written), "sources": ref("Sources")}
    outputs = _nested((known, _output(known)) for known in entity.fields.values())
    return {
        name: {**closed(outputs, ["id"]), "patternProperties": FAR, "title": str(entity.label)},
        f"{name}New": closed(inputs, needed),
        f"{name}Change": closed(inputs),
        f"{name}Bulk": _bulk(name),
    }


def _bulk(name: str) -> Schema:
    """Many writes: each names what it does and what it needs for that."""
    data, version = {"new": ref(f"{name}New"), "change": ref(f"{name}Change")}, {"type": "integer"}
    steps = {
        "create": ({"data": data["new"]}, {}),
        "change": ({"id": ID, "data": data["change"]}, {"version": version}),
        "delete": ({"id": ID}, {"version": version}),
        "restore": ({"id": ID}, {}),
        "upsert": ({"match": TEXT, "data": data["new"]}, {"version": version}),
        "action": ({"id": ID, "verb": TEXT}, {"args": {"type": "object"}, "version": version}),
    }
    shapes = [closed({"op": {"const": op}, **needed, **more}, ["op", *needed]) for op, (needed, more) in steps.items()]
    return closed(
        {"operations": {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"oneOf": shapes}}}, ["operations"]
    )


def arguments(entity: Entity, method: Any) -> Schema:
    """What an action takes: arguments that are fields of the record."""
    found = {name: _input(entity.fields[name]) for name in method.takes if name in entity.fields}
    return closed(found, [name for name in method.asks if name in found])


def _nested(fields: Iterable[tuple[Field, Schema]]) -> dict[str, Schema]:
    """``address.city`` as a property of ``address``."""
    found: dict[str, Schema] = {}
    for known, made in fields:
        group, dot, part = known.name.partition(".")
        if dot:
            found.setdefault(group, closed({}))["properties"][part] = made
        else:
            found[group] = made
    return found


def _output(known: Field) -> Schema:
    lists = known.kind.name in ("multi_choice", "tags")
    made = schemas.given(known.kind)
    if known.nullable and not lists and known.name != "id":
        made = _or_null(made)
    elif not known.nullable and "enum" in made:
        made = {**made, "enum": [*made["enum"], *([""] if known.default in (None, "") else [])]}
    told: Schema = {"title": str(known.label), "x-kind": known.kind.name, "x-operators": list(known.kind.ops)}
    if known.help:
        told["description"] = str(known.help)
    if known.relation and known.name != "id":
        told["x-relation"] = known.relation
    if known.read_only:
        told["readOnly"] = True
    return {**made, **told}


def _input(known: Field) -> Schema:
    return {**_or_null(schemas.taken(known.kind)), "title": str(known.label)}


def _or_null(made: Schema) -> Schema:
    if "anyOf" in made:
        return {**made, "anyOf": [*made["anyOf"], {"type": "null"}]}
    if "enum" in made:
        return {**made, "type": [made["type"], "null"], "enum": [*made["enum"], None]}
    return {**made, "type": [made["type"], "null"]}


def shared() -> dict[str, Schema]:
    """What every entity's addresses use."""
    own = ref("Filter")
    many = {"type": "array", "items": own, "minItems": 1, "maxItems": 100}
    condition = closed({"field": TEXT, "op": {**TEXT, "default": "eq"}, "value": {}}, ["field"])
    trees = [closed({word: one}, [word]) for word, one in (("and", many), ("or", many), ("not", own))]
    said = closed({"source": _or_null(TEXT), "as_of": {"type": ["string", "null"], "format": "date"}})
    problem = closed({"field": TEXT, "code": TEXT, "message": TEXT}, ["field", "code", "message"])
    return {
        "Filter": {
            "description": _("A condition, or a tree of them; “x-operators” of a field says what it can be asked."),
            "anyOf": [condition, *trees],
        },
        "Problem": {
            "description": "RFC 9457",
            "type": "object",
            "properties": {
                "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
                "errors": {"type": "array", "items": problem},
            },
            "required": ["type", "title", "status", "detail", "errors"],
        },
        "Named": closed({"id": ID, "title": _or_null(TEXT)}, ["id", "title"]),
        "Sources": {"type": "object", "additionalProperties": {"anyOf": [_or_null(TEXT), said]}},
        "Entry": _entry(),
        "Change": _change(),
        "Share": closed(
            {"user": PERSON, "team": PERSON, "level": {"enum": ["view", "change"]}, "by": PERSON, "at": MOMENT},
            ["user", "team", "level", "by", "at"],
        ),
        "SourcesKnown": closed(
            {name: {"type": "object", "additionalProperties": {"type": "object"}} for name in ("sources", "last_set")},
            ["sources", "last_set"],
        ),
        "BulkDone": _bulk_done(),
        "Groups": closed({"groups": {"type": "array", "items": _group()}}, ["groups"]),
        "Pair": _pair(),
        "Hit": closed(
            {"entity": TEXT, "id": ID, "title": TEXT, "detail": TEXT, "url": TEXT}, ["entity", "id", "title", "url"]
        ),
    }  # fmt: skip


def _pair() -> Schema:
    """Two records that may be one."""
    words = {"type": "array", "items": TEXT}
    told = {
        "id": TEXT, "first": ID, "second": ID, "score": {"type": "number", "minimum": 0, "maximum": 1},
        "state": {"enum": ["open", "merged", "dismissed"]}, "reasons": words, "differences": words,
    }  # fmt: skip
    return closed(told, list(told))


def _entry() -> Schema:
    source = closed({"entity": TEXT, "id": ID}, ["entity", "id"])
    told = {"id": TEXT, "at": MOMENT, "channel": TEXT, "verb": TEXT, "source": source, "actor": PERSON, "url": TEXT}
    return {"type": "object", "properties": told, "required": list(told)}


def _change() -> Schema:
    values = {"type": ["object", "null"]}
    told = {
        "id": TEXT, "at": MOMENT, "verb": TEXT, "version": {"type": "integer"}, "operation": ID, "actor": PERSON,
        "source": TEXT, "before": values, "after": values,
    }  # fmt: skip
    return closed(told, told)


def _bulk_done() -> Schema:
    good = closed({"status": {"enum": [200, 201, 204]}, "id": ID, "version": {"type": "integer"}}, ["status", "id"])
    bad = closed({"status": {"type": "integer", "minimum": 400}, "problem": ref("Problem")}, ["status", "problem"])
    results = {"type": "array", "items": {"oneOf": [good, bad]}}
    return closed({"operation": _or_null(ID), "results": results}, ["operation", "results"])


def _group() -> Schema:
    sums = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
    return closed({"key": {"type": "object"}, "count": {"type": "integer"}, "sum": sums}, ["key", "count"])
