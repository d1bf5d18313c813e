"""Pairs of records that may be one, and what a merge moved beside the records."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.keys import KeyField

OPEN, MERGED, DISMISSED = "open", "merged", "dismissed"


class DuplicatePair(models.Model):
    """Two records that may be one: ``bits`` of evidence (in tenths), and why (``reasons``: JSON, see ``pairs``).

    ``compared``: a digest of the values that were compared; a dismissed pair comes back only when they change.
    """

    id = models.BigAutoField(primary_key=True)
    entity = models.TextField()
    first = KeyField()
    second = KeyField()
    bits = models.IntegerField()
    reasons = models.TextField()
    compared = models.TextField()
    state = models.TextField(default=OPEN)
    actor = KeyField(null=True)
    at = models.DateTimeField()
    operation = KeyField(null=True)

    class Meta:
        db_table = "duplicate_pair"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["entity", "state", "-bits", "id"], name="duplicate_pair_queue"),
            models.Index(fields=["second"], name="duplicate_pair_second"),
            models.Index(
                fields=["operation"], name="duplicate_pair_operation", condition=models.Q(operation__isnull=False)
            ),
        ]


class MergeTrace(models.Model):
    """A row beside a merged record that went over to the other: its undoing brings back just these."""

    id = models.BigAutoField(primary_key=True)
    operation = KeyField()
    table = models.TextField(db_column="of_table")
    column = models.TextField(db_column="of_column")
    row = models.BigIntegerField()
    before = KeyField()
    after = KeyField()

    class Meta:
        db_table = "merge_trace"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["operation", "id"], name="merge_trace_operation")]
