"""What the editor offers for choosing, derived from what the records have."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from rapport.automation.plan import steps, values
from rapport.platform.actor import current
from rapport.records import kinds, registry, tagging
from rapport.records.actions import actions_of
from rapport.records.entity import Entity, Field

Option = tuple[str, str]
HIDDEN = ("id", "version", "external_source", "tags")
HOW: dict[str, Any] = {
    "text": lambda: _("the text"), "fixed": lambda: _("the value"), "in": lambda: _("the date"),
    "of": lambda: _("the same as"), "empty": lambda: _("nothing (make it empty)"),
}  # fmt: skip


def entities() -> list[Option]:
    """What automations can be about."""
    return [
        (each.key, str(each.label)) for each in registry if steps.automatable(each) and current().may(each.key, "view")
    ]


def creatable() -> list[Option]:
    """What can be made, called by one of its kind."""
    return [
        (each.key, str(each.label)) for each in registry if steps.automatable(each) and current().may(each.key, "add")
    ]


def writable(entity: Entity) -> list[Option]:
    """The fields that a step can set."""
    found = [
        (name, known.heading)
        for name, known in entity.fields.items()
        if not known.read_only and name not in HIDDEN and not isinstance(known.kind, kinds.AboutKind | kinds.FilterKind)
    ]
    return sorted(found, key=lambda each: each[1].lower())


def all_fields(entity: Entity) -> list[Option]:
    """The fields whose change can be waited for."""
    silent = ("id", "version", "external_source", "created_at", "created_by", "updated_at")
    found = [(name, known.heading) for name, known in entity.fields.items() if name not in silent]
    return sorted(found, key=lambda each: each[1].lower())


def dates(entity: Entity) -> list[Option]:
    """Its dates and moments."""
    return [
        (name, known.heading) for name, known in entity.fields.items() if isinstance(known.kind, values.TIMES)
    ]  # fmt: skip


def verbs(entity: Entity) -> list[Option]:
    """What can be done to it, by name and in words."""
    return [(name, str(method.label)) for name, method in actions_of(entity.model).items()]  # type: ignore[attr-defined]


def takes(entity: Entity, verb: str) -> tuple[tuple[str, bool], ...]:
    """The arguments of an action, each with whether it is needed."""
    method = actions_of(entity.model).get(verb)
    if method is None:
        return ()
    return tuple((name, name in method.asks) for name in method.takes)  # type: ignore[attr-defined]


def tags() -> list[Option]:
    """The shared tags."""
    return [(tag.name, tag.name) for tag in tagging.visible(current()) if not tag.owner]


def paths(entity: Entity, takes: Callable[[Field], bool]) -> list[Option]:
    """The fields of the record, and of the records it names, that ``takes`` says yes to."""
    found = [(name, known.heading) for name, known in entity.fields.items() if name not in HIDDEN and takes(known)]
    for name, through in entity.fields.items():
        if not through.relation or name in ("id", "team") or not current().may(through.relation, "view"):
            continue
        related = registry.get(through.relation)
        found += [
            (f"{name}.{inner}", f"{through.heading} › {known.heading}")
            for inner, known in related.fields.items()
            if inner not in HIDDEN and takes(known)
        ]
    return found


def people(entity: Entity) -> list[Option]:
    """Fields that name a colleague."""
    found = paths(entity, lambda known: known.relation == "user")
    return [(path, label) for path, label in found if not _is_set_up(entity, path)]


def _is_set_up(entity: Entity, path: str) -> bool:
    """Whether a path leads through set-up, whose owner nobody means."""
    through, dot, _rest = path.partition(".")
    return bool(dot) and registry.get(str(entity.fields[through].relation)).configuration


def copied(entity: Entity, known: Field) -> list[Option]:
    """What could be copied into a field."""
    found = paths(entity, lambda source: values.fits(known, source))
    if known.relation == entity.key or isinstance(known.kind, kinds.AboutKind):
        found.insert(0, ("id", _("This record itself")))
    return found


def hows(known: Field) -> list[str]:
    """The ways in which a field can be filled, the usual one first."""
    if isinstance(known.kind, kinds.AboutKind):
        found = ["of"]
    elif known.kind.name in ("text", "long_text"):
        found = ["text", "of"]
    elif isinstance(known.kind, values.TIMES):
        found = ["in", "fixed", "of"]
    else:
        found = ["fixed", "of"]
    return found if known.required else [*found, "empty"]
