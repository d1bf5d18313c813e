"""What an account needs beyond its record: a password, roles, and a limit on guessing."""

import datetime as dt
import functools

from django.contrib.auth.hashers import check_password, make_password

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import snapshot
from rapport.platform.identity.models import Role, SignInAttempt, User, UserRole

SHORTEST = 8
LONGEST = 1024
WINDOW = dt.timedelta(minutes=15)
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 10, 50


class TooManyTries(Exception):
    """Guessing is slowed down; try again in a quarter of an hour."""


def password_problem(password: str, email: str = "") -> str | None:
    """Why a password is not good enough, in words; None when it is."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if password.isdigit() or password.lower() in ("password", "password1", "passwort", "qwertyuiop"):
        return "This password is among the first to be guessed; use another."
    if email and password.lower() == email.lower():
        return "Use something else than your e-mail address."
    return None


def set_password(user: User, password: str) -> None:
    """Store the hash of a password."""
    db.execute("UPDATE user_account SET password = %s WHERE id = %s", (make_password(password), db.key(user.id)))


def give_role(user: User, key: str) -> None:
    """Give a permission role; raises KeyError with the known ones."""
    role = Role.objects.filter(key=key).first()
    if role is None:
        raise KeyError(", ".join(Role.objects.order_by("key").values_list("key", flat=True)))
    UserRole.objects.get_or_create(user=user, role=role)
    snapshot.touch()


def by_email(email: str) -> User | None:
    """The user with this e-mail address."""
    rows = User.objects.raw("SELECT * FROM user_account WHERE lower(email) = %s", [email.strip().lower()])
    return next(iter(rows), None)


def sign_in(email: str, password: str, address: str) -> User | None:
    """The active user whose password this is, or None; raises TooManyTries. Takes as long for unknown accounts."""
    account, since = email.replace("\x00", "").strip().lower()[:254], now() - WINDOW
    failed = SignInAttempt.objects.filter(at__gt=since)
    if failed.filter(account=account).count() >= TRIES_PER_ACCOUNT:
        raise TooManyTries
    if failed.filter(address=address).count() >= TRIES_PER_ADDRESS:
        raise TooManyTries
    user = by_email(account)
    usable = user is not None and user.is_active and bool(user.password)
    held = user.password if user is not None and usable else _nobody()
    if check_password(password[:LONGEST], held) and usable:
        SignInAttempt.objects.filter(account=account).delete()
        return user
    SignInAttempt.objects.filter(at__lt=now() - dt.timedelta(hours=1)).delete()
    SignInAttempt.objects.create(account=account, address=address[:64])
    return None


@functools.cache
def _nobody() -> str:
    """A hash that unknown accounts are compared with; made at the first need, since it costs 0.2 s and 100 MB."""
    return make_password("nobody has this password")


def anybody() -> bool:
    """True once somebody can sign in; before, the first visit makes the administrator."""
    return db.one("SELECT 1 FROM user_account WHERE is_active AND password <> '' LIMIT 1") is not None
