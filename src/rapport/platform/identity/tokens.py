"""API tokens of a user."""

import datetime as dt

from rapport.platform.clock import now
from rapport.platform.identity.models import ApiToken

SCOPES = ("read", "write", "admin")


def of(user: str) -> list[ApiToken]:
    """The tokens of a user that are not revoked, newest first; expired ones among them."""
    return list(ApiToken.objects.filter(user_id=user, revoked_at=None).order_by("-id")[:200])


def revoke(user: str, number: int) -> ApiToken | None:
    """A token of this user is worth nothing from now on; the token that was, or None."""
    found = ApiToken.objects.filter(user_id=user, id=number, revoked_at=None)
    token = found.first()
    return token if token is not None and found.update(revoked_at=now()) else None


def expires_in(days: int | None) -> dt.datetime | None:
    """The moment a token made now ends; None: never."""
    return None if days is None else now() + dt.timedelta(days=days)
