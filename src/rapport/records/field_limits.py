"""What a permission role withholds of an object's fields, as administrators set it, each change with its proof."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rapport.platform.identity import snapshot
from rapport.platform.identity.models import FieldLimit
from rapport.platform.jobs import enqueue
from rapport.records import granting
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Forbidden, Invalid
from rapport.records.field_rights import HIDDEN, READ, FieldRights
from rapport.records.operation import operation

OPEN = "write"
Limits = dict[str, str]


def of(role: str, entity: Entity) -> Limits:
    """What the role of this key withholds of an entity: hidden or read, by field."""
    held: FieldRights = snapshot.current().parts["field_rights"]
    return dict(held.limits.get(entity.key, {}).get(role, {}))


def counts(role: str) -> dict[str, int]:
    """How many fields the role of this key withholds, by entity."""
    held: FieldRights = snapshot.current().parts["field_rights"]
    return {entity: len(by_role[role]) for entity, by_role in held.limits.items() if by_role.get(role)}


def everywhere(role: str) -> Limits:
    """All that the role of this key withholds: ``deal.amount`` -> ``hidden``."""
    found: Limits = {}
    for key in sorted(counts(role)):
        if key in registry:
            found |= told(registry.get(key), of(role, registry.get(key)))
    return found


def offered(entity: Entity, known: Field) -> tuple[str, ...]:
    """What a role may be given of a field: what the object stands on cannot be hidden."""
    read = () if known.read_only and not known.guarded else (READ,)
    return (OPEN, *read, *(() if known.name in entity.essential else (HIDDEN,)))


def limit(key: str, entity: Entity, wanted: Mapping[str, str]) -> str | None:
    """Set what the role ``key`` may do with fields: write, read or hidden each. The operation; None if nothing changed.

    Raises Forbidden to whoever does not look after roles, NotFound, Invalid.
    """
    with operation() as done:
        role = granting.locked(key)
        _check(entity, wanted)
        before = of(role.key, entity)
        changed = {name: how for name, how in wanted.items() if before.get(name, OPEN) != how}
        if not changed:
            return None
        with granting.one_at_a_time():
            for name, how in changed.items():
                rows = FieldLimit.objects.filter(role=role, entity=entity.key, field=name)
                if how == OPEN:
                    rows.delete()
                else:
                    FieldLimit.objects.update_or_create(
                        role=role, entity=entity.key, field=name, defaults={"level": how}
                    )
            old = {name: before.get(name, OPEN) for name in changed}
            granting.prove(done, role, "limited", *({"fields": told(entity, each)} for each in (old, changed)))
        if HIDDEN in {*old.values(), *changed.values()}:
            enqueue("records.follow_hidden", {"key": entity.key}, key=entity.key)
        return done.id


def take_back(key: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Undo a change where it still is what it made; False when some was kept."""
    role = granting.locked(key)
    kept = False
    by_entity: dict[str, Limits] = {}
    for place, how in old.items():
        key_of, _dot, name = place.partition(".")
        now = of(role.key, registry.get(key_of)).get(name, OPEN) if key_of in registry else None
        if now is not None and now == new.get(place):
            by_entity.setdefault(key_of, {})[name] = how
        else:
            kept = True
    for entity, wanted in by_entity.items():
        limit(key, registry.get(entity), wanted)
    return not kept


def told(entity: Entity, limits: Limits) -> Limits:
    """As they are written down: ``deal.amount`` -> ``hidden``."""
    return {f"{entity.key}.{name}": how for name, how in sorted(limits.items())}


def _check(entity: Entity, wanted: Mapping[str, str]) -> None:
    if not entity.takes_fields:
        raise Invalid.at("entity", _("Set-up is seen as a whole: no field of it is withheld."), "entity")
    errors = []
    for name, how in wanted.items():
        try:
            _check_one(entity, name, how)
        except Invalid as problem:
            errors += problem.errors
    if errors:
        raise Invalid("; ".join(each["message"] for each in errors), errors=errors)


def _check_one(entity: Entity, name: str, how: str) -> None:
    known = entity.fields.get(name)
    if known is None:
        message = _("%(entity)s have no field “%(name)s”.") % {"entity": entity.plural, "name": name}
        raise Invalid.at(name, message, "unknown_field")
    if known.guarded and how == OPEN:
        raise Forbidden(_("Nobody gives more than he has: you may not set “%(name)s” yourself.") % {"name": name})
    if how not in offered(entity, known):
        words = ", ".join(offered(entity, known))
        raise Invalid.at(name, _("“%(name)s” can be: %(words)s.") % {"name": name, "words": words}, "choice")
