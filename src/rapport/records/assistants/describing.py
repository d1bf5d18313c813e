"""What an assistant is told of the kinds of records: only what its user may see, and what he may do with it."""

from typing import Any

from rapport.platform.actor import VERBS, Actor
from rapport.records import sharing
from rapport.records.actions import actions_of
from rapport.records.entity import Entity, Field, registry
from rapport.records.kinds import schemas


def kinds(actor: Actor) -> list[dict[str, Any]]:
    """Every kind of record that the user may view."""
    return [_head(entity, actor) for entity in registry if actor.may(entity.key, "view")]


def kind(entity: Entity, actor: Actor) -> dict[str, Any]:
    """One kind with its fields and verbs."""
    needed = entity.needed()
    return {
        **_head(entity, actor),
        "title_field": entity.title,
        "sorted_at_any_size_by": list(entity.sorts),
        "match_on": list(entity.match_on),
        "operators_by_kind": {known.kind.name: list(known.kind.ops) for known in entity.fields.values()},
        "fields": [_field(known, known.name in needed) for known in entity.fields.values()],
        "verbs": _verbs(entity, actor),
    }


def _head(entity: Entity, actor: Actor) -> dict[str, Any]:
    found = {
        "entity": entity.plural, "label": str(entity.label_plural), "about": str(entity.teaches),
        "may": [verb for verb in VERBS if actor.may(entity.key, verb)], "searchable": bool(entity.search),
    }  # fmt: skip
    if entity.parents:
        found["on_timeline_of"] = list(entity.parents)
    return found


def _field(known: Field, needed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"name": known.name, "label": known.heading, "kind": known.kind.name}
    if known.help:
        found["help"] = str(known.help)
    if known.relation and known.name != "id":
        found["relation"] = registry.get(known.relation).plural
    if known.read_only:
        found["read_only"] = True
    else:
        found["takes"] = schemas.taken(known.kind)
    if needed:
        found["required"] = True
    return found


def _verbs(entity: Entity, actor: Actor) -> list[dict[str, Any]]:
    """What can be done with one besides changing fields, as far as this user may on any of them."""
    found = [
        {"verb": verb, "label": str(method.label), "takes": list(method.takes), "needs": list(method.asks)}  # type: ignore[attr-defined]
        for verb, method in actions_of(entity.model).items()
        if actor.may(entity.key, method.right)  # type: ignore[attr-defined]
    ]
    if entity.is_shareable and actor.may(entity.key, "change"):
        found += [
            {"verb": verb, "label": verb.capitalize(), "takes": ["user", "team", *more], "needs": []}
            for verb, more in zip(sharing.VERBS, (["level"], []), strict=True)
        ]
    if entity.is_queueable and actor.may(entity.key, "change"):
        found.append({"verb": "queue", "label": "Put in a queue", "takes": ["queue"], "needs": ["queue"]})
        if not any(each["verb"] == "take" for each in found):
            found.append({"verb": "take", "label": "Take it", "takes": [], "needs": []})
    if entity.is_record and actor.may(entity.key, "delete"):
        found.append({"verb": "restore", "label": "Take out of the bin", "takes": [], "needs": []})
    return found
