"""An automation, how far it has come, and each time it ran."""

from typing import Any, ClassVar

import orjson
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.automation.kinds import Plan
from rapport.automation.plan.checking import Checker
from rapport.automation.plan.steps import Step, automatable, problems, steps_of
from rapport.automation.plan.triggers import TIMED
from rapport.platform.actor import LEVELS, current
from rapport.platform.events.stream import latest
from rapport.platform.keys import KeyField, new_key
from rapport.records import fields, registry
from rapport.records.errors import Invalid, Refused
from rapport.records.intake import place_for
from rapport.records.models import Record, external_once

WAITING, DONE, STOPPED, FAILED = "waiting", "done", "stopped", "failed"
STATES = (
    (WAITING, gettext_lazy("Waiting")), (DONE, gettext_lazy("Done")), (STOPPED, gettext_lazy("Stopped")),
    (FAILED, gettext_lazy("Failed")),
)  # fmt: skip
CREATED = orjson.dumps({"on": "created"}).decode()


class Automation(Record):
    """When something happens, if a record fits, then steps. It does what its owner may: whoever last said what it does.

    ``trigger``, ``filter`` and ``steps`` are JSON (see ``plan``). ``all_rights``: it acts as the system, which only who
    may change everything can say. ``hears_from``: the position in the stream of events from which on it listens;
    ``is_timed``: the clock begins it.
    """

    name = fields.Text(gettext_lazy("name"), longest=100, null=False, default="")
    entity = fields.Text(gettext_lazy("object"), longest=60, null=False, default="")
    is_active = fields.YesNo(gettext_lazy("switched on"), default=False)
    trigger = Plan(gettext_lazy("when"), null=False, default=CREATED)
    filter = fields.Filter(gettext_lazy("if"))
    steps = Plan(gettext_lazy("then"))
    all_rights = fields.YesNo(gettext_lazy("acts with all rights"), default=False)
    hears_from = models.BigIntegerField(default=0, editable=False)
    is_timed = models.BooleanField(default=False, editable=False)
    tags = None  # no tags on set-up

    class Meta:
        db_table = "automation"
        constraints: ClassVar[list[Any]] = external_once("automation")

    def __str__(self) -> str:
        return self.name

    @property
    def when(self) -> dict[str, Any]:
        """Its trigger."""
        return dict(orjson.loads(self.trigger))

    @property
    def tree(self) -> Any:
        """Its condition."""
        return orjson.loads(self.filter) if self.filter else None

    @property
    def then(self) -> list[Step]:
        """Its steps."""
        return steps_of(self.steps)

    def settle(self, before: dict[str, Any] | None) -> None:
        """What it names must be there; whoever says what it does is its owner from then on."""
        if self.binned_at or (before and not self.is_active and not self._rewritten(before)):
            return  # what is not carried out may name what is gone
        if self.entity not in registry or not automatable(registry.get(self.entity)):
            raise Refused(_("Choose what it is about."), field="entity")
        checker = Checker(registry.get(self.entity), current(), place_for(current()))
        kept = orjson.loads(self.steps) if self.steps else None
        if errors := problems(checker, self.when, self.tree, kept):
            raise Invalid(errors[0]["message"], errors=errors)
        if self.is_active and not self.then:
            raise Refused(_("Say first what it does."), field="steps")
        self._settle_rights(before or {})
        self.is_timed = self.when["on"] in TIMED
        heard = ("entity", "trigger", "filter", "is_active", "binned_at")
        if before is None or any(getattr(self, name) != before[name] for name in heard):
            self.hears_from = latest()

    def _rewritten(self, old: dict[str, Any]) -> bool:
        return any(getattr(self, name) != old[name] for name in ("entity", "trigger", "filter", "steps", "all_rights"))

    def _settle_rights(self, old: dict[str, Any]) -> None:
        if old and not self._rewritten(old):
            return
        if self.all_rights and current().level("*", "change") < LEVELS["all"]:
            raise Refused(_("Only who may change everything can let it act with all rights."), field="all_rights")
        self.owner_id = current().id


class AutomationState(models.Model):
    """How far an automation has come: when the clock begins it next, whose turn it is, how often it failed in a row.

    ``heard``: where the automation began to listen when this was worked out; ``looked_at``: dates up to here are dealt
    with; ``turns``: by step, who had the last turn; ``told_at``: when its owner last heard that it stopped.
    """

    automation = models.OneToOneField(Automation, models.CASCADE, primary_key=True, related_name="+")
    heard = models.BigIntegerField(default=-1)
    since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    turns = models.JSONField(default=dict)
    failures = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "automation_state"


class AutomationSweep(models.Model):
    """An automation goes through many records, slice by slice: those of an import, or all that fit at a set time.

    ``operation``: whose creations it goes through; else the records themselves. ``after``: how far it has come.
    """

    id = KeyField(primary_key=True, default=new_key)
    automation = models.ForeignKey(Automation, models.CASCADE, related_name="+", db_index=False)
    occasion = models.TextField()
    operation = KeyField(null=True)
    after = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "automation_sweep"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["automation", "occasion"], name="automation_sweep_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["id"], name="automation_sweep_open", condition=models.Q(ended_at=None))
        ]


class AutomationRun(models.Model):
    """One automation for one record on one occasion: how far it is, and what each step did.

    ``operation`` names all it writes, so that it is undone as one, and so that what it caused is known to be caused by
    it: ``depth`` counts how many runs led to this one. ``plan``: the steps as they were when it began to wait, so that
    it goes on with what it began. ``watches``: it wakes when the record changes; ``approval``: the one it waits for.
    """

    id = KeyField(primary_key=True, default=new_key)
    automation = models.ForeignKey(Automation, models.CASCADE, related_name="+", db_index=False)
    entity = models.TextField()
    record = KeyField()
    occasion = models.TextField()
    event = models.TextField(default="", blank=True)
    operation = KeyField(default=new_key)
    cause = KeyField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=8, choices=STATES, default=WAITING)
    step = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    plan = models.TextField(default="")
    watches = models.BooleanField(default=False)
    approval = KeyField(null=True)
    wake_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    said = models.TextField(default="", blank=True)
    log = models.JSONField(default=list)

    class Meta:
        db_table = "automation_run"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["automation", "record", "occasion"], name="automation_run_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["automation", "id"], name="automation_run_log"),
            models.Index(fields=["automation", "status", "id"], name="automation_run_state"),
            models.Index(fields=["record", "id"], name="automation_run_record"),
            models.Index(fields=["operation"], name="automation_run_operation"),
            models.Index(fields=["wake_at", "id"], name="automation_run_due", condition=models.Q(status=WAITING)),
            models.Index(
                fields=["record"], name="automation_run_watching", condition=models.Q(status=WAITING, watches=True)
            ),
            models.Index(fields=["ended_at"], name="automation_run_ended"),
            models.Index(fields=["approval"], name="automation_run_asks", condition=models.Q(approval__isnull=False)),
        ]
