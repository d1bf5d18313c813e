"""From somebody a provider vouches for to one of our users."""

from dataclasses import dataclass

from rapport.platform import db
from rapport.platform.identity import accounts
from rapport.platform.identity.models import User
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.sign_in_models import ExternalIdentity
from rapport.platform.identity.vouched import Person


@dataclass(frozen=True, slots=True)
class Found:
    """Who it is here. ``how``: ``known`` by his identity, by his ``email`` for the first time; or why it is nobody:

    ``off`` (switched off), ``new`` (may be made), ``unknown``, ``untrusted`` (not of its domains).
    """

    how: str
    user: User | None = None


def found(person: Person, held: Provider) -> Found:
    """Who somebody is here, without writing anything."""
    known = ExternalIdentity.objects.select_related("user").filter(issuer=person.issuer, subject=person.subject).first()
    if known is not None:
        return Found("known", known.user) if known.user.is_active else Found("off")
    if not held.stands_for(person.email):
        return Found("untrusted" if person.email else "unknown")
    user = accounts.by_email(person.email)
    if user is None:
        return Found("new" if held.about.get("makes") else "unknown")
    return Found("email", user) if user.is_active else Found("off")


def link(user: User, person: Person) -> None:
    """From now on this identity is this user, whatever its address becomes."""
    with db.transaction():
        ExternalIdentity.objects.get_or_create(issuer=person.issuer, subject=person.subject, defaults={"user": user})
