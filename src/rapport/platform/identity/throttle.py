"""Guessing is slowed down: per account and per address, in the database, so that all workers agree.

The first tries are free, then each failure makes the next wait longer, up to a few minutes. So nobody can shut a
colleague out for long; and a browser he has signed in with before has a count of its own, which no stranger reaches.
A try counts as failed from its beginning, so that many at once gain nothing.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity.models import SignInAttempt

WINDOW = dt.timedelta(hours=1)
FIRST, LONGEST = 10, 300


class Wait(Exception):
    """Too many tries: the next is heard after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries within the hour are free."""

    column: str
    free: int


ACCOUNT, ADDRESS = Limit("account", 5), Limit("address", 50)


def seconds(failed: int, free: int) -> int:
    """How long to wait after so many failures."""
    return 0 if failed < free else int(min(FIRST * 2 ** min(failed - free, 10), LONGEST))


def begin(account: str, address: str) -> None:
    """A try on ``account`` from ``address`` begins; raises Wait. Afterwards it counts as failed."""
    account, address = account[:300], address[:64]
    with db.transaction():
        if not db.is_sqlite():  # there is one writer at a time on SQLite
            db.one("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"sign-in {account}",))
        left = max(_left(ACCOUNT, account), _left(ADDRESS, address))
        if not left:
            SignInAttempt.objects.create(account=account, address=address)
    if left:
        raise Wait(left)


def succeeded(account: str) -> None:
    """The try was good: what failed before on this account is forgotten."""
    SignInAttempt.objects.filter(account=account[:300]).delete()


def _left(limit: Limit, value: str) -> int:
    if not value:
        return 0
    recent = SignInAttempt.objects.filter(**{limit.column: value, "at__gt": now() - WINDOW})
    told = recent.aggregate(failed=Count("id"), newest=Max("at"))
    if told["failed"] < limit.free:
        return 0
    until = told["newest"] + dt.timedelta(seconds=seconds(told["failed"], limit.free))
    return max(0, -int(-(until - now()).total_seconds() // 1)) if until > now() else 0


def once(what: str) -> bool:
    """True the first time within the hour (a challenge is answered once)."""
    with db.transaction():
        if not db.is_sqlite():
            db.one("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"sign-in {what}",))
        if SignInAttempt.objects.filter(account=what, at__gt=now() - WINDOW).exists():
            return False
        SignInAttempt.objects.create(account=what, address="")
    return True
