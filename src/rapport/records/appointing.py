"""Which permission roles a person has, given and taken with the proof; and the link by which he comes in."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.events import stream
from rapport.platform.identity import access, invitations, snapshot
from rapport.platform.identity.models import Role, User, UserRole
from rapport.platform.identity.sign_ins import Visitor
from rapport.records import granting, history, rows, scope
from rapport.records.entity import registry
from rapport.records.errors import Forbidden, Invalid, Refused
from rapport.records.operation import Operation, operation


def held_by(user: str) -> dict[str, str]:
    """The roles of a user: key -> name, by name."""
    sql = "SELECT r.key, r.name FROM user_role x JOIN role r ON r.id = x.role_id WHERE x.user_id = %s ORDER BY r.name"
    return dict(db.rows(sql, (db.key(user),)))


def appoint(user: str, roles: Iterable[str], *, version: int | None = None) -> str | None:
    """A user has these roles (by key) from now on and no others. The operation, or None when he had just these.

    ``version``: the one of the user that the caller has read.
    """
    with operation() as done:
        held = _held(user)
        rows.expect(held, version)
        return done.id if _set(done, held, set(roles)) else None


def invite(user: str, visitor: Visitor) -> str:
    """The secret of a new link by which a user sets his password.

    Whoever makes it could use it himself: so only for those with no more rights. Raises Forbidden, NotFound, Refused.
    """
    actor = current()
    scope.level(registry.get("role"), actor, "change")
    found = rows.load(registry.get("user"), user, actor, "change")
    if not found.is_active or not found.email:
        raise Refused(_("Switched on and with an e-mail address first."), field="link")
    if granting.exceeds(access.actor_of(found).grants, actor):
        raise Forbidden(_("This person may do more than you: somebody with those rights makes the link."))
    return invitations.make(user, actor.id, visitor)


def take_back(user: str, old: Iterable[str], new: Iterable[str]) -> bool:
    """Undo it, where he still has what it gave him; False when that has changed since."""
    with operation() as done:
        held = _held(user)
        return set(held_by(user)) == set(new) and _set(done, held, set(old) & set(snapshot.current().grants))


def _held(key: str) -> User:
    """A user under lock."""
    user: User = rows.load(registry.get("user"), key, current(), "change", lock=True)
    return user


def _set(done: Operation, user: User, wanted: set[str]) -> bool:
    held = set(held_by(user.id))
    if unknown := wanted - set(snapshot.current().grants):
        raise Invalid.at("roles", _("There is no role “%(role)s”.") % {"role": min(unknown)}, "unknown")
    if wanted == held:
        return False
    _guard(done.actor, wanted ^ held)
    with granting.one_at_a_time():
        UserRole.objects.filter(user=user, role__key__in=held - wanted).delete()
        given = Role.objects.filter(key__in=wanted - held)
        UserRole.objects.bulk_create(UserRole(user=user, role=role) for role in given)
        _prove(done, user, sorted(held), sorted(wanted))
    return True


def _guard(actor: Actor, roles: Iterable[str]) -> None:
    """Who gives a role or takes it away may himself do all that it allows, or he would reach beyond his rights."""
    for role in roles:
        if granting.exceeds(granting.held_by(role), actor):
            raise Forbidden(_("Nobody gives or takes more than he has: this role may do more than you."))


def _prove(done: Operation, user: Any, before: list[str], after: list[str]) -> None:
    was, user.version = user.version, user.version + 1
    user.updated_at, user.updated_by = done.at, done.actor.id
    rows.update(user, set(), was)
    told = {"roles": before}, {"roles": after}
    history.write([history.row(done, "user", user.id, "appointed", user.version, *told)])
    stream.emit(
        "user.appointed", "user", user.id, user.version, at=done.at_param, actor=done.actor.id, operation=done.id,
        fields=("roles",),
    )  # fmt: skip
