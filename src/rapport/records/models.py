from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.clock import now
from rapport.platform.identity.models import Stamped
from rapport.platform.keys import KeyField, new_key
from rapport.records import fields
from rapport.records.layout import Consequence, Notice


class Record(Stamped):
    """What every business object has. Verbs are methods of the subclass; nothing here writes by itself."""

    owner = fields.Relation("platform.User", _("owner"), entity="user")
    team = fields.Relation("platform.Team", _("team"), entity="team", editable=False)
    binned_at = models.DateTimeField(null=True, editable=False)
    merged_into = KeyField(null=True, editable=False)
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    def settle(self, before: dict[str, Any] | None) -> None:
        """Put derived fields in order before a write; ``before`` holds the old values, None for a new record.

        Raises Refused when the domain says no. Must not ask the database: bulk writes call it row by row.
        """

    def children(self, before: dict[str, Any] | None) -> list[models.Model]:
        """Rows of side tables that this write adds (stage history …); each has a field ``operation``."""
        return []

    def corrections(self, before: dict[str, Any]) -> list["Correction"]:
        """Rows told earlier that this write moves (a closing date corrected); undone by the same in reverse."""
        return []

    def stories(self, before: dict[str, Any] | None) -> list["Story"]:
        """What this write tells the timelines."""
        return []

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        """Writes to other records that follow from this one, in the same operation; undone with it."""
        return []

    def notices(self, before: dict[str, Any] | None) -> list[Notice]:
        """Who should hear of this write. Mentions and a change of owner are told by the engine."""
        return []


@dataclass(frozen=True, slots=True)
class Correction:
    """Rows of ``model`` that fit ``where`` get ``values``."""

    model: type[models.Model]
    where: dict[str, Any]
    values: dict[str, Any]


class Story:
    """One thing told on timelines: of the record itself and of its parents."""

    __slots__ = ("at", "channel", "summary", "verb")

    def __init__(self, channel: str, verb: str, summary: dict[str, Any], at: Any = None) -> None:
        self.channel, self.verb, self.summary, self.at = channel, verb, summary, at


def record_indexes(table: str, *sorts: str, split: str = "") -> list[models.Index]:
    """Indexes (sort, id), (owner, sort, id), (team, sort, id) of rows not binned; ``id`` itself is the first sort.

    ``split``: the choice that nearly every list asks for (persons, open deals) leads them, so that a rare one is not
    looked for among all the others.
    """
    live = models.Q(binned_at__isnull=True)
    indexes = []
    for sort in ("", *sorts):
        column = [split, sort] if split and sort else [sort] if sort else [split] if split else []
        name = f"{table}_{sort or 'id'}"[:22]
        if sort:
            indexes.append(models.Index(fields=[*column, "id"], name=name, condition=live))
        indexes.append(models.Index(fields=["owner", *column, "id"], name=f"{name}_own", condition=live))
        indexes.append(models.Index(fields=["team", *column, "id"], name=f"{name}_team", condition=live))
    return indexes


def external_once(table: str) -> list[models.UniqueConstraint]:
    """(external_source, external_id) names one record that is not binned."""
    live = models.Q(binned_at__isnull=True, external_id__isnull=False)
    columns = ["external_source", "external_id"]
    return [models.UniqueConstraint(fields=columns, condition=live, name=f"{table}_external")]


class Change(models.Model):
    """The proof: who changed what, from where, before and after. Kept for ever. ``before`` is NULL for a creation."""

    id = models.BigAutoField(primary_key=True)
    operation = KeyField()
    entity = models.TextField()
    record = KeyField()
    verb = models.TextField()
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = KeyField(null=True)
    source = models.TextField()
    before = models.TextField(null=True)
    after = models.TextField(null=True)

    class Meta:
        db_table = "change"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["record", "id"], name="change_record"),
            models.Index(fields=["operation"], name="change_operation"),
        ]


class TimelineEntry(models.Model):
    """What people read: something that happened with ``subject``, told by ``source``."""

    id = models.BigAutoField(primary_key=True)
    subject_entity = models.TextField()
    subject = KeyField()
    at = models.DateTimeField()
    channel = models.TextField()
    verb = models.TextField(default="")
    source_entity = models.TextField()
    source = KeyField()
    actor = KeyField(null=True)
    owner = KeyField(null=True)
    team = KeyField(null=True)
    operation = KeyField()
    summary = models.TextField()

    class Meta:
        db_table = "timeline_entry"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["subject", "at", "id"], name="timeline_subject"),
            models.Index(fields=["source"], name="timeline_source"),
        ]


class KeptTotal(models.Model):
    """Count and sum per board column, owner, currency and closing month ('' while open); kept by every write."""

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    column = KeyField(db_column="column_key")
    owner = KeyField()
    team = KeyField()
    currency = models.CharField(max_length=3)
    period = models.CharField(max_length=7)
    count = models.BigIntegerField()
    amount = models.BigIntegerField()
    base = models.BigIntegerField()

    class Meta:
        db_table = "kept_total"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["entity", "column", "owner", "team", "currency", "period"], name="kept_total_bucket"
            )
        ]
        # Sums are read from the indexes alone: a board adds up thousands of buckets.
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["entity", "column", "period", "count", "base"], name="kept_total_all"),
            models.Index(fields=["entity", "owner", "column", "period", "count", "base"], name="kept_total_own"),
            models.Index(fields=["entity", "team", "column", "period", "count", "base"], name="kept_total_team"),
        ]


class SearchEntry(models.Model):
    """The searchable text of a record, folded, with the tokens of who may find it."""

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    record = KeyField(unique=True)
    text = models.TextField()
    scope = models.TextField()

    class Meta:
        db_table = "search_entry"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["entity", "id"], name="search_entry_newest")]


class ImportRun(models.Model):
    """One import: what came of it, and the operation that undoes it."""

    id = KeyField(primary_key=True, default=new_key)
    operation = KeyField(default=new_key)
    entity = models.TextField()
    file = models.TextField()
    at = models.DateTimeField(default=now)
    actor = KeyField(null=True)
    status = models.TextField(default="running")
    counts = models.JSONField(default=dict)

    class Meta:
        db_table = "import_run"


class Notification(models.Model):
    """Something a user should hear of; where there were many of a kind, one row that counts (no ``record``)."""

    id = models.BigAutoField(primary_key=True)
    user = KeyField(db_column="user_id")
    at = models.DateTimeField()
    reason = models.TextField()
    entity = models.TextField()
    record = KeyField(null=True)
    actor = KeyField(null=True)
    operation = KeyField()
    count = models.PositiveIntegerField(default=1)
    summary = models.TextField(default="{}")
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["user", "id"], name="notification_user"),
            models.Index(fields=["user", "id"], name="notification_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["operation"], name="notification_operation"),
        ]


class Answered(models.Model):
    """The first answer to an Idempotency-Key, given again for a day."""

    id = models.BigAutoField(primary_key=True)
    actor = KeyField(null=True)
    key = models.TextField()
    at = models.DateTimeField(default=now)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()

    class Meta:
        db_table = "answered_request"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["actor", "key"], name="answered_request_once")
        ]


__all__ = [
    "Answered", "Change", "Correction", "ImportRun", "KeptTotal", "Notification", "Record", "SearchEntry", "Story",
    "TimelineEntry",
    "external_once",
    "record_indexes",
]  # fmt: skip
