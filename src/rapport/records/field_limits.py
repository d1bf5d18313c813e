"""What a role withholds of an object's fields, as administrators set it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS, current
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import FieldLimit, Role
from rapport.platform.jobs import enqueue
from rapport.records import history
from rapport.records.entity import Entity
from rapport.records.errors import Forbidden, Invalid, NotFound, Problem
from rapport.records.field_rights import HIDDEN, READ, FieldRights
from rapport.records.operation import operation

OPEN = "write"
Limits = dict[str, str]


def of(role: str, entity: Entity) -> Limits:
    """What a role withholds of an entity: hidden or read, by field."""
    held: FieldRights = snapshot.held().parts["field_rights"]
    return dict(held.limits.get(entity.key, {}).get(role, {}))


def offered(entity: Entity, name: str) -> tuple[str, ...]:
    """What a role may be given of this field: what the object stands on cannot be hidden."""
    if entity.every[name].read_only:
        return (OPEN,) if name in entity.essential else (OPEN, HIDDEN)
    return (OPEN, READ) if name in entity.essential else (OPEN, READ, HIDDEN)


def limit(role: str, entity: Entity, wanted: Mapping[str, str]) -> Limits:
    """Set what a role may do with some fields: "write", "read" or "hidden" each; what it withholds by now.

    Raises Forbidden to whoever does not look after roles, NotFound, Invalid.
    """
    if current().level("user", "change") < LEVELS["all"]:
        raise Forbidden(_("Only administrators set what roles may do."))
    _check(role, entity, wanted)
    with operation() as done:
        held = Role.objects.select_for_update().get(key=role)
        rows = FieldLimit.objects.filter(role=held, entity=entity.key)
        before: Limits = dict(rows.values_list("field", "level"))
        after = {name: how for name, how in {**before, **wanted}.items() if how != OPEN}
        if after == before:
            return before
        rows.exclude(field__in=after).delete()
        for name, how in after.items():
            FieldLimit.objects.update_or_create(role=held, entity=entity.key, field=name, defaults={"level": how})
        held.version += 1
        held.save(update_fields=["version"])
        told = [{f"fields.{entity.key}": each} for each in (before, after)]
        history.write([history.row(done, "role", held.id, "changed", held.version, *told)])
        snapshot.touch()
        if _hidden(before) != _hidden(after):
            enqueue("records.follow_hidden", {"key": entity.key}, key=entity.key)
    return after


def _hidden(limits: Limits) -> set[str]:
    return {name for name, how in limits.items() if how == HIDDEN}


def _check(role: str, entity: Entity, wanted: Mapping[str, str]) -> None:
    if not Role.objects.filter(key=role).exists():
        raise NotFound(_("There is no role “%(role)s”.") % {"role": role})
    if role == "admin":
        raise Invalid.at("role", _("Administrators see and set every field."), "admin")
    if not entity.takes_fields:
        raise Invalid.at("entity", _("Set-up is seen as a whole: no field of it is withheld."), "entity")
    errors = []
    for name, how in wanted.items():
        try:
            _check_one(entity, name, how)
        except Problem as problem:
            errors += problem.errors
    if errors:
        raise Invalid("; ".join(each["message"] for each in errors), errors=errors)


def _check_one(entity: Entity, name: str, how: str) -> None:
    if name not in entity.every:
        message = _("%(entity)s have no field “%(name)s”.") % {"entity": entity.plural, "name": name}
        raise Invalid.at(name, message, "unknown_field")
    if how not in offered(entity, name):
        words = ", ".join(offered(entity, name))
        raise Invalid.at(name, _("“%(name)s” can be: %(words)s.") % {"name": name, "words": words}, "choice")
