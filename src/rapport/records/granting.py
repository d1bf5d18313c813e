"""What a permission role may do: its grants changed, copied, and the role removed, each with its proof.

Nobody gives more than he has himself, the administrator's role stays whole, and somebody is left who may change it all.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform.actor import LEVELS, VERBS, Actor, current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot, upholding, viewing
from rapport.platform.identity.models import FieldLimit, Grant, Role
from rapport.records import field_rights, history, rows, write
from rapport.records.entity import Entity, registry
from rapport.records.errors import Forbidden, Invalid, Refused
from rapport.records.operation import Operation, operation

EVERYTHING = "*"
KEPT = "admin"  # the role that no one narrows or removes
NAMES = {level: name for name, level in LEVELS.items()}
Place = tuple[str, str]


def verbs_of(entity: Entity | None) -> tuple[str, ...]:
    """The verbs that a role can be given on an entity; on everything: all."""
    if entity is None:
        return VERBS
    gone = {"erase"} if not entity.is_record or entity.kept or entity.part_of else set()
    return tuple(verb for verb in VERBS if verb not in gone | (set() if entity.is_record else {"delete"}))


def levels_of(entity: Entity | None, verb: str) -> tuple[int, ...]:
    """How far a verb can reach: set-up is nobody's own, what is new has no reach, a part goes with its whole."""
    if verb == "add" and not (entity and entity.personal):
        return LEVELS["none"], LEVELS["all"]
    if entity is None:
        return tuple(LEVELS.values())
    if entity.personal or entity.part_of:
        return LEVELS["none"], LEVELS["own"], LEVELS["all"]
    return tuple(LEVELS.values()) if entity.is_record and not entity.configuration else (LEVELS["none"], LEVELS["all"])


def held_by(role: str) -> dict[Place, int]:
    """What the role of this key has been given, place by place; what everything gives is not spread out."""
    return dict(snapshot.current().grants.get(role, {}))


def grant(key: str, changes: Mapping[Place, str], *, version: int | None = None) -> str | None:
    """Set how far a role goes: (entity or ``*``, verb) -> level. Returns the operation, None when nothing changed."""
    wanted = {place: level_of(place, level) for place, level in changes.items()}
    with operation() as done:
        return done.id if _set(done, locked(key, version), wanted) else None


def copy(key: str, name: str, description: str = "") -> Any:
    """A new role called ``name`` that may do what the role ``key`` may."""
    with operation() as done:
        source = rows.load(registry.get("role"), key, current())
        values = {"name": name, "description": description or source.description}
        made = write.create(registry.get("role"), values)
        _set(done, made, held_by(source.key))
        limits = FieldLimit.objects.filter(role=source).values_list("entity", "field", "level")
        FieldLimit.objects.bulk_create(FieldLimit(role=made, entity=e, field=f, level=how) for e, f, how in limits)
        return made


def remove(key: str) -> None:
    """Remove a role that nobody holds."""
    with operation() as done:
        role = locked(key)
        with one_at_a_time():
            if held := role.users.count():
                words = ngettext(
                    "%(n)s person holds this role. Take it away there first.",
                    "%(n)s people hold this role. Take it away there first.", held,
                )  # fmt: skip
                raise Refused(words % {"n": held})
            before = {**rows.values_of(role), "grants": told(held_by(role.key))}
            prove(done, role, "removed", before, None)
            role.delete()


def take_back(key: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Undo a change of grants where they still are what it made of them; False when one was kept."""
    with operation() as done:
        role = locked(key)
        held = told(held_by(role.key))
        changes = {name: level for name, level in old.items() if held.get(name, "none") == new.get(name)}
        _set(done, role, {place_of(name): LEVELS[level] for name, level in changes.items()})
        return len(changes) == len(old)


def place_of(name: str) -> Place:
    """``deal.view`` -> (``deal``, ``view``)."""
    entity, _dot, verb = name.rpartition(".")
    return entity, verb


def exceeds(grants: Mapping[Place, int], actor: Actor) -> Place | None:
    """Where these grants reach farther than the actor does, or to objects of which something is withheld from him."""
    partly = field_rights.limited(actor)
    return next(
        (
            place for place, level in grants.items()
            if level > actor.level(*place) or (level and (place[0] in partly or (place[0] == EVERYTHING and partly)))
        ),
        None,
    )  # fmt: skip


def sees_all_of(viewer: Actor, seen: Actor) -> bool:
    """Whether the one may look through the other's eyes: he learns nothing there that is withheld from himself."""
    return not field_rights.limited(viewer) and viewing.reaches(viewer, seen)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Around a change of who may do what, with the record under lock. Those who make one at once wait here in turn;

    somebody is left who may change it all, and whoever looks through another's eyes begins anew.
    """
    snapshot.touch()
    try:
        before = upholding.somebody()
        yield
        upholding.demand(before)
    except upholding.NobodyLeft as nobody:
        raise Refused(nobody) from nobody
    finally:
        snapshot.forget()  # what was read on the way may be rolled back
    viewing.end_all()


def locked(key: str, version: int | None = None) -> Role:
    """A role under lock, to be changed; raises Refused for the administrator's."""
    role: Role = rows.load(registry.get("role"), key, current(), "change", lock=True)
    rows.expect(role, version)
    if role.key == KEPT:
        raise Refused(_("The administrator's role always may do everything, so that nobody is locked out."))
    return role


def level_of(place: Place, level: str) -> int:
    """How far a level of this name reaches there; raises Invalid."""
    key, verb = place
    if key != EVERYTHING and key not in registry:
        raise Invalid.at("entity", _("There is no “%(entity)s”.") % {"entity": key}, "unknown")
    entity = None if key == EVERYTHING else registry.get(key)
    if verb not in verbs_of(entity):
        raise Invalid.at("verb", _("“%(verb)s” is no right there.") % {"verb": verb}, "choice")
    if level not in LEVELS or LEVELS[level] not in levels_of(entity, verb):
        known = ", ".join(NAMES[each] for each in levels_of(entity, verb))
        raise Invalid.at("level", _("It reaches one of these: %(levels)s.") % {"levels": known}, "choice")
    return LEVELS[level]


def _set(done: Operation, role: Role, wanted: Mapping[Place, int]) -> bool:
    """Store levels, with the proof; False when they are what they were."""
    held = held_by(role.key)
    changed = {place: level for place, level in wanted.items() if held.get(place, 0) != level}
    if not changed:
        return False
    if over := exceeds(changed, current()):
        what = registry.get(over[0]).label_plural if over[0] != EVERYTHING else _("Everything")
        words = _("Nobody gives more than he has: your own rights end before this one (%(what)s).")
        raise Forbidden(words % {"what": what})
    given = _given(role.key)
    before = {place: held.get(place, 0) for place in changed}
    with one_at_a_time():
        for (entity, verb), level in changed.items():
            stored = Grant.objects.filter(role=role, entity=entity, verb=verb)
            if level or (entity, verb) in given:  # "none" is written down where something is given by itself
                Grant.objects.update_or_create(role=role, entity=entity, verb=verb, defaults={"level": NAMES[level]})
            else:
                stored.delete()
        prove(done, role, "granted", {"grants": told(before)}, {"grants": told(changed)})
    return True


def _given(role: str) -> Mapping[Place, int]:
    """What parts of the set-up give a seeded role of themselves."""
    parts = snapshot.current().parts.values()
    return {place: level for part in parts for place, level in getattr(part, "grants", {}).get(role, {}).items()}


def told(grants: Mapping[Place, int]) -> dict[str, str]:
    """Grants as they are written down: ``deal.view`` -> ``own``."""
    return {f"{entity}.{verb}": NAMES[level] for (entity, verb), level in sorted(grants.items())}


def prove(
    done: Operation, role: Role, verb: str, before: dict[str, Any], after: dict[str, Any] | None
) -> None:  # fmt: skip
    """A role has changed: its version, the change before and after, the event."""
    was, role.version = role.version, role.version + 1
    role.updated_at, role.updated_by = done.at, done.actor.id
    rows.update(role, set(), was)
    history.write([history.row(done, "role", role.id, verb, role.version, before, after)])
    stream.emit(
        f"role.{verb}", "role", role.id, role.version, at=done.at_param, actor=done.actor.id, operation=done.id,
        fields=tuple(after) if after and verb != "removed" else (),
    )  # fmt: skip
