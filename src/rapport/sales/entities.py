from django.utils.translation import gettext_lazy as _

from rapport.records import Board, Calendar, Card, Entity, Map, Panel, Section, View, register
from rapport.sales.models import Deal, Pipeline, Sample, Stage, StageVisit
from rapport.sales.pipelines import steps, tracks

EVERYBODY = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}


@register
class DealEntity(Entity):
    model = Deal
    key, plural = "deal", "deals"
    label, label_plural, icon = _("Deal"), _("Deals"), "kanban"
    parents = ("party",)
    section = "sales"
    teaches = _("A deal is something you may sell to someone: what, how much, by when.")
    views = (
        View("board", _("Deals"), "kanban", shape="board", go="d", one=_("deal")),
        View("table", _("Table"), "table-2", {"field": "status", "op": "eq", "value": "open"}),
    )
    columns = ("name", "party", "stage", "amount", "probability", "close_on", "owner", "opened_on")
    filters = (
        "stage", "status", "owner", "territory", "amount", "close_on", "party", "pipeline", "opened_on",
        "party.industry",
    )  # fmt: skip
    form = ("name", "party", "stage", "amount", "close_on", "owner")
    card = Card(
        header=("amount", "stage"),
        sections=(
            Section(_("Deal"), ("name", "party", "amount", "probability", "owner", "territory", "tags")),
            Section(_("Dates"), ("opened_on", "close_on", "closed_on")),
            Section(_("Outcome"), ("status", "lost_reason", "external_id")),
        ),
        composer=True,
    )
    panels = (
        Panel(
            "party", "party", _("Open deals"), "kanban", ("stage", "amount"), total="amount", limit=8,
            filter={"field": "status", "op": "eq", "value": "open"},
        ),
    )  # fmt: skip
    sorts = ("created_at", "close_on", "amount")
    search = {"name": "A", "external_id": "B"}
    found_by = ("party.name", "status")
    split = "status"
    board = Board("stage", total="amount", period="closed_on", since="stage_since", steps=steps, tracks=tracks)
    calendar = Calendar("close_on", live={"status": "open"})
    map = Map("party.address.country", within=("party.address.region", "party.address.city"), total="amount")
    offers = {"stage": {"field": "kind", "op": "eq", "value": "open"}}
    verbs = {"stage": "move_to"}
    territory = "party"
    read_only = ("status", "stage_since")
    required = ("name",)
    side_tables = (StageVisit,)
    grants = {
        "manager": "view add change delete export",
        "sales": "view add change",
        "service": "view",
        "readonly": "view",
    }


@register
class PipelineEntity(Entity):
    model = Pipeline
    key, plural = "pipeline", "pipelines"
    label, label_plural, icon = _("Pipeline"), _("Pipelines"), "kanban"
    teaches = _("The ways that deals go, each with stages of its own.")
    columns = form = ("name", "position")
    card = Card(sections=(Section(_("Pipeline"), ("name", "position")),))
    sorts = ("created_at",)
    default_sort = "position"
    required = ("name",)
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY


@register
class StageEntity(Entity):
    model = Stage
    key, plural = "stage", "stages"
    label, label_plural, icon = _("Stage"), _("Stages"), "columns-3"
    teaches = _("The steps of a pipeline: how likely a deal is there, and how long it may rest.")
    columns = ("name", "pipeline", "position", "kind", "probability", "stuck_days")
    form = ("name", "pipeline", "kind", "probability", "stuck_days", "position")
    card = Card(sections=(Section(_("Stage"), form),))
    panels = (
        Panel("pipeline", "pipeline", _("Stages"), "columns-3", ("kind", "probability"), sort="position", limit=20),
    )
    sorts = ("created_at",)
    default_sort = "position"
    required = ("name", "pipeline")
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY


@register
class SampleEntity(Entity):
    model = Sample
    key, plural, section = "sample", "samples", "sales"
    label, label_plural, icon = _("Sample"), _("Samples"), "package"
    parents = ("party",)
    views = (View("all", _("Samples"), go="s"), View("board", _("Board"), "kanban", shape="board"))
    columns = form = filters = ("name", "party", "status", "given_on", "back_by", "owner")
    sorts = ("created_at", "back_by")
    search = {"name": "A"}
    split = "status"
    board = Board("status", won=("bought",), lost=("returned",))
    calendar = Calendar("back_by", live={"status": "given"})
    panels = (Panel("party", "party", _("Samples"), fields=("status",)),)
    required = ("name", "party")
    grants = {"manager": "view add change delete export", "sales": "view add change", "readonly": "view"}
