"""Pipelines and stages as every worker holds them: read once per version of the set-up, never per deal."""

from dataclasses import dataclass

from rapport.platform import db
from rapport.platform.identity import snapshot


@dataclass(frozen=True, slots=True)
class StageInfo:
    """A stage without its row. ``kind``: open, won or lost; ``probability`` in percent."""

    id: str
    pipeline: str
    name: str
    kind: str
    probability: int
    position: int
    stuck_days: int | None


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A pipeline with its stages in order."""

    id: str
    name: str
    stages: tuple[StageInfo, ...]

    @property
    def first(self) -> StageInfo:
        """Where a new deal starts: the first open stage."""
        return next((stage for stage in self.stages if stage.kind == "open"), self.stages[0])


@snapshot.part("pipelines")
def _load() -> dict[str, PipelineInfo]:
    stages: dict[str, list[StageInfo]] = {}
    sql = """SELECT id, pipeline_id, name, kind, probability, position, stuck_days FROM stage
             WHERE binned_at IS NULL ORDER BY position, id"""
    for key, pipeline, *rest in db.rows(sql):
        stage = StageInfo(str(db.unkey(key)), str(db.unkey(pipeline)), *rest)
        stages.setdefault(stage.pipeline, []).append(stage)
    found = {}
    for raw, name in db.rows("SELECT id, name FROM pipeline WHERE binned_at IS NULL ORDER BY position, id"):
        key = str(db.unkey(raw))
        found[key] = PipelineInfo(key, name, tuple(stages.get(key, ())))
    return found


def pipelines() -> dict[str, PipelineInfo]:
    """Every pipeline by id, in order."""
    found: dict[str, PipelineInfo] = snapshot.held().parts["pipelines"]
    return found


def stage_info(key: str) -> StageInfo | None:
    """The stage with this id."""
    return next((stage for each in pipelines().values() for stage in each.stages if stage.id == key), None)
