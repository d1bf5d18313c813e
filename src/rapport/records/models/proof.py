"""What a write leaves beside the record: its change, its timeline, its totals, its words, where a datum comes from."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.keys import KeyField


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
            models.Index(fields=["actor", "operation"], name="change_actor"),
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


NOBODY = "0" * 32  # stands for no owner, no team, no territory


class KeptTotal(models.Model):
    """Count and sum per board column, owner, team, territory (NOBODY: none), currency and closing month ('' while
    open); kept by every write."""

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    column = KeyField(db_column="column_key")
    owner = KeyField()
    team = KeyField()
    territory = KeyField(default=NOBODY)
    currency = models.CharField(max_length=3)
    period = models.CharField(max_length=7)
    count = models.BigIntegerField()
    amount = models.BigIntegerField()
    base = models.BigIntegerField()

    class Meta:
        db_table = "kept_total"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["entity", "column", "owner", "team", "currency", "period", "territory"],
                name="kept_total_bucket",
            )
        ]
        # Sums are read from the indexes alone: a board adds up thousands of buckets.
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["entity", "column", "period", "count", "base"], name="kept_total_all"),
            models.Index(fields=["entity", "owner", "column", "period", "count", "base"], name="kept_total_own"),
            models.Index(fields=["entity", "team", "column", "period", "count", "base"], name="kept_total_team"),
            models.Index(
                fields=["entity", "territory", "column", "period", "count", "base", "owner", "team"],
                name="kept_total_place",
                condition=models.Q(territory__gt=NOBODY),
            ),
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


class KnownWord(models.Model):
    """A word that records are found by, and its consonants, by which misspelt ones lead to it."""

    word = models.TextField(primary_key=True)
    skeleton = models.TextField()

    class Meta:
        db_table = "known_word"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["skeleton"], name="known_word_skeleton")]


class SearchLearnt(models.Model):
    """One row: the search entry up to which words have been learnt."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    entry = models.BigIntegerField()

    class Meta:
        db_table = "search_learnt"
