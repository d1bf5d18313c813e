"""Mappings kept under a name: for everybody who may import the object, until whoever made one deletes it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.platform.keys import parse_key
from rapport.platform.text import fold
from rapport.records import registry, scope
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.models import ImportMapping, ImportRun
from rapport.records.transfer.runs import proposal

MOST, LONGEST = 200, 80


def kept(entity: Entity) -> list[ImportMapping]:
    """The mappings for this object, by name; none for who may not import it."""
    if not current().may(entity.key, "add"):
        return []
    return list(ImportMapping.objects.filter(entity=entity.key).order_by("name_key")[:MOST])


def called(entity: Entity, name: str) -> ImportMapping:
    """The one of this name; raises NotFound with those there are."""
    scope.level(entity, current(), "add")
    found = ImportMapping.objects.filter(entity=entity.key, name_key=fold(name)).first()
    if found is None:
        known = ", ".join(f"“{each.name}”" for each in kept(entity)) or _("none")
        words = {"name": name, "known": known}
        raise NotFound(_("There is no mapping “%(name)s”, neither a file nor a kept one. Kept: %(known)s.") % words)
    return found


def keep(run: ImportRun, name: str) -> ImportMapping:
    """Keep the mapping of a run under a name; one's own of the same name is written over."""
    entity, actor, name = registry.get(run.entity), current(), " ".join(name.split())
    scope.level(entity, actor, "add")
    if not name or len(name) > LONGEST:
        raise Invalid.at("name", _("Give the mapping a name of at most %(most)s letters.") % {"most": LONGEST}, "range")
    with db.transaction():
        held = ImportMapping.objects.filter(entity=entity.key, name_key=fold(name)).first()
        if held is None and ImportMapping.objects.filter(entity=entity.key).count() >= MOST:
            raise Invalid.at(
                "name", _("%(most)s mappings are kept at most. Delete one first.") % {"most": MOST}, "range"
            )
        if held is not None and not may_change(held, actor):
            raise Forbidden(_("Somebody else keeps a mapping “%(name)s”. Give another name.") % {"name": held.name})
        made = held or ImportMapping(entity=entity.key, actor=actor.id)
        made.name, made.name_key, made.headings, made.at = name, fold(name), run.headings, now()
        made.mapping, made.options = run.mapping, _options(run.options)
        made.save()
    return made


def use(run: ImportRun, key: str) -> ImportMapping:
    """Map a run as is kept: the columns that its file has; unstored."""
    found = _one(key)
    if found.entity != run.entity:
        raise NotFound(_("There is no such mapping any more."))
    run.mapping, run.options = proposal.fitting(run, found.mapping), {**run.options, **_options(found.options)}
    return found


def drop(key: str) -> None:
    """Delete one: for who made it, and administrators."""
    found = _one(key)
    if not may_change(found, current()):
        raise Forbidden(_("Only who made a mapping, or an administrator, deletes it."))
    found.delete()


def may_change(found: ImportMapping, actor: Actor) -> bool:
    """Whether the actor may write over a mapping, or delete it."""
    return actor.is_system or found.actor == actor.id or "admin" in actor.roles


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("match", "on_match") if name in options}


def _one(key: str) -> ImportMapping:
    found = ImportMapping.objects.filter(id=parse_key(key)).first() if parse_key(key) else None
    if found is None or found.entity not in registry or not current().may(found.entity, "add"):
        raise NotFound(_("There is no such mapping any more."))
    return found
