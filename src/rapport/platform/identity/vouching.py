"""From somebody a provider vouches for to one of our users."""

from rapport.platform import db
from rapport.platform.identity import accounts
from rapport.platform.identity.models import User
from rapport.platform.identity.oidc import Person
from rapport.platform.identity.sign_in_models import ExternalIdentity


def known(person: Person) -> User | None:
    """The active user of this identity; the first time the one with the same verified e-mail address."""
    held = ExternalIdentity.objects.select_related("user").filter(issuer=person.issuer, subject=person.subject).first()
    if held is not None:
        return held.user if held.user.is_active else None
    user = accounts.by_email(person.email) if person.email else None
    if user is None or not user.is_active:
        return None
    link(user, person)
    return user


def is_taken(person: Person) -> bool:
    """Whether the identity or the address belongs to somebody already (who may be inactive)."""
    held = ExternalIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    return held.exists() or accounts.by_email(person.email) is not None


def link(user: User, person: Person) -> None:
    """From now on this identity is this user, whatever its address becomes."""
    with db.transaction():
        ExternalIdentity.objects.get_or_create(issuer=person.issuer, subject=person.subject, defaults={"user": user})
