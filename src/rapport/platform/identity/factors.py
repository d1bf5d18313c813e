"""The second factor of a user: setting it up, asking for it, recovery codes, and which roles must have one."""

import re
import secrets
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import sealing, totp
from rapport.platform.identity.models import Role
from rapport.platform.identity.sign_in_models import RecoveryCode, SecondFactor

CODES, LETTERS = 10, "abcdefghjkmnpqrstuvwxyz23456789"
SALT = "rapport.second-factor"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has, and must have: ``trust`` is the generation of his trusted devices."""

    on: bool
    needed: bool
    trust: int
    passkeys: int
    codes_left: int


_STANDING = """
SELECT f.confirmed_at, f.trust,
  EXISTS (SELECT 1 FROM user_role x JOIN role r ON r.id = x.role_id WHERE x.user_id = u.id AND r.needs_second_factor),
  (SELECT count(*) FROM passkey p WHERE p.user_id = u.id),
  (SELECT count(*) FROM recovery_code c WHERE c.user_id = u.id AND c.used_at IS NULL)
FROM user_account u LEFT JOIN second_factor f ON f.user_id = u.id WHERE u.id = %s
"""


def standing(user: str) -> Standing:
    """How it stands with the second factor of a user."""
    confirmed, trust, needed, passkeys, left = db.one(_STANDING, (db.key(user),)) or (None, 0, False, 0, 0)
    on = confirmed is not None
    return Standing(on, bool(needed), int(trust or 0), int(passkeys), int(left) if on else 0)


def prepare(user: str) -> str:
    """The secret that is being set up; a new one where none is under way. Nothing counts before :func:`confirm`."""
    with db.transaction():
        held = SecondFactor.objects.select_for_update().filter(user_id=user).first()
        if held is not None and held.confirmed_at is not None:
            raise ValueError("already on")
        secret = sealing.opened(SALT, held.secret) if held is not None else None
        if secret is None:
            secret = totp.new_secret()
            SecondFactor.objects.update_or_create(user_id=user, defaults={"secret": sealing.sealed(SALT, secret)})
    return secret


def confirm(user: str, code: str) -> list[str] | None:
    """Switch the second factor on with the first code of the app; the recovery codes, or None for a wrong code."""
    with db.transaction():
        held = SecondFactor.objects.select_for_update().filter(user_id=user, confirmed_at=None).first()
        step = _step(held, code)
        if held is None or step is None:
            return None
        SecondFactor.objects.filter(user_id=user).update(confirmed_at=now(), last_step=step)
        return new_codes(user)


def check(user: str, code: str) -> str | None:
    """``"app"`` or ``"recovery"`` when the code is good; it is not good a second time."""
    plain = _plain(code)
    with db.transaction():
        held = SecondFactor.objects.select_for_update().filter(user_id=user, confirmed_at__isnull=False).first()
        if held is None:
            return None
        if plain.isdigit() and len(plain) == totp.DIGITS:
            step = _step(held, plain)
            later = SecondFactor.objects.filter(user_id=user, last_step__lt=step or 0)
            return "app" if step is not None and later.update(last_step=step) else None
        unused = RecoveryCode.objects.filter(user_id=user, digest=_digest(user, plain), used_at=None)
        return "recovery" if unused.update(used_at=now()) else None


def new_codes(user: str) -> list[str]:
    """Fresh recovery codes; those from before are worth nothing any more."""
    codes = ["".join(secrets.choice(LETTERS) for _n in range(10)) for _code in range(CODES)]
    with db.transaction():
        RecoveryCode.objects.filter(user_id=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user, digest=_digest(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def switch_off(user: str) -> bool:
    """Without a second factor from now on; False when there was none."""
    with db.transaction():
        RecoveryCode.objects.filter(user_id=user).delete()
        on = SecondFactor.objects.filter(user_id=user, confirmed_at__isnull=False).exists()
        SecondFactor.objects.filter(user_id=user).delete()
    return on


def forget_devices(user: str) -> None:
    """No device is trusted any more."""
    db.execute("UPDATE second_factor SET trust = trust + 1 WHERE user_id = %s", (db.key(user),))


def demand(role: str, wanted: bool) -> None:
    """Whoever has this role must have a second factor: asked for at his next sign-in."""
    Role.objects.filter(key=role).update(needs_second_factor=wanted)


def demands() -> list[tuple[str, str, bool]]:
    """(key, name, whether it must have a second factor) of every role."""
    return list(Role.objects.order_by("name").values_list("key", "name", "needs_second_factor"))


def _step(held: SecondFactor | None, code: str) -> int | None:
    secret = sealing.opened(SALT, held.secret) if held is not None else None
    if held is None or secret is None:
        return None
    return totp.step_of(secret, _plain(code), after=held.last_step)


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()[:40]


def _digest(user: str, code: str) -> str:
    return salted_hmac(SALT + ".code", user + code, algorithm="sha256").hexdigest()
