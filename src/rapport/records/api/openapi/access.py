"""The addresses by which it is said who may do what; for administrators with a token of that scope."""

from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS, Actor
from rapport.records.api.openapi import parts
from rapport.records.api.openapi.parts import EVERYWHERE, WRITING, named
from rapport.records.api.openapi.paths import Paths
from rapport.records.api.openapi.schemas import MOMENT, TEXT, closed, ref
from rapport.records.kinds.schemas import ID, Schema

DONE: Schema = {**ID, "type": ["string", "null"]}
VERSION: Schema = {"type": "integer"}
LIMITS = ("write", "read", "hidden")


def described(actor: Actor) -> tuple[Paths, dict[str, Schema]]:
    """Grants and field limits of roles, roles of users, links to set a password, people of territories."""
    if actor.scope != "admin" or not (actor.may("role", "change") and actor.may("user", "change")):
        return {}, {}
    levels = {"type": "object", "additionalProperties": {"enum": list(LEVELS)}}
    limits = {"type": "object", "additionalProperties": {"enum": list(LIMITS)}}
    roles = {"type": "array", "items": TEXT}
    schemas = {
        "Grants": closed({"grants": levels, "version": VERSION, "operation": DONE}, ["grants", "version"]),
        "FieldLimits": closed({"fields": limits, "version": VERSION, "operation": DONE}, ["fields", "version"]),
        "Appointed": closed({"roles": roles, "version": VERSION, "operation": DONE}, ["roles", "version"]),
    }
    link = closed({"link": TEXT, "expires_at": MOMENT}, ["link", "expires_at"])
    made = parts.answer(_("The link, told this once."), link)
    invitation = {**_told("users", "invite_user", _("A link to set a password"), []), "responses": {"201": made}}
    invitation["responses"] |= parts.problems(*WRITING)
    people = {"type": "array", "items": TEXT}
    schemas["Staffed"] = closed({"people": people, "version": VERSION, "operation": DONE}, ["people", "version"])
    staffed = _of("territories", "people", "Staffed", closed({"people": people}, ["people"]))
    staffed["patch"]["requestBody"] = parts.body(closed({"add": people, "remove": people}))
    return {
        "/territories/{id}/people": staffed,
        "/roles/{id}/grants": _of("roles", "grants", "Grants", closed({"grants": levels}, ["grants"])),
        "/roles/{id}/fields": _of("roles", "fields", "FieldLimits", closed({"fields": limits}, ["fields"])),
        "/users/{id}/roles": _of("users", "roles", "Appointed", closed({"roles": roles}, ["roles"]), several=False),
        "/users/{id}/invitation": {"post": invitation},
    }, schemas


def _of(tag: str, word: str, name: str, body: Schema, *, several: bool = True) -> dict[str, Schema]:
    """What is so, all of it anew, some of it anew."""
    ok = {"200": parts.answer(_("As it is now."), ref(name), "ETag")}
    found = {
        "get": {**_told(tag, f"{word}_of_{tag}", word.capitalize(), []), "responses": ok | parts.problems(*EVERYWHERE)}
    }
    methods = {"put": _("All of it anew"), **({"patch": _("Some of it anew")} if several else {})}
    for method, told in methods.items():
        made = _told(tag, f"{method}_{word}_of_{tag}", told, [named("if_match")])
        found[method] = {**made, "requestBody": parts.body(body), "responses": ok | parts.problems(*WRITING)}
    return found


def _told(tag: str, word: str, told: str, asked: list[Schema]) -> Schema:
    return {"operationId": word, "summary": told, "tags": [tag], "parameters": [named("id"), *asked]}
