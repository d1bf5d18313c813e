"""The addresses of deeds on everything that a filter finds."""

from typing import Any

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.records.actions import actions_of
from rapport.records.api.openapi import parts
from rapport.records.api.openapi.parts import EVERYWHERE, WRITING, named
from rapport.records.api.openapi.schemas import MOMENT, PERSON, TEXT, closed, page_of, ref
from rapport.records.bulk.asking import DEEDS
from rapport.records.bulk.telling import TAKEN_BACK
from rapport.records.entity import Entity
from rapport.records.kinds.schemas import ID, Schema

STATES = ("running", "done", "stopped", "failed", "undoing", "undone")
COUNT: Schema = {"type": "integer", "minimum": 0}
SPOKEN: Schema = {"type": ["string", "null"]}


def shared() -> dict[str, Schema]:
    """What the addresses of every kind of record use."""
    run: dict[str, Any] = {
        "id": ID, "entity": TEXT, "deed": TEXT, "values": {"type": "object"}, "filter": {"type": ["object", "null"]},
        "status": {"type": "string", "enum": list(STATES)}, "total": {"type": ["integer", "null"]}, "changed": COUNT,
        "same": COUNT, "left": COUNT, "problem": SPOKEN, "operation": ID, "actor": PERSON, "at": MOMENT,
        "finished_at": {"type": ["string", "null"], "format": "date-time"}, "url": TEXT,
    }  # fmt: skip
    back = dict.fromkeys(TAKEN_BACK, COUNT)
    some = {"type": "array", "items": closed({"id": ID, "title": TEXT}, ["id", "title"])}
    return {
        "BulkRun": closed({**run, **back}, run),
        "BulkFound": closed({"count": COUNT, "some": some}, ["count", "some"]),
        "BulkLeft": closed({"id": ID, "title": SPOKEN, "reason": TEXT}, ["id", "title", "reason"]),
    }


def paths(entity: Entity, actor: Actor) -> dict[str, dict[str, Schema]]:
    """For who may change or bin records of this kind."""
    if not any(actor.may(entity.key, right) for right in ("change", "delete")):
        return {}
    at, run = f"/{entity.plural}/bulk-runs", parts.parameter("run", ID, where="path")
    page = parts.answer(_("The newest first."), page_of(ref("BulkRun")))
    now = parts.answer(_("The run as it is now."), ref("BulkRun"))
    stood = parts.answer(_("The run as it is now."), ref("BulkRun"), "Idempotency-Replayed")
    left = parts.answer(_("With the reason of each."), page_of(ref("BulkLeft")))
    found: dict[str, dict[str, Schema]] = {
        at: {"get": _told(entity, "bulk_runs", _("Deeds on many"), [named("few"), named("after")], page),
             "post": _beginning(entity)},
        f"{at}/{{run}}": {"get": _told(entity, "bulk_run", _("A deed on many"), [run], now)},
        f"{at}/{{run}}/left": {
            "get": _told(entity, "bulk_left", _("What was left alone"), [run, named("limit"), named("after")], left)
        },
    }  # fmt: skip
    words = {"stop": _("Stop it"), "go-on": _("Let it go on"), "undo": _("Take all of it back")}
    for deed, told in words.items():
        made = _told(entity, f"bulk_{deed.replace('-', '_')}", told, [run, named("idempotency")], stood, WRITING)
        found[f"{at}/{{run}}/{deed}"] = {"post": made}
    return found


def _told(
    entity: Entity, word: str, told: str, asked: list[Schema], ok: Schema, problems: tuple[int, ...] = EVERYWHERE
) -> Schema:
    return {
        "operationId": f"{word}_{entity.key}", "summary": told, "tags": [entity.plural], "parameters": asked,
        "responses": {"200": ok, **parts.problems(*problems)},
    }  # fmt: skip


def _beginning(entity: Entity) -> Schema:
    told = _("A deed on everything that a filter finds")
    ok = parts.answer(_("With “dry_run”: how many it would touch, and a few of them."), ref("BulkFound"))
    begun = parts.answer(_("It has begun."), ref("BulkRun"), "Location", "Idempotency-Replayed")
    made = _told(entity, "begin_bulk", told, [named("idempotency")], ok, WRITING)
    deed = {"type": "string", "enum": [*DEEDS, *actions_of(entity.model)]}
    bounds = closed({"at_least": COUNT, "at_most": COUNT}, ["at_most"])
    body = closed(
        {
            "deed": deed, "values": {"type": "object"}, "filter": {"anyOf": [ref("Filter"), closed({})]},
            "q": {"type": "string", "minLength": 1, "maxLength": 200}, "expect": {"anyOf": [COUNT, bounds]},
            "dry_run": {"type": "boolean"},
        },
        ["deed"],
    )  # fmt: skip
    return {**made, "responses": {**made["responses"], "202": begun}, "requestBody": parts.body(body)}
