"""View as: an administrator looks at Rapport through the eyes of a user, for half an hour at most, and changes nothing.

Through whose eyes a session looks stands in its row; the statement that finds out who came reads it there.
"""

import datetime as dt

from rapport.platform import db
from rapport.platform.actor import LEVELS, Actor
from rapport.platform.clock import now
from rapport.platform.identity import sign_ins
from rapport.platform.identity.models import Session
from rapport.platform.identity.sign_ins import NOBODY, Visitor

SPAN = dt.timedelta(minutes=30)


def reaches(viewer: Actor, seen: Actor) -> bool:
    """Whether the one may do all that the other may: what is the other's own, the one must reach as everybody's."""
    return all(
        viewer.level(entity, verb) >= LEVELS["all"] for (entity, verb), level in seen.grants.items() if level > 0
    )


def begin(session: int, viewer: str, user: str, visitor: Visitor) -> None:
    """From now on this session of ``viewer`` sees what ``user`` sees."""
    with db.transaction():
        end(session, visitor)
        Session.objects.filter(id=session, user_id=viewer).update(as_user=user, as_until=now() + SPAN)
        sign_ins.record("view_as_began", user, visitor, actor=viewer)


def end(session: int, visitor: Visitor = NOBODY) -> bool:
    """The session sees again what is its user's own; False when it did."""
    with db.transaction():
        held = Session.objects.filter(id=session).exclude(as_user=None).first()
        if held is None:
            return False
        Session.objects.filter(id=session).update(as_user=None, as_until=None)
        sign_ins.record("view_as_ended", held.as_user_id, visitor, actor=held.user_id)
        return True


def end_all() -> None:
    """Rights have changed: whoever looks through another's eyes begins anew, if he still may."""
    _end(list(Session.objects.exclude(as_user=None).values_list("id", flat=True)))


def end_expired() -> None:
    """Write down the end of those whose time has run out."""
    _end(list(Session.objects.filter(as_until__lt=now()).values_list("id", flat=True)))


def _end(sessions: list[int]) -> None:
    for session in sessions:
        end(session)
