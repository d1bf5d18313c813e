"""How somebody proves who he is beside the password, and the trace that it leaves."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.clock import now
from rapport.platform.identity.models import User
from rapport.platform.keys import KeyField


def moment_of_trust() -> int:
    """A generation that no earlier app of the same user has had."""
    return int(now().timestamp() * 1000)


class SecondFactor(models.Model):
    """The authenticator app of a user (RFC 6238). It counts once it is confirmed by a code.

    ``secret`` is sealed with the installation's secret. ``last_step`` is the newest time step whose code was taken, so
    that no code is taken twice. ``trust`` is the generation of trusted devices: it rises when they lose their trust,
    and begins anew with each app.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="second_factor")
    secret = models.TextField()
    created_at = models.DateTimeField(default=now)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    trust = models.BigIntegerField(default=moment_of_trust)

    class Meta:
        db_table = "second_factor"


class RecoveryCode(models.Model):
    """Opens the door once when the second factor is lost. Only a keyed digest is kept."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]


class Passkey(models.Model):
    """A key pair that lives in a device or a password manager of the user (WebAuthn); we hold the public half."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.TextField()
    credential = models.TextField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"


class ExternalIdentity(models.Model):
    """Who a user is at a provider that vouches for him; set at his first sign-in with it.

    ``issuer``: what the provider calls itself (OpenID Connect), or ``saml:`` and the key of the provider.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    issuer = models.TextField()
    subject = models.TextField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "external_identity"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_once"),
        ]


class Invitation(models.Model):
    """A link by which a user sets his password, once and for some days. Its digest is kept; a user has one at most."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="invitation")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "invitation"


class SignInEvent(models.Model):
    """Something that concerns the safety of an account happened. Written by ``sign_ins.record`` alone.

    ``account``: the e-mail address that was typed where there is no such user; ``actor``: who did it, where that was
    somebody else; ``about``: the name of the passkey, token, role or provider concerned.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=now)
    kind = models.TextField()
    user = models.ForeignKey(User, models.CASCADE, null=True)
    actor = KeyField(null=True)
    account = models.TextField(default="")
    about = models.TextField(default="")
    address = models.TextField(default="")
    agent = models.TextField(default="")

    class Meta:
        db_table = "sign_in_event"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["user", "id"], name="sign_in_event_user"),
            models.Index(fields=["at"], name="sign_in_event_at"),
        ]
