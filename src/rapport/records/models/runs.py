"""What the engine remembers for its doors: imports, answers given, what users should hear, who has what open."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.clock import now
from rapport.platform.keys import KeyField, new_key


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


class ImportMapping(models.Model):
    """A mapping kept under a name, for everybody who may import the object: what MAP.json holds, and how rows match.

    ``headings``: the fingerprint of the columns it was made for; ``name_key`` is the folded name.
    """

    id = KeyField(primary_key=True, default=new_key)
    entity = models.TextField()
    name = models.TextField()
    name_key = models.TextField()
    headings = models.CharField(max_length=32, default="", blank=True)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)
    actor = KeyField(null=True)

    class Meta:
        db_table = "import_mapping"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["entity", "name_key"], name="import_mapping_once")
        ]


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


class Presence(models.Model):
    """Who has which record open, as one web process sees it: ``people`` is a list of [user, entity, record]."""

    id = KeyField(primary_key=True)
    seen_at = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)
    people = models.TextField(default="[]")

    class Meta:
        db_table = "presence"


class BulkRun(models.Model):
    """One deed over everything that a filter finds: what was asked, how far it is, what came of it.

    ``operation`` undoes it. ``deed`` and ``tree`` (the filter) are as asked; records are taken in the order of their
    ids, up to ``until``, and ``last`` is the last one that was looked at. ``most``: it looks at no more than that.
    """

    id = KeyField(primary_key=True, default=new_key)
    operation = KeyField(default=new_key)
    entity = models.TextField()
    deed = models.JSONField()
    tree = models.JSONField(null=True)
    binned = models.BooleanField(default=False)
    until = KeyField(default=new_key)
    last = KeyField(null=True)
    total = models.BigIntegerField(null=True)
    most = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)
    actor = KeyField(null=True)
    status = models.TextField(default="running")
    job = KeyField(null=True)
    problem = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_run"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["actor", "id"], name="bulk_run_actor")]


class BulkLeft(models.Model):
    """A record that a bulk run left alone, and why."""

    id = models.BigAutoField(primary_key=True)
    run = KeyField()
    record = KeyField()
    reason = models.TextField()

    class Meta:
        db_table = "bulk_left"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["run", "id"], name="bulk_left_run")]
