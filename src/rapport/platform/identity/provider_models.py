"""The providers that vouch for people, and what they have said once and may not say again."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.clock import now
from rapport.platform.identity.models import User
from rapport.platform.keys import KeyField, new_key


class SignInProvider(models.Model):
    """A provider that vouches for people, as an administrator has set it up. Written by ``providers`` alone.

    ``settings``: what its kind needs, and whom it lets in (see :mod:`identity.providers`). ``sealed``: what is secret
    of it, sealed with the installation's secret. ``set_by``: who last said whom it lets in and with which roles; what
    it gives ends where his own rights end. ``tried``: the sign-in that is being tried, or what came of the last try.
    """

    id = KeyField(primary_key=True, default=new_key)
    kind = models.TextField()
    name = models.TextField()
    is_active = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    settings = models.JSONField(default=dict)
    sealed = models.TextField(default="")
    set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    tried = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "sign_in_provider"


class SeenAssertion(models.Model):
    """An assertion that has opened the door, kept until it is past its time: it opens none again."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()

    class Meta:
        db_table = "seen_assertion"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["until"], name="seen_assertion_until")]
