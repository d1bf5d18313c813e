"""The addresses that only webhooks have."""

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor
from rapport.records.api.openapi import parts
from rapport.records.api.openapi.parts import EVERYWHERE, WRITING, named
from rapport.records.api.openapi.paths import Paths
from rapport.records.api.openapi.schemas import MOMENT, TEXT, closed, page_of, ref
from rapport.records.kinds.schemas import ID, Schema
from rapport.records.models.webhooks import STATES

STATUS: Schema = {"type": "string", "enum": [value for value, _label in STATES]}
LATER: Schema = {"type": ["string", "null"], "format": "date-time"}
SPOKEN: Schema = {"type": ["string", "null"]}
DELIVERY = closed(
    {
        "id": ID, "event": TEXT, "entity": TEXT, "record": {**ID, "type": ["string", "null"]}, "at": MOMENT,
        "status": STATUS, "attempts": {"type": "integer"}, "code": {"type": ["integer", "null"]}, "answer": SPOKEN,
        "next_at": LATER, "ended_at": LATER, "body": SPOKEN,
    },
    ["id", "event", "entity", "at", "status", "attempts"],
)  # fmt: skip


def paths(actor: Actor) -> Paths:
    """Their log and secret, for who may change webhooks."""
    if not actor.may("webhook", "change"):
        return {}
    delivery = {**parts.parameter("delivery", ID, where="path")}
    status = parts.parameter("status", STATUS)
    page = parts.answer(_("The newest first."), page_of(ref("Delivery")))
    one = parts.answer(_("The delivery as it is now."), ref("Delivery"))
    secret = parts.answer(_("What signatures are checked with."), closed({"secret": TEXT}, ["secret"]))
    at = "/webhooks/{id}"
    return {
        f"{at}/deliveries": {
            "get": _operation("deliveries", _("What it was told"), [named("few"), named("after"), status], page)
        },
        f"{at}/deliveries/{{delivery}}/replay": {
            "post": _operation("replay", _("Tell it once more"), [delivery], one, WRITING)
        },
        f"{at}/secret": {"get": _operation("secret", _("Its secret"), [], secret)},
    }


def _operation(word: str, told: str, asked: list[Schema], ok: Schema, problems: tuple[int, ...] = EVERYWHERE) -> Schema:
    return {
        "operationId": f"{word}_webhook", "summary": told, "tags": ["webhooks"], "parameters": [named("id"), *asked],
        "responses": {"200": ok, **parts.problems(*problems)},
    }  # fmt: skip
