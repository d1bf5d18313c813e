"""Passkeys (WebAuthn): a key of the user's device instead of a password. Registering, signing in, removing."""

import json
from dataclasses import dataclass
from typing import Any

from django.core import signing

from rapport.platform import db, lazy
from rapport.platform.clock import now
from rapport.platform.identity import throttle
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_in_models import Passkey

webauthn = lazy("webauthn")
structs = lazy("webauthn.helpers.structs")
problems = lazy("webauthn.helpers.exceptions")
encoding = lazy("webauthn.helpers")
SALT = "rapport.passkey"
PATIENCE = 300
MOST = 20


class Unusable(Exception):
    """What the browser sent proves nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whom the key is for: the name (no port) and the whole origin of this site as the browser sees it."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the browser: ``options`` as it takes them, and ``state`` that comes back with the answer."""

    options: Any
    state: str


def of(user: str) -> list[Passkey]:
    """The passkeys of a user, newest first."""
    return list(Passkey.objects.filter(user_id=user).order_by("-id"))


def ask_to_add(user: User, site: Site, organisation: str) -> Asked:
    """Have the browser make a key pair that this user's other devices do not have yet."""
    verified = structs.UserVerificationRequirement.REQUIRED
    found = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=organisation or "Rapport",
        user_id=bytes.fromhex(user.id),
        user_name=user.email or user.name,
        user_display_name=user.name,
        timeout=PATIENCE * 1000,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=verified
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=encoding.base64url_to_bytes(each.credential))
            for each in of(user.id)
        ],
    )
    return _asked("add", user.id, found)


def add(user: User, site: Site, name: str, state: str, answer: str) -> Passkey:
    """Keep the public half of a new key; raises Unusable."""
    challenge = _challenge("add", user.id, state)
    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.name, expected_origin=site.origin,
            require_user_verification=True,
        )  # fmt: skip
    except (problems.WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Unusable from error
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise Unusable
    try:
        with db.savepoint():
            return Passkey.objects.create(
                user=user,
                name=name,
                credential=encoding.bytes_to_base64url(found.credential_id),
                public_key=found.credential_public_key,
                sign_count=found.sign_count,
            )
    except db.IntegrityError as error:
        raise Unusable from error


def ask_to_sign_in(site: Site) -> Asked:
    """Have the browser offer the keys it has for this site, whoever comes."""
    found = webauthn.generate_authentication_options(
        rp_id=site.name,
        timeout=PATIENCE * 1000,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _asked("use", "", found)


def sign_in(site: Site, state: str, answer: str, address: str) -> tuple[User, Passkey]:
    """Whose key this is; raises Unusable, Wait. A key that was copied (its counter ran back) is refused."""
    counted = f"passkey {state[-60:]}"
    throttle.begin(counted, address)
    challenge = _challenge("use", "", state)
    try:
        held = Passkey.objects.select_related("user").filter(credential=str(json.loads(answer)["id"])[:1500]).first()
        if held is None or not held.user.is_active:
            raise Unusable
        found = webauthn.verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.name, expected_origin=site.origin,
            credential_public_key=bytes(held.public_key), credential_current_sign_count=held.sign_count,
            require_user_verification=True,
        )  # fmt: skip
    except (problems.WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Unusable from error
    throttle.succeeded(counted)
    Passkey.objects.filter(id=held.id).update(sign_count=found.new_sign_count, used_at=now())
    return held.user, held


def remove(user: str, number: int) -> Passkey | None:
    """Forget a key of this user; the key that was, or None."""
    found = Passkey.objects.filter(user_id=user, id=number).first()
    if found is not None:
        found.delete()
    return found


def _asked(what: str, user: str, options: Any) -> Asked:
    challenge = encoding.bytes_to_base64url(options.challenge)
    return Asked(json.loads(webauthn.options_to_json(options)), signing.dumps([what, user, challenge], salt=SALT))


def _challenge(what: str, user: str, state: str) -> bytes:
    """The challenge that was asked; it is good for one answer."""
    try:
        asked, whom, challenge = signing.loads(state, salt=SALT, max_age=PATIENCE)
    except signing.BadSignature as error:
        raise Unusable from error
    if (asked, whom) != (what, user) or not throttle.once(f"challenge {challenge}"):
        raise Unusable
    return bytes(encoding.base64url_to_bytes(challenge))
