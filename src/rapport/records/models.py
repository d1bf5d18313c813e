from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.platform.clock import now
from rapport.platform.identity.models import Stamped
from rapport.platform.keys import KeyField, new_key
from rapport.platform.text import FoldedField
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.kinds.tags import PARTED
from rapport.records.layout import Consequence, Notice


class Record(Stamped):
    """What every business object has. Verbs are methods of the subclass; nothing here writes by itself."""

    owner = fields.Relation("platform.User", _("owner"), entity="user")
    team = fields.Relation("platform.Team", _("team"), entity="team", editable=False)
    binned_at = models.DateTimeField(null=True, editable=False)
    merged_into = KeyField(null=True, editable=False)
    custom = models.JSONField(default=dict, blank=True)
    tags = fields.Tags(_("tags"))

    # Ids of the writer's personal tags that this write sets; None leaves them alone.
    own_tags: ClassVar[Any] = None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, "name", None) or getattr(self, "title", None) or self.pk)

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
        """What this write tells the timelines: unless said otherwise, that it was made and what became of it."""
        if before is None:
            return [Story("record", "created", {"subject": str(self)}, self.created_at)]
        status = getattr(self, "status", None)
        if status is None or status == before.get("status"):
            return []
        label = str(self._meta.get_field("status").kind.label(status))  # type: ignore[union-attr]
        return [Story("record", "moved", {"subject": str(self), "stage": label, "status": status})]

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        """Writes to other records that follow from this one, in the same operation; undone with it."""
        return []

    def notices(self, before: dict[str, Any] | None) -> list[Notice]:
        """Who should hear of this write. Mentions and a change of owner are told by the engine."""
        return []

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        """What new records need to know of others, asked once for all of them just before they are stored."""

    def amends(self) -> list[Consequence]:
        """What brings this record and others into step again when an undo could take back only a part."""
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


def record_indexes(table: str, *sorts: str, split: str = "", by: Sequence[str] = ()) -> list[models.Index]:
    """Indexes (sort, id), (owner, sort, id), (team, sort, id) of rows not binned; ``id`` itself is the first sort.

    ``by``: relations whose targets show these records in a panel.

    ``split``: the choice that nearly every list asks for (persons, open deals) leads them, so that a rare one is not
    looked for among all the others.
    """
    live = models.Q(binned_at__isnull=True)
    indexes = [models.Index(fields=[each, "id"], name=f"{table}_{each}"[:22], condition=live) for each in by]
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


class DatumSource(models.Model):
    """Where somebody says that a datum comes from, and as of when. The newest row of a field holds; none is changed."""

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    record = KeyField()
    field = models.TextField()
    source = models.TextField(null=True)
    as_of = models.DateField(null=True)
    actor = KeyField(null=True)
    at = models.DateTimeField()
    operation = KeyField()

    class Meta:
        db_table = "datum_source"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["record", "id"], name="datum_source_record")]


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


class ImportRun(models.Model):
    """One import from its file to its undoing: what was asked, how far it is, what came of it.

    ``operation`` undoes it; ``sample`` is the file's beginning as the mapping screen shows it, ``headings`` a
    fingerprint of its columns, ``mapping`` what MAP.json holds, ``checked`` the outcome of a dry run.
    """

    id = KeyField(primary_key=True, default=new_key)
    operation = KeyField(default=new_key)
    entity = models.TextField()
    file = models.TextField()
    at = models.DateTimeField(default=now)
    actor = KeyField(null=True)
    status = models.TextField(default="running")
    counts = models.JSONField(default=dict)
    size = models.BigIntegerField(default=0)
    headings = models.CharField(max_length=32, default="", blank=True)
    sample = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    checked = models.JSONField(default=dict)
    job = KeyField(null=True)
    problem = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)

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
    "Answered", "Change", "Correction", "DatumSource", "ImportRun", "KeptTotal", "Notification", "Record",
    "RecordShare", "RecordTag", "SearchEntry", "Story", "Tag", "TimelineEntry", "external_once",
    "record_indexes",
]  # fmt: skip


class Presence(models.Model):
    """Who has which record open, as one web process sees it: ``people`` is a list of [user, entity, record]."""

    id = KeyField(primary_key=True)
    seen_at = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)
    people = models.TextField(default="[]")

    class Meta:
        db_table = "presence"
