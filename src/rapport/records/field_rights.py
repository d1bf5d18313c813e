"""Which fields somebody sees and may set.

A role can withhold fields of an object: hidden, or read only. Somebody with several roles sees a field as the most
generous of those by which he reaches the object. ``Entity.fields`` is what the actor at work sees: a hidden field is
unknown to him wherever a field can be named, so whatever is derived from the fields keeps it without asking.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapport.platform import db
from rapport.platform.actor import CLOSED, Actor, Grants
from rapport.platform.identity import snapshot
from rapport.records.entity import registry

HIDDEN, READ = "hidden", "read"
SETTING = ("add", "change")
TOUCHING = (*SETTING, "delete", "erase")


@dataclass(frozen=True, slots=True)
class Withheld:
    """Names of fields that are hidden from somebody, and of those that he may not set."""

    hidden: frozenset[str]
    fixed: frozenset[str]


@dataclass(frozen=True, slots=True)
class FieldRights:
    """What roles withhold, as every worker holds it. ``limits``: by entity and role, fields with hidden or read."""

    limits: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def of(self, roles: Iterable[str], entity: str, granted: Mapping[str, Grants]) -> Withheld | None:
        """What is withheld of an entity from somebody with these roles; None where nothing is. ``granted``: by role."""
        by_role = self.limits.get(entity)
        if not by_role:
            return None
        seen = [by_role.get(role, {}) for role in roles if _gives(granted, role, entity, ("view",))]
        set_ = [by_role.get(role, {}) for role in roles if _gives(granted, role, entity, SETTING)]
        hidden = _all_of([{name for name, how in each.items() if how == HIDDEN} for each in seen])
        fixed = _all_of([set(each) for each in set_])
        return Withheld(hidden, fixed | hidden) if hidden or fixed else None

    def seen(self, actor: Actor, entity: str, granted: Mapping[str, Grants]) -> Withheld | None:
        """What is withheld of an entity from an actor."""
        if entity not in self.limits:
            return None
        mark = "withheld", entity
        if mark not in actor.known:
            actor.known[mark] = self.of(actor.roles, entity, granted)
        found: Withheld | None = actor.known[mark]
        return found

    def unsearched(self, entity: str) -> frozenset[str]:
        """Fields that are hidden from anybody: search does not look at them."""
        by_role = self.limits.get(entity, {})
        return frozenset(name for each in by_role.values() for name, how in each.items() if how == HIDDEN)

    def narrow(self, roles: Iterable[str], grants: Grants, granted: Mapping[str, Grants]) -> Grants:
        """What somebody with these roles may do, without the parts that hold copies of what is withheld from him."""
        if not self.limits:
            return grants
        found = dict(grants)
        for part in registry:
            held = self.of(roles, part.whole.key, granted) if part.copies else None
            if held is None:
                continue
            if not held.hidden.isdisjoint(part.copies):
                found |= {(part.key, verb): CLOSED for verb in ("view", "export", *TOUCHING)}
            elif not held.fixed.isdisjoint(part.copies):
                found |= {(part.key, verb): CLOSED for verb in TOUCHING}
        return found


def limited(actor: Actor) -> frozenset[str]:
    """The entities of which something is withheld from the actor."""
    held = snapshot.current()
    rights: FieldRights = held.parts["field_rights"]
    return frozenset(key for key in rights.limits if actor.id and rights.seen(actor, key, held.grants))


def _gives(granted: Mapping[str, Grants], role: str, entity: str, verbs: Iterable[str]) -> bool:
    held = granted.get(role, {})
    return any(held.get((each, verb)) for each in (entity, "*") for verb in verbs)


def _all_of(found: list[set[str]]) -> frozenset[str]:
    return frozenset(set.intersection(*found)) if found else frozenset()


@snapshot.part("field_rights")
def _load() -> FieldRights:
    limits: dict[str, dict[str, dict[str, str]]] = {}
    sql = "SELECT f.entity, r.key, f.field, f.level FROM role_field f JOIN role r ON r.id = f.role_id"
    for entity, role, name, how in db.rows(sql):
        limits.setdefault(entity, {}).setdefault(role, {})[name] = how
    return FieldRights(limits)
