"""Somebody a provider vouches for arrives: who he is here, the account that is made for him, the roles he is given.

Accounts and roles are given with the rights of the administrator who set the provider up, as they are now: nobody gets
more than he may give.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rapport.platform.actor import Actor, acting_as, as_system
from rapport.platform.identity import access, accounts, sign_ins, vouching
from rapport.platform.identity.models import User
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.sign_ins import Visitor
from rapport.platform.identity.vouched import Person
from rapport.records import appointing, granting, registry, write
from rapport.records.errors import Forbidden, Problem
from rapport.records.operation import operation


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """He does not come in: in words for him, and the reason for the trace."""

    code: str
    words: str
    reason: str


def mapped(held: Provider, said: dict[str, list[str]]) -> set[str]:
    """The roles, by key, that what the provider says of somebody comes to."""
    values = set(said.get(str(held.about.get("role_attribute") or ""), ()))
    found = {role for value, role in held.about.get("role_map") or () if value in values}
    return found if held.about.get("role_admin") else found - {granting.KEPT}


def roles_of(held: Provider, person: Person) -> set[str]:
    """The roles that somebody new gets."""
    usual = str(held.about.get("role") or "")
    return mapped(held, person.said) or ({usual} if usual else set())


def settle(held: Provider, person: Person, visitor: Visitor) -> User:
    """The user he is, made where the set-up says so, with the roles he is due; raises Refusal."""
    found = vouching.found(person, held)
    who = person.email or person.subject
    if found.how in WHY:
        raise Refusal(found.how, why(found.how), f"{who}: {REASONS[found.how]}")
    try:
        if found.user is None:
            return _made(held, person, visitor)
        if found.how == "email":
            vouching.link(found.user, person)
        if held.about.get("role_follows"):
            _follow(held, found.user, person)
    except (Problem, KeyError) as problem:
        words = _("There is no account for you here, and none could be made. Ask an administrator.")
        raise Refusal("account", words, f"{who}: {getattr(problem, 'detail', problem)}") from problem
    return found.user


WHY = ("off", "unknown", "untrusted")
REASONS = {
    "off": "the account here is switched off",
    "unknown": "has no account here, and none is made",
    "untrusted": "has no account here yet, and the address is not of a domain that the provider is trusted for",
}


def why(how: str) -> str:
    """The words for somebody who is nobody here."""
    if how == "off":
        return _("Your account here is switched off. Ask an administrator.")
    return _("%(provider)s knows you, but there is no account for you here. Ask an administrator.")


def _giver(held: Provider) -> Actor:
    """The administrator who set it up, with the rights that he has now; the environment gives as the system."""
    user = accounts.by_id(held.set_by) if held.set_by else None
    if user is None:
        raise Forbidden(_("The administrator who set this provider up is gone. Let another one save it again."))
    return access.actor_of(user, source="system")


def _made(held: Provider, person: Person, visitor: Visitor) -> User:
    """An account for somebody new: he, his roles and his identity, or nothing."""
    values = {"email": person.email, "name": person.name or person.email.split("@")[0]}
    if held.is_fixed:
        with as_system(f"first sign-in with {held.name}"), operation():
            return _new(held, person, values, visitor)
    with acting_as(_giver(held)), operation():
        return _new(held, person, {**values, "team": held.about.get("team") or None}, visitor)


def _new(held: Provider, person: Person, values: Mapping[str, str | None], visitor: Visitor) -> User:
    user: User = write.create(registry.get("user"), values)
    if wanted := roles_of(held, person):
        appointing.appoint(user.id, wanted)
    vouching.link(user, person)
    sign_ins.record("account_made", user.id, visitor, about=held.name)
    return user


def _follow(held: Provider, user: User, person: Person) -> None:
    """The roles that the provider decides about are as it says now; others stay as they are."""
    decided = {role for _value, role in held.about.get("role_map") or ()}
    decided -= set() if held.about.get("role_admin") else {granting.KEPT}
    has = set(appointing.held_by(user.id))
    wanted = (has - decided) | mapped(held, person.said)
    if wanted != has:
        with acting_as(_giver(held)):
            appointing.appoint(user.id, wanted)


def beyond(roles: Iterable[str], actor: Actor) -> list[str]:
    """Those of these roles that may do more than this actor, so that he cannot have them given."""
    return [role for role in roles if granting.exceeds(granting.held_by(role), actor) is not None]
