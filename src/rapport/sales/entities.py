from django.utils.translation import gettext_lazy as _

from rapport.records import Board, Entity, register
from rapport.sales.models import Deal, Pipeline, Stage, StageVisit

EVERYBODY = {"manager": "view:all", "sales": "view:all", "service": "view:all", "readonly": "view:all"}


@register
class DealEntity(Entity):
    model = Deal
    key, plural = "deal", "deals"
    label, label_plural, icon = _("Deal"), _("Deals"), "kanban"
    parents = ("party",)
    columns = ("name", "party", "stage", "amount", "close_on", "owner", "tags")
    sorts = ("created_at", "close_on", "amount")
    search = {"name": "A", "external_id": "B"}
    found_by = ("party.name", "status")
    split = "status"
    board = Board(by="stage", total="amount", period="closed_on")
    verbs = {"stage": "move_to"}
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
    sorts = ("created_at",)
    default_sort = "position"
    required = ("name", "pipeline")
    match_on = ("external_id", "name")
    configuration = True
    tells_itself = False
    grants = EVERYBODY
