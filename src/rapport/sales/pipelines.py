"""Pipelines and stages as every worker holds them: read once per version of the set-up, never per deal."""

from dataclasses import dataclass

from rapport.platform import db
from rapport.platform.identity import snapshot
from rapport.records import Step


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


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Every pipeline by id, and every stage as a column of the board."""

    by_id: dict[str, PipelineInfo]
    steps: dict[str, Step]


@snapshot.part("pipelines")
def _load() -> Pipelines:
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
    steps = {
        each.id: Step(each.id, each.name, each.kind, each.probability, each.stuck_days, each.position, each.pipeline)
        for pipeline in found.values()
        for each in pipeline.stages
    }
    return Pipelines(found, steps)


def pipelines() -> dict[str, PipelineInfo]:
    """Every pipeline by id, in order."""
    return _held().by_id


def stage_info(key: str) -> StageInfo | None:
    """The stage with this id."""
    return next((stage for each in pipelines().values() for stage in each.stages if stage.id == key), None)


def steps() -> dict[str, Step]:
    """Every stage as a column of the board, by id, in order."""
    return _held().steps


def _held() -> Pipelines:
    found: Pipelines = snapshot.held().parts["pipelines"]
    return found


def tracks() -> list[tuple[str, str]]:
    """(id, name) of every pipeline, in order."""
    return [(each.id, each.name) for each in pipelines().values()]
