"""The addresses of one entity, as far as the reader may use them."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.records.actions import actions_of
from rapport.records.api.openapi import bulk_runs, parts
from rapport.records.api.openapi.parts import EVERYWHERE, WRITING, named
from rapport.records.api.openapi.schemas import arguments, closed, name_of, page_of, ref
from rapport.records.duplicates import merging
from rapport.records.entity import Entity
from rapport.records.kinds.schemas import ID as KEY
from rapport.records.kinds.schemas import Schema
from rapport.records.queues import taking

ID = named("id")
ONCE, MATCH = named("idempotency"), named("if_match")
Paths = dict[str, dict[str, Schema]]


def of_entity(entity: Entity, actor: Actor) -> Paths:
    """Address -> method -> operation; what the reader has no right to at all is left out."""
    at = f"/{entity.plural}"
    found: Paths = {
        at: {"get": _list(entity), **_creating(entity, actor)},
        f"{at}/aggregate": {"get": _aggregate(entity)},
        f"{at}/{{id}}": {"get": _get(entity), **_changing(entity, actor)},
        f"{at}/{{id}}/timeline": {"get": _history(entity, "timeline", "Entry")},
        f"{at}/{{id}}/changes": {"get": _history(entity, "changes", "Change")},
        f"{at}/{{id}}/sources": {"get": _read(entity, "sources", ref("SourcesKnown"))},
    }
    if any(actor.may(entity.key, right) for right in ("add", "change", "delete")):
        found[f"{at}/bulk"] = {"post": _bulk(entity)}
    found |= bulk_runs.paths(entity, actor)
    if entity.is_shareable:
        found[f"{at}/{{id}}/shares"] = {"get": _read(entity, "shares", page_of(ref("Share")))}
    if merging.is_mergeable(entity):
        found[f"{at}/duplicates"] = {"get": _duplicates(entity)}
    for verb, right, takes, told in _verbs(entity):
        if actor.may(entity.key, right):
            found[f"{at}/{{id}}/actions/{verb}"] = {"post": _action(entity, verb, takes, told)}
    return found


def search(entities: list[Entity]) -> Schema:
    """Find across everything."""
    known = [entity.plural for entity in entities]
    sought = {**parts.parameter("q", {"type": "string", "minLength": 1, "maxLength": 200}), "required": True}
    kinds = parts.parameter("entity", {"type": "array", "items": {"type": "string", "enum": known}})
    limit = parts.parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
    hits = closed({"items": {"type": "array", "items": ref("Hit")}}, ["items"])
    return {
        "operationId": "search", "summary": _("Find across everything"), "tags": ["search"],
        "parameters": [sought, kinds, limit],
        "responses": {"200": parts.answer(_("The best hits first."), hits), **parts.problems(*EVERYWHERE, 422)},
    }  # fmt: skip


def _operation(entity: Entity, word: str, told: str, parameters: list[Schema], responses: Schema) -> Schema:
    return {
        "operationId": f"{word}_{entity.key}", "summary": told, "tags": [entity.plural],
        "parameters": parameters, "responses": responses,
    }  # fmt: skip


def _one(entity: Entity) -> Schema:
    return ref(name_of(entity))


def _list(entity: Entity) -> Schema:
    asked = [named("filter"), parts.sort(entity), parts.fields(entity), named("limit"), named("after"), named("count")]
    asked += [named("q")] if entity.search else []
    counted = {"count": {"type": "integer"}, "count_is_exact": {"type": "boolean"}}
    ok = parts.answer(_("A page."), page_of(_one(entity), **counted))
    return _operation(
        entity,
        "list",
        str(entity.label_plural),
        [*asked, named("view"), named("binned")],
        {"200": ok, **parts.problems(*EVERYWHERE)},
    )


def _aggregate(entity: Entity) -> Schema:
    ok = parts.answer(_("The largest groups first."), ref("Groups"))
    asked = [named("filter"), *parts.grouping(entity), named("view"), named("binned")]
    return _operation(entity, "aggregate", _("Counts and sums"), asked, {"200": ok, **parts.problems(*EVERYWHERE)})


def _get(entity: Entity) -> Schema:
    ok = parts.answer(str(entity.label), _one(entity), "ETag")
    asked = [ID, parts.fields(entity), named("binned")]
    moved = {"301": parts.answer(_("It was merged into another."), None, "Location")}
    told = {"200": ok, **(moved if merging.is_mergeable(entity) else {}), **parts.problems(*EVERYWHERE)}
    return _operation(entity, "get", _("One record"), asked, told)


def _creating(entity: Entity, actor: Actor) -> dict[str, Schema]:
    if not actor.may(entity.key, "add"):
        return {}
    new = parts.body(ref(f"{name_of(entity)}New"))
    told = _one(entity), "ETag", "Location", "Idempotency-Replayed"
    made = {"201": parts.answer(_("Created."), *told), **parts.problems(*WRITING)}
    found = {"post": {**_operation(entity, "create", _("Create"), [ONCE], made), "requestBody": new}}
    if actor.may(entity.key, "change"):
        either = {**made, "200": parts.answer(_("Changed."), *told)}
        asked = [parts.match(entity), ONCE, MATCH]
        put = _operation(entity, "upsert", _("Create, or change the one that fits"), asked, either)
        found["put"] = {**put, "requestBody": new}
    return found


def _changing(entity: Entity, actor: Actor) -> dict[str, Schema]:
    found = {}
    if actor.may(entity.key, "change"):
        ok = parts.answer(_("Changed."), _one(entity), "ETag")
        change = _operation(entity, "change", _("Change"), [ID, MATCH], {"200": ok, **parts.problems(*WRITING)})
        found["patch"] = {**change, "requestBody": parts.body(ref(f"{name_of(entity)}Change"))}
    if actor.may(entity.key, "delete") and entity.is_record:
        gone = {"204": parts.answer(_("In the bin, or gone for ever.")), **parts.problems(*WRITING)}
        asked = [ID, MATCH, *([named("forever")] if actor.may(entity.key, "erase") else [])]
        found["delete"] = _operation(entity, "delete", _("Delete"), asked, gone)
    return found


def _bulk(entity: Entity) -> Schema:
    told = ref("BulkDone")
    responses = {
        "200": parts.answer(_("All was done, in this order."), told, "Idempotency-Replayed"),
        "207": parts.answer(_("With “atomic=false”: some was not done."), told, "Idempotency-Replayed"),
        **parts.problems(*WRITING),
    }
    made = _operation(entity, "bulk", _("Many writes at once"), [named("atomic"), ONCE], responses)
    return {**made, "requestBody": parts.body(ref(f"{name_of(entity)}Bulk"))}


def _read(entity: Entity, word: str, schema: Schema, *asked: Schema) -> Schema:
    ok = parts.answer(word.capitalize(), schema)
    return _operation(entity, word, word.capitalize(), [ID, *asked], {"200": ok, **parts.problems(*EVERYWHERE)})


def _history(entity: Entity, word: str, items: str) -> Schema:
    channel = parts.parameter("channel", {"type": "array", "items": {"type": "string"}})
    asked = [named("few"), named("after"), *([channel] if word == "timeline" else [])]
    return _read(entity, word, page_of(ref(items)), *asked)


def _duplicates(entity: Entity) -> Schema:
    """Pairs that may be one."""
    ok = parts.answer(_("The most certain first."), page_of(ref("Pair")))
    asked = [named("few"), named("after"), parts.parameter("of", KEY), parts.parameter("import", KEY)]
    told = _("Records that may be one and the same")
    return _operation(entity, "duplicates", told, asked, {"200": ok, **parts.problems(*EVERYWHERE)})


def _verbs(entity: Entity) -> Iterator[tuple[str, str, Schema, str]]:
    """(Verb, right it needs, what it takes, what it is)."""
    for verb, method in actions_of(entity.model).items():
        known: Any = method
        if entity.is_queueable and verb in taking.VERBS:
            continue
        yield verb, known.right, arguments(entity, method), str(known.label)
    if entity.is_record:
        yield "restore", "delete", closed({}), _("Take it out of the bin")
    if merging.is_mergeable(entity):
        whose = {"type": "object", "additionalProperties": {"enum": ["winner", "loser", "both"]}}
        yield merging.VERB, "delete", closed({"with": KEY, "choices": whose}, ["with"]), _("Take over another record")
    if entity.is_queueable:
        yield "queue", "change", closed({"queue": {"type": "string"}}, ["queue"]), _("Put it in a queue, by id or name")
        yield "take", "change", closed({}), _("Take it: it is mine then")
    if entity.is_shareable:
        who = {"user": {"type": "string"}, "team": {"type": "string"}}
        yield "share", "change", closed({**who, "level": {"enum": ["view", "change"]}}), _("Share it")
        yield "unshare", "change", closed(who), _("Share it no longer")


def _action(entity: Entity, verb: str, takes: Schema, told: str) -> Schema:
    ok = parts.answer(_("The record as it is now."), _one(entity), "ETag", "Idempotency-Replayed")
    made = _operation(entity, verb, told, [ID, MATCH, ONCE], {"200": ok, **parts.problems(*WRITING)})
    return {**made, "requestBody": parts.body(takes, required="required" in takes)}
