import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties.models import Party
from rapport.platform.clock import midnight, now
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField
from rapport.records import action, fields
from rapport.records.errors import Refused
from rapport.records.models import (
    Correction,
    Record,
    Story,
    TimelineEntry,
    external_once,
    record_indexes,
    territory_indexes,
)
from rapport.sales.pipelines import StageInfo, pipelines, stage_info

STAGE_KINDS = (("open", _("Open")), ("won", _("Won")), ("lost", _("Lost")))


class Pipeline(Record):
    """An order of stages that deals go through."""

    name = fields.Text(_("name"), folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    position = fields.Number(_("position"), null=False, default=0)
    tags = None  # set-up is not tagged

    class Meta:
        db_table = "pipeline"
        constraints = external_once("pipeline")

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """A step of a pipeline. ``probability`` in percent; ``stuck_days``: a deal that rests longer is marked."""

    pipeline = fields.Relation(Pipeline, _("pipeline"), entity="pipeline", null=False)
    name = fields.Text(_("name"), folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    position = fields.Number(_("position"), null=False, default=0)
    kind = fields.Choice(_("kind"), options=STAGE_KINDS, default="open")
    probability = fields.Number(_("probability"), low=0, high=100, unit="%", null=False, default=0)
    stuck_days = fields.Number(_("stuck after days"), low=1)
    tags = None  # set-up is not tagged

    class Meta:
        db_table = "stage"
        constraints = external_once("stage")

    def __str__(self) -> str:
        return self.name


class Deal(Record):
    """A possible sale on its way through a pipeline."""

    name = fields.Text(_("name"), folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    party = fields.Relation(Party, _("customer"), entity="party")
    pipeline = fields.Relation(Pipeline, _("pipeline"), entity="pipeline", null=False)
    stage = fields.Relation(Stage, _("stage"), entity="stage", null=False)
    status = fields.Choice(_("status"), options=STAGE_KINDS, default="open")
    amount = fields.Money(_("value"), base="amount_base")
    amount_base = models.BigIntegerField(null=True, editable=False)
    currency = fields.Currency(_("currency"), null=False, default="")
    probability = fields.Number(_("likely"), low=0, high=100, unit="%")
    opened_on = fields.Day(_("opened"))
    close_on = fields.Day(_("expected close"))
    closed_on = fields.Day(_("closed"))
    lost_reason = fields.Text(_("reason lost"), longest=200)
    stage_since = fields.Moment(_("in stage since"), default=now, editable=False)
    territory = fields.Relation("platform.Territory", _("territory"), entity="territory", editable=False)

    class Meta:
        db_table = "deal"
        constraints = external_once("deal")
        indexes = [
            *record_indexes("deal", "close_on", "amount_base", split="status"),
            *territory_indexes("deal", "close_on", "amount_base", split="status"),
            models.Index(
                fields=["territory", "stage", "stage_since", "id"],
                name="deal_stage_place",
                condition=models.Q(territory__isnull=False, binned_at__isnull=True),
            ),
            models.Index(fields=["stage", "stage_since", "id"], name="deal_stage"),
            models.Index(fields=["owner", "stage", "stage_since", "id"], name="deal_stage_own"),
            models.Index(fields=["team", "stage", "stage_since", "id"], name="deal_stage_team"),
            models.Index(fields=["party", "status", "id"], name="deal_party", condition=models.Q(party__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @action("change", label=_("Move to"))
    def move_to(self, stage: str, lost_reason: str | None = None) -> None:
        """Put the deal into another stage of its pipeline; closing and re-opening set status and dates."""
        info = self._stage(stage)
        if info.kind == "lost" and not (lost_reason or self.lost_reason):
            raise Refused(_("Say why it was lost."), field="lost_reason", demands=["lost_reason"])
        self.stage_id = stage
        if lost_reason:
            self.lost_reason = lost_reason

    def _stage(self, key: str) -> StageInfo:
        """The stage ``key`` of this deal's pipeline."""
        info = stage_info(key)
        if info is None or info.pipeline != self.pipeline_id:
            name = info.name if info else key
            raise Refused(_("“%(stage)s” is no stage of this pipeline.") % {"stage": name}, field="stage")
        return info

    def settle(self, before: dict[str, Any] | None) -> None:
        if not self.name:
            raise Refused(_("Give the deal a name."), field="name")
        if before is None:
            self._start()
        info = self._stage(self.stage_id)
        self.status = info.kind
        if before is None or before["stage_id"] != self.stage_id:
            self._enter(info, before)
        elif self.closed_on and before["closed_on"] != self.closed_on:
            self.stage_since = midnight(self.closed_on)
        if self.status == "open" and self.closed_on:
            raise Refused(_("An open deal has no closing date; move it to Won or Lost."), field="closed_on")
        if self.opened_on and self.closed_on and self.closed_on < self.opened_on:
            raise Refused(_("It cannot close before it opened."), field="closed_on")

    def _start(self) -> None:
        """Where and when a new deal begins, unless given."""
        if not self.pipeline_id:
            info = stage_info(self.stage_id) if self.stage_id else None
            self.pipeline_id = info.pipeline if info else next(iter(pipelines()))
        if not self.stage_id:
            self.stage_id = pipelines()[self.pipeline_id].first.id
        if not self.opened_on:
            today = self.created_at.date()
            self.opened_on = min(today, self.closed_on) if self.closed_on else today

    def _enter(self, info: StageInfo, before: dict[str, Any] | None) -> None:
        """What entering a stage sets: probability unless given, closing date, since when."""
        today = now().date()
        if before is not None or self.probability is None:
            self.probability = info.probability
        if info.kind == "open":
            if before is None and self.closed_on:
                raise Refused(_("An open deal has no closing date; move it to Won or Lost."), field="closed_on")
            self.closed_on = self.lost_reason = None
            back_dated = before is None and self.opened_on and self.opened_on < today
            self.stage_since = midnight(self.opened_on) if back_dated else _after(before)
            return
        if self.closed_on is None or (before is not None and self.closed_on == before["closed_on"]):
            self.closed_on = today
        if info.kind == "won":
            self.lost_reason = None
        self.stage_since = _after(before) if self.closed_on >= today else midnight(self.closed_on)

    def children(self, before: dict[str, Any] | None) -> list[models.Model]:
        if before is not None and before["stage_id"] == self.stage_id:
            return []
        visits = []
        if before is None and self.status != "open":
            first = pipelines()[self.pipeline_id].first.id
            visits.append(StageVisit(deal_id=self.id, stage_id=first, entered_at=midnight(self.opened_on)))
        return [*visits, StageVisit(deal_id=self.id, stage_id=self.stage_id, entered_at=self.stage_since)]

    def corrections(self, before: dict[str, Any]) -> list[Correction]:
        if before["stage_id"] != self.stage_id or before["stage_since"] == self.stage_since:
            return []
        old, new = before["stage_since"], self.stage_since
        visit = {"deal_id": self.id, "stage_id": self.stage_id, "entered_at": old}
        told = {"source": self.id, "verb": "moved", "at": old}
        return [Correction(StageVisit, visit, {"entered_at": new}), Correction(TimelineEntry, told, {"at": new})]

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        told = []
        if before is None:
            fresh = self.opened_on >= self.created_at.date()
            at = self.created_at if fresh else midnight(self.opened_on)
            told.append(Story("deal", "created", {"subject": self.name}, at))
            if self.status == "open":
                return told
        if before is None or before["stage_id"] != self.stage_id:
            summary = {"subject": self.name, "stage": self._stage(self.stage_id).name, "status": self.status}
            left = stage_info(before["stage_id"]) if before else None
            if left:
                summary["from"] = left.name
            if self.lost_reason:
                summary["outcome"] = self.lost_reason
            told.append(Story("deal", "moved", summary, self.stage_since))
        return told


def _after(before: dict[str, Any] | None) -> dt.datetime:
    """Now, and never the moment of the move before: undo tells two moves within a millisecond apart by it."""
    moment = now()
    return moment + dt.timedelta(milliseconds=1) if before and before["stage_since"] == moment else moment


class StageVisit(models.Model):
    """Stage history: when a deal entered a stage; it left when it entered the next."""

    id = models.BigAutoField(primary_key=True)
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="visits", db_index=False)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    operation = KeyField()

    class Meta:
        db_table = "stage_visit"
        indexes = [
            models.Index(fields=["deal", "entered_at", "id"], name="stage_visit_deal"),
            models.Index(fields=["stage", "entered_at"], name="stage_visit_stage"),
        ]


class Sample(Record):
    """Goods given to a party to try: kept, returned, or bought."""

    STATES = (("given", _("Given")), ("bought", _("Bought")), ("returned", _("Returned")))

    name = fields.Text(_("what"), folded="name_key", null=False, default="")
    name_key = FoldedField(of="name")
    party = fields.Relation(Party, _("given to"), entity="party", null=False)
    status = fields.Choice(_("status"), options=STATES, default="given")
    given_on = fields.Day(_("given"))
    back_by = fields.Day(_("back by"))

    class Meta:
        db_table = "sample"
        constraints = external_once("sample")
        indexes = record_indexes("sample", "back_by", split="status", by=["party"])

    @action(label=_("Taken back"), when={"status": "given"})
    def take_back(self) -> None:
        """The party has returned it."""
        self.status = "returned"
