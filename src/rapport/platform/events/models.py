from typing import Any, ClassVar

from django.db import models

from rapport.platform.keys import KeyField


class Event(models.Model):
    """A published fact. Readers know only ``position``: gap-free, in the order events became visible."""

    id = models.BigAutoField(primary_key=True)
    position = models.BigIntegerField(null=True, unique=True)
    at = models.DateTimeField()
    actor = KeyField(null=True)
    operation = KeyField()
    name = models.TextField()
    entity = models.TextField()
    record = KeyField(null=True)
    version = models.PositiveIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    fields = models.TextField(default="")

    class Meta:
        db_table = "event"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["id"], name="event_unnumbered", condition=models.Q(position__isnull=True))
        ]


class EventCursor(models.Model):
    """How far a consumer has read."""

    consumer = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=0)

    class Meta:
        db_table = "event_cursor"
