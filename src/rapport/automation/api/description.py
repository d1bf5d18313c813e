"""The addresses of automations in the API's own description."""

from django.utils.translation import gettext as _

from rapport.automation.models import STATES
from rapport.platform.actor import Actor
from rapport.records.api.openapi import parts
from rapport.records.api.openapi.parts import EVERYWHERE, WRITING, named
from rapport.records.api.openapi.paths import Paths
from rapport.records.api.openapi.schemas import MOMENT, TEXT, closed, page_of, ref
from rapport.records.kinds.schemas import ID, Schema

STATUS: Schema = {"type": "string", "enum": [value for value, _label in STATES]}
LATER: Schema = {"type": ["string", "null"], "format": "date-time"}
SPOKEN: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
_RUN = {
    "id": ID, "automation": {"type": "object"}, "entity": TEXT, "record": ID, "event": SPOKEN, "occasion": TEXT,
    "operation": ID, "cause": {**ID, "type": ["string", "null"]}, "depth": NUMBER, "status": STATUS, "step": NUMBER,
    "attempts": NUMBER, "at": MOMENT, "wake_at": LATER, "ended_at": LATER, "undone_at": LATER, "reason": SPOKEN,
    "log": OBJECTS,
}  # fmt: skip
_TRIED = {"record": ID, "title": TEXT, "fits": {"type": "boolean"}, "steps": OBJECTS}
_UNDONE = {"reverted": NUMBER, "kept_changed": NUMBER, "failed": OBJECTS}


def described(actor: Actor) -> tuple[Paths, dict[str, Schema]]:
    """Runs and the dry run, for who may change automations."""
    if not actor.may("automation", "change"):
        return {}, {}
    run = parts.parameter("run", ID, where="path")
    schemas = {"AutomationRun": closed(_RUN, ["id", "status", "at"]), "Tried": closed(_TRIED, list(_TRIED))}
    page = parts.answer(_("The newest first."), page_of(ref("AutomationRun")))
    now = parts.answer(_("The run as it is now."), ref("AutomationRun"))
    whole = parts.answer(_("The run, with what it wrote."), closed({**_RUN, "changes": OBJECTS}, ["id", "changes"]))
    tried = parts.answer(
        _("What would happen."), closed({"items": {"type": "array", "items": ref("Tried")}}, ["items"])
    )
    undone = parts.answer(_("What came of it."), closed(_UNDONE, list(_UNDONE)))
    secret = parts.answer(_("What its calls are signed with."), closed({"secret": TEXT}, ["secret"]))
    narrow = [parts.parameter("status", STATUS), parts.parameter("record", ID)]
    at = "/automations/{id}"
    body = {"content": {"application/json": {"schema": closed({"record": ID}, [])}}}
    return {
        f"{at}/runs": {"get": _told("runs", _("What it did"), [named("few"), named("after"), *narrow], page)},
        f"{at}/runs/{{run}}": {"get": _told("run", _("One run"), [run], whole)},
        f"{at}/runs/{{run}}/retry": {"post": _told("retry", _("Try it again"), [run], now, WRITING)},
        f"{at}/runs/{{run}}/cancel": {"post": _told("cancel", _("Give it up"), [run], now, WRITING)},
        f"{at}/runs/{{run}}/undo": {"post": _told("undo", _("Take back what it wrote"), [run], undone, WRITING)},
        f"{at}/secret": {"get": _told("secret", _("What its calls are signed with"), [], secret)},
        f"{at}/try": {"post": {**_told("try", _("Dry run"), [], tried, WRITING), "requestBody": body}},
    }, schemas


def _told(word: str, told: str, asked: list[Schema], ok: Schema, problems: tuple[int, ...] = EVERYWHERE) -> Schema:
    return {
        "operationId": f"{word}_automation", "summary": told, "tags": ["automations"],
        "parameters": [named("id"), *asked], "responses": {"200": ok, **parts.problems(*problems)},
    }  # fmt: skip
