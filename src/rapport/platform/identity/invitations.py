"""Links by which a user sets his password: once, for seven days, shown once to whoever made them."""

import datetime as dt
import secrets

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import access, accounts, sessions, sign_ins
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_in_models import Invitation
from rapport.platform.identity.sign_ins import Visitor

SPAN = dt.timedelta(days=7)


def make(user: str, by: str | None, visitor: Visitor) -> str:
    """A new link's secret; the former one is worth nothing from now on."""
    secret = secrets.token_urlsafe(32)
    values = {"digest": access.digest(secret), "created_at": now(), "created_by": by, "expires_at": now() + SPAN}
    with db.transaction():
        Invitation.objects.update_or_create(user_id=user, defaults=values)
        sign_ins.record("invited", user, visitor, actor=by)
    return secret


def of(user: str) -> Invitation | None:
    """The link of this user that is still good."""
    return Invitation.objects.filter(user_id=user, expires_at__gt=now()).first()


def holder(secret: str) -> User | None:
    """The active user whom this link invites, while it is good."""
    held = Invitation.objects.filter(digest=access.digest(secret), expires_at__gt=now(), user__is_active=True)
    found = held.select_related("user").first()
    return None if found is None else found.user


def use(secret: str, password: str, visitor: Visitor) -> User | None:
    """Set the password: the link is used up, the user's sessions end. None when it was no longer good."""
    with db.transaction():
        user = holder(secret)
        if user is None or not Invitation.objects.filter(user=user, digest=access.digest(secret)).delete()[0]:
            return None
        accounts.set_password(user, password)
        user.refresh_from_db(fields=["password"])
        sessions.end_all(user.id)
        sign_ins.record("invitation_used", user.id, visitor)
        return user
