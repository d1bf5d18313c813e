"""Tags on records, and with whom records are shared."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.clock import now
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.kinds.tags import PARTED
from rapport.records.models.record import Record, external_once


class Tag(Record):
    """A word on records, by which they are found again. Without owner everybody's, else its owner's alone."""

    name = fields.Text(_("name"), longest=60, folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    hue = fields.Number(_("colour"), low=0, high=11)
    tags = None  # no tags on tags

    class Meta:
        db_table = "tag"
        constraints: ClassVar[list[Any]] = [
            *external_once("tag"),
            models.UniqueConstraint(
                fields=["name_key"],
                condition=models.Q(owner__isnull=True, binned_at__isnull=True),
                name="tag_shared_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "name_key"],
                condition=models.Q(owner__isnull=False, binned_at__isnull=True),
                name="tag_own_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def settle(self, before: dict[str, Any] | None) -> None:
        if not self.name:
            raise Refused(_("This is needed."), field="name")
        if PARTED.search(self.name):
            raise Refused(_("A tag holds no comma, semicolon or bar: they part tags in files."), field="name")
        if before is not None and before["owner_id"] != self.owner_id:
            raise Refused(_("A tag stays shared or personal; make another."), field="owner")


class RecordTag(models.Model):
    """A tag on a record, shared or personal: the index by which filters find records; written by ``tagging`` alone."""

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", db_index=False)
    record = KeyField()

    class Meta:
        db_table = "record_tag"
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["record", "tag"], name="record_tag_once")]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["tag", "record"], name="record_tag_found")]


class RecordShare(models.Model):
    """A record shared with a user, or with a team and the teams below it; written by ``sharing`` alone."""

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    record = KeyField()
    user = models.ForeignKey("platform.User", models.CASCADE, null=True, related_name="+", db_index=False)
    team = models.ForeignKey("platform.Team", models.CASCADE, null=True, related_name="+", db_index=False)
    level = models.TextField(choices=[("view", _("see")), ("change", _("change"))])
    by = KeyField(null=True)
    at = models.DateTimeField(default=now)

    class Meta:
        db_table = "record_share"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["record", "user"], condition=models.Q(user__isnull=False), name="record_share_user_once"
            ),
            models.UniqueConstraint(
                fields=["record", "team"], condition=models.Q(team__isnull=False), name="record_share_team_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["user", "entity", "record"], name="record_share_user", condition=models.Q(user__isnull=False)
            ),
            models.Index(
                fields=["team", "entity", "record"], name="record_share_team", condition=models.Q(team__isnull=False)
            ),
            models.Index(fields=["record"], name="record_share_record"),
        ]
