"""The sessions of a user: which there are, ending them, and proving again who one is."""

import datetime as dt
from typing import Any

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.events import stream
from rapport.platform.identity import factors
from rapport.platform.identity.models import Session
from rapport.platform.keys import new_key

FRESH = dt.timedelta(minutes=15)


def of(user: str) -> list[Session]:
    """The sessions of a user that are good, the last used first."""
    return list(Session.objects.filter(user_id=user, expires_at__gt=now()).order_by("-seen_at", "-id")[:200])


def end(user: str, number: int) -> Session | None:
    """End one session of this user; its open pages hear of it at once. The session that was, or None."""
    with db.transaction():
        found = Session.objects.filter(user_id=user, id=number).first()
        if found is not None:
            found.delete()
            _tell(user)
    return found


def end_all(user: str, *, but: int | None = None) -> int:
    """End all sessions of a user, or all but one; trusted devices lose their trust. Returns how many ended."""
    with db.transaction():
        good = Session.objects.filter(user_id=user)
        ended, _each = (good if but is None else good.exclude(id=but)).delete()
        factors.forget_devices(user)
        if ended:
            _tell(user)
    return ended


def is_fresh(number: int) -> bool:
    """Whether the holder of the session has shown lately that it is he."""
    return Session.objects.filter(id=number, proved_at__gt=now() - FRESH).exists()


def proved(number: int) -> None:
    """He has just shown it."""
    Session.objects.filter(id=number).update(proved_at=now())


def _tell(user: str) -> None:
    """An event about the user: whoever serves his open pages looks at their sessions again."""
    at: Any = now()
    if db.is_sqlite():
        at = at.replace(tzinfo=None).isoformat(" ")
    stream.emit("user.sessions_ended", "user", user, None, at=at, actor=user, operation=new_key())
