"""What an account needs beyond its record: a password, roles, and a limit on guessing."""

import functools

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform import db
from rapport.platform.identity import sign_ins, snapshot, throttle
from rapport.platform.identity.devices import Device
from rapport.platform.identity.models import Role, User, UserRole
from rapport.platform.identity.sign_ins import Visitor

SHORTEST = 8
LONGEST = 1024


def password_problem(password: str, email: str = "", name: str = "") -> str | None:
    """Why a password is not good enough, in words; None when it is."""
    if len(password) < SHORTEST:
        return ngettext("Use at least %(n)s character.", "Use at least %(n)s characters.", SHORTEST) % {"n": SHORTEST}
    if len(password) > LONGEST:
        return ngettext("Use at most %(n)s character.", "Use at most %(n)s characters.", LONGEST) % {"n": LONGEST}
    plain = password.lower().strip()
    if password.isdigit() or len(set(plain)) < 4 or _is_common(plain):
        return _("This password is among the first to be guessed; use another.")
    if plain in (email.lower(), email.lower().partition("@")[0], name.lower()):
        return _("Use something else than your name or e-mail address.")
    return None


def _is_common(password: str) -> bool:
    """Whether it is among the twenty thousand that are guessed first (Django's list, read for each new password)."""
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return True
    return False


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


def sign_in(email: str, password: str, visitor: Visitor, device: Device) -> User | None:
    """The active user whose password this is, or None; raises Wait. Takes as long for unknown accounts."""
    account = email.replace("\x00", "").strip().lower()[:254]
    user = by_email(account)
    if user is not None and device.knows(user.id):
        counted, address = f"{account} {device.id}", ""
    else:
        counted, address = account, visitor.address
    throttle.begin(counted, address)
    usable = user is not None and user.is_active and bool(user.password)
    held = user.password if user is not None and usable else _nobody()
    if check_password(password[:LONGEST], held) and usable:
        throttle.succeeded(counted)
        return user
    typed = account if "@" in account and user is None else ""
    sign_ins.record("failed", user.id if user is not None else None, visitor, account=typed)
    return None


def is_password(user: User, password: str, visitor: Visitor) -> bool:
    """Whether somebody who is signed in knows the password of his account; raises Wait."""
    throttle.begin(f"again {user.id}", visitor.address)
    if check_password(password[:LONGEST], user.password or _nobody()) and user.password:
        throttle.succeeded(f"again {user.id}")
        return True
    sign_ins.record("password_wrong", user.id, visitor)
    return False


def by_id(key: str) -> User | None:
    """The active user of this key."""
    return User.objects.filter(id=key, is_active=True).first()


@functools.cache
def _nobody() -> str:
    """A hash that unknown accounts are compared with; made at the first need, since it costs 0.2 s and 100 MB."""
    return make_password("nobody has this password")


def anybody() -> bool:
    """True once somebody can sign in; before, the first visit makes the administrator."""
    return db.one("SELECT 1 FROM user_account WHERE is_active AND password <> '' LIMIT 1") is not None
