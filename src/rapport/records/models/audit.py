"""What left the house: files that somebody took along, and what programs read."""

from typing import Any, ClassVar

from django.db import models

from rapport.platform.clock import now
from rapport.platform.keys import KeyField, new_key


class ExportRun(models.Model):
    """Records taken out as a file: who, of what, which of them, how many. Written when it begins, completed at its end.

    ``source`` is the door (``ui``, ``export`` for the command line …), ``visitor`` the address or the login behind it,
    ``tree`` the filter, ``asked`` what else narrowed it. Kept for ever.
    """

    id = KeyField(primary_key=True, default=new_key)
    at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    actor = KeyField(null=True)
    source = models.TextField()
    visitor = models.TextField(default="", blank=True)
    entity = models.TextField()
    format = models.TextField()
    tree = models.JSONField(null=True)
    asked = models.JSONField(default=dict)
    fields = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    status = models.TextField(default="running")

    class Meta:
        db_table = "export_run"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["actor", "id"], name="export_run_actor")]


class ReadTally(models.Model):
    """How often, and how many records, a user's programs read of one kind on one day. ``token`` is 0 without one."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    user = KeyField(db_column="user_id")
    token = models.BigIntegerField(default=0)
    source = models.TextField()
    entity = models.TextField()
    requests = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)

    class Meta:
        db_table = "read_tally"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["day", "user", "token", "source", "entity"], name="read_tally_once")
        ]
