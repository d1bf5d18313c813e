"""Answers kept for a day, so that a repeated request gets the first one again."""

import datetime as dt
from collections.abc import Mapping

from rapport.platform import db
from rapport.platform.clock import now
from rapport.records.models import Answered

KEPT = dt.timedelta(days=1)


class Taken(Exception):
    """Two requests with one key at the same moment."""


def find(actor: str | None, key: str) -> Answered | None:
    """The answer this actor's key has got; older ones are forgotten."""
    Answered.objects.filter(at__lt=now() - KEPT, actor=actor).delete()
    return Answered.objects.filter(actor=actor, key=key).first()


def keep(
    actor: str | None, key: str, fingerprint: str, status: int, headers: Mapping[str, str], body: str
) -> None:  # fmt: skip
    """Remember an answer; raises Taken when the same key was answered meanwhile."""
    row = {"fingerprint": fingerprint, "status": status, "headers": dict(headers), "body": body}
    try:
        Answered.objects.create(actor=actor, key=key, **row)
    except db.IntegrityError as error:
        raise Taken from error
