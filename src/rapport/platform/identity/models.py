import itertools
import re
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.keys import KeyField, new_key
from rapport.platform.text import FoldedField, fold


class Organisation(models.Model):
    """The one row that says whose installation this is. ``metadata_version`` rises with every change of set-up;

    ``planted`` names the entities whose grants the roles have been given.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.TextField(default="")
    base_currency = models.CharField(max_length=3, default="USD")
    time_zone = models.TextField(default="UTC")
    country = models.CharField(max_length=2, default="", blank=True)
    first_weekday = models.PositiveSmallIntegerField(default=1)
    fiscal_month = models.PositiveSmallIntegerField(default=1)
    metadata_version = models.BigIntegerField(default=1)
    planted = models.JSONField(default=list)

    class Meta:
        db_table = "organisation"


class ExchangeRate(models.Model):
    """What one unit of ``currency`` costs in the base currency from ``day`` on, as a decimal text."""

    id = models.BigAutoField(primary_key=True)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.TextField()

    class Meta:
        db_table = "exchange_rate"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["currency", "day"], name="exchange_rate_once")
        ]


class Stamped(models.Model):
    """What every stored thing of ours has: a key, when it came and changed, and how often."""

    id = KeyField(primary_key=True, default=new_key, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    created_by = KeyField(null=True, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)
    updated_by = KeyField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    external_source = models.TextField(default="", blank=True)
    external_id = models.TextField(null=True, blank=True)

    class Meta:
        abstract = True


TEAM_KINDS = (("team", _("Team")), ("queue", _("Queue")))


class Team(Stamped):
    """A node of the tree of teams: a leader sees what it and those below it own. Or a queue, where records wait.

    A queue stands outside the tree: it has members, no leader, nothing above or below it. ``is_closed``: nothing waits
    in it any more, and nothing can be put there.
    """

    name = models.TextField(_("name"))
    name_key = FoldedField(of="name")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    leader = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="leads")
    kind = models.TextField(_("kind"), choices=TEAM_KINDS, default="team")
    is_closed = models.BooleanField(_("closed"), default=False)

    class Meta:
        db_table = "team"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="team_external",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Territory(Stamped):
    """A part of the market and the people who work it: a node of the tree of territories.

    ``rule``: a filter as JSON that says which records are in it; ``position``: which of those beside it is asked first.
    ``gives``: who gets new records without owner, ``person`` when it is "person".
    """

    name = models.TextField(_("name"))
    name_key = FoldedField(of="name")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )  # fmt: skip
    description = models.TextField(_("description"), default="", blank=True)
    rule = models.TextField(_("rule"), null=True, blank=True)
    position = models.IntegerField(_("position"), default=0)
    gives = models.TextField(
        _("new ones without owner go to"), default="nobody",
        choices=[("nobody", _("nobody")), ("turn", _("its people in turn")), ("person", _("one person"))],
    )  # fmt: skip
    person = models.ForeignKey(
        "User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("that person")
    )  # fmt: skip
    people: Any = models.ManyToManyField("User", through="TerritoryUser", related_name="territories")

    class Meta:
        db_table = "territory"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="territory_external",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryUser(models.Model):
    """Somebody works a territory; ``given_at``: when he last had his turn."""

    id = models.BigAutoField(primary_key=True)
    territory = models.ForeignKey(Territory, models.CASCADE, db_index=False)
    user = models.ForeignKey("User", models.CASCADE, related_name="+")
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "territory_user"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "user"], name="territory_user_once")
        ]


class UserManager(BaseUserManager):
    """Django's sign-in code asks for a manager of this kind."""


class User(AbstractBaseUser, Stamped):
    """Somebody who works with Rapport. One made by an import is inactive and has no e-mail."""

    email = models.TextField(_("e-mail"), null=True, blank=True)
    name = models.TextField(_("name"))
    name_key = FoldedField(of="name")
    is_active = models.BooleanField(_("active"), default=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    language = models.CharField(max_length=12, default="en")
    time_zone = models.TextField(_("time zone"), null=True, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "user_account"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(Lower("email"), name="user_account_email"),
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="user_account_external",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Who takes what waits in a queue; written by ``records.queues`` alone."""

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        db_table = "team_member"
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]


class Role(Stamped):
    """A permission role: a set of grants. A user may have several. ``key`` is made of the first name and stays."""

    key = models.TextField(unique=True)
    name = models.TextField(_("name"))
    description = models.TextField(_("description"), default="", blank=True)
    needs_second_factor = models.BooleanField(default=False)
    users = models.ManyToManyField(User, through="UserRole", related_name="roles")

    class Meta:
        db_table = "role"

    def __str__(self) -> str:
        return self.name

    def settle(self, before: dict[str, Any] | None) -> None:
        """A new role gets its key: its name as one word, with a number where another has that."""
        if not self.key:
            base = "_".join(re.findall(r"[a-z0-9]+", fold(self.name)))[:60] or "role"
            taken = {key for (key,) in db.rows("SELECT key FROM role")}
            self.key = next(key for n in itertools.count(1) if (key := base if n == 1 else f"{base}_{n}") not in taken)


class UserRole(models.Model):
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    role = models.ForeignKey(Role, models.CASCADE)

    class Meta:
        db_table = "user_role"
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["user", "role"], name="user_role_once")]


class Grant(models.Model):
    """A role may do ``verb`` (view, add, change, delete, export) on ``entity`` (or ``*``) as far as ``level``."""

    id = models.BigAutoField(primary_key=True)
    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    entity = models.TextField()
    verb = models.TextField()
    level = models.TextField(choices=[("own", _("own")), ("team", _("team and below")), ("all", _("all"))])

    class Meta:
        db_table = "role_grant"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["role", "entity", "verb"], name="role_grant_once")
        ]


class FieldLimit(models.Model):
    """A role may see ``field`` of ``entity`` but not set it (``read``), or not even see it (``hidden``)."""

    id = models.BigAutoField(primary_key=True)
    role = models.ForeignKey(Role, models.CASCADE, related_name="field_limits")
    entity = models.TextField()
    field = models.TextField()
    level = models.TextField(choices=[("read", _("read only")), ("hidden", _("hidden"))])

    class Meta:
        db_table = "role_field"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["role", "entity", "field"], name="role_field_once")
        ]


class Session(models.Model):
    """A signed-in browser. The cookie holds the secret, the table its SHA-256.

    ``seen_at`` lags by some minutes (see ``identity.seen``); ``proved_at``: when he last showed that it is he;
    ``as_user``, ``as_until``: through whose eyes he looks meanwhile (see ``identity.viewing``).
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=now, null=True)
    proved_at = models.DateTimeField(default=now, null=True)
    method = models.TextField(default="password")
    address = models.TextField(default="")
    agent = models.TextField(default="")
    as_user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    as_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "user_session"


class ApiToken(models.Model):
    """A token of a user, shown once. ``scope``: read, write or admin."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE)
    name = models.TextField()
    scope = models.TextField(default="write")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"


class SignInAttempt(models.Model):
    """A sign-in that failed or is being tried, kept a day: guessing is slowed down per account and per address."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=now)
    account = models.TextField()
    address = models.TextField()

    class Meta:
        db_table = "sign_in_attempt"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "at"], name="sign_in_account"),
            models.Index(fields=["address", "at"], name="sign_in_address"),
        ]
