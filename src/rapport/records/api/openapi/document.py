"""The whole document, made once per set-up and kind of reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport import __version__
from rapport.platform.actor import Actor
from rapport.platform.identity import snapshot
from rapport.records.api.openapi import access, bulk_runs, hooks, import_runs, parts, paths, schemas
from rapport.records.entity import registry
from rapport.records.kinds.schemas import Schema

MOST = 50
Described = Callable[[Actor], tuple[paths.Paths, dict[str, Schema]]]
_contributed: list[Described] = []


def describe(more: Described) -> None:
    """Contribute addresses of a floor above, with the schemas that they name."""
    if more not in _contributed:
        _contributed.append(more)


@dataclass(slots=True)
class _Made:
    """Documents by reader, as long as the set-up is this one."""

    held: snapshot.Snapshot | None = None
    by_reader: dict[Any, bytes] = field(default_factory=dict)


_made = _Made()


def document(actor: Actor) -> bytes:
    """OpenAPI 3.1 as JSON, for who has these rights: what one may not use at all is not described to him."""
    global _made
    held, kept = snapshot.held(), _made
    if kept.held is not held or len(kept.by_reader) >= MOST:
        kept = _made = _Made(held)
    mark = frozenset(actor.grants.items()), actor.roles, actor.scope, actor.is_system, get_language()
    if mark not in kept.by_reader:
        kept.by_reader[mark] = orjson.dumps(_document(actor))
    return kept.by_reader[mark]


def _document(actor: Actor) -> dict[str, Any]:
    seen = [entity for entity in registry if actor.may(entity.key, "view")]
    made: paths.Paths = {}
    described = schemas.shared() | bulk_runs.shared()
    for entity in seen:
        made |= paths.of_entity(entity, actor)
        described |= schemas.of_entity(entity)
    if more := hooks.paths(actor):
        made |= more
        described |= {"Delivery": hooks.DELIVERY}
    for contributed in (access.described, import_runs.described, *_contributed):
        more, further = contributed(actor)
        made |= more
        described |= further
    found = [entity for entity in seen if entity.search]
    if found:
        made["/search"] = {"get": paths.search(found)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport", "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": _("What people see and do, with the same rights. It shows what you may use."),
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": each.plural, "description": str(each.label_plural)} for each in seen],
        "paths": {"/openapi.json": {"get": _itself()}, **made},
        "components": {
            "schemas": described, "parameters": parts.shared(), "responses": parts.answers(),
            "headers": parts.headers(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _itself() -> dict[str, Any]:
    ok = parts.answer(_("This document."), {"type": "object"})
    responses = {"200": ok, **parts.problems(400, 401, 429, 503)}
    return {"operationId": "openapi", "summary": _("This document"), "parameters": [], "responses": responses}
