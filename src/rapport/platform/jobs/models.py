"""The queue and the clock of recurring jobs: two tables beside the data, so one transaction covers both."""

from django.db import models
from django.db.models import Q

from rapport.platform.clock import now
from rapport.platform.jobs.states import Lane, Status
from rapport.platform.keys import KeyField, new_key


class Job(models.Model):
    """One piece of work: who asked for it, who holds it, how far it is, where it would resume."""

    id = KeyField(primary_key=True, default=new_key)
    name = models.CharField(max_length=100)
    lane = models.CharField(max_length=8, choices=Lane.choices, default=Lane.SHORT)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    args = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL is "no key" and outside the unique rules
    line = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL stands in no line
    # Who asked (NULL: the system, for a reason) and within which token scope.
    actor = KeyField(null=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    scope = models.CharField(max_length=10, default="admin")
    created_at = models.DateTimeField(default=now)
    run_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    # One claim is one lease: its token fences every later write of the worker that got it.
    lease = KeyField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, default="", blank=True)
    cancel_asked = models.BooleanField(default=False)

    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    crashes = models.PositiveIntegerField(default=0)
    error = models.TextField(default="", blank=True)

    state = models.JSONField(default=dict)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        app_label = "platform"
        db_table = "job"
        indexes = [
            models.Index(fields=["status", "lane", "run_at", "id"], name="job_claim"),
            models.Index(fields=["status", "lease_until"], name="job_lease"),
            models.Index(fields=["status", "ended_at"], name="job_ended"),
            models.Index(fields=["line", "id"], condition=Q(line__isnull=False), name="job_line"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=Q(status=Status.WAITING, attempt=0), name="job_one_waiting"
            ),
            models.UniqueConstraint(fields=["name", "key"], condition=Q(status=Status.RUNNING), name="job_one_running"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id} ({self.status})"


class JobSchedule(models.Model):
    """When a recurring job is due next; written only when it becomes due."""

    name = models.CharField(max_length=100, primary_key=True)
    next_at = models.DateTimeField()

    class Meta:
        app_label = "platform"
        db_table = "job_schedule"

    def __str__(self) -> str:
        return f"{self.name} at {self.next_at:%Y-%m-%d %H:%M}"
