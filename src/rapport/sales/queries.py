"""The board: columns of a pipeline with their totals and first cards."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import midnight, now, quarter_start, today
from rapport.platform.identity.organisation import organisation
from rapport.platform.money import from_minor
from rapport.records import read, registry, scope, totals
from rapport.records.operation import moment_param
from rapport.records.read import Query
from rapport.sales.pipelines import PipelineInfo, StageInfo, stage_info

# What fits a tall screen; further ones come while scrolling.
CARDS = 12
COUNTED = 10_000
SHOWN = ("name", "party", "amount", "currency", "close_on", "owner", "team", "stage", "stage_since", "version")
# Blue, teal, amber, red … as the eye parts them best; won green, lost grey.
HUES = (8, 6, 2, 1, 10, 11, 7, 3)


@dataclass(slots=True)
class Wanted:
    """Which deals the board shows. ``closed``: quarter, year or all; ``owner``: a user; ``found``: ids of a search."""

    closed: str = "quarter"
    owner: str | None = None
    found: list[str] | None = None
    cursor: str | None = None


@dataclass(slots=True)
class Column:
    """A stage with what is in it. Sums are decimal strings of the base currency."""

    stage: StageInfo
    hue: int
    count: int = 0
    base: int = 0
    in_all: int = 0
    base_in_all: int = 0
    estimated: bool = False
    deals: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None

    @property
    def weighted(self) -> int:
        return self.base * self.stage.probability // 100


def hue_of(stage: StageInfo) -> int:
    """The colour of a stage: by kind, else by its place."""
    if stage.kind == "won":
        return 4
    return 0 if stage.kind == "lost" else HUES[stage.position % len(HUES)]


def since(closed: str) -> dt.date | None:
    """First day of what closed columns show."""
    day = today(current().time_zone)
    return {"quarter": quarter_start(day), "year": dt.date(day.year, 1, 1)}.get(closed)


def board(pipeline: PipelineInfo, wanted: Wanted, *, cards: bool = True) -> list[Column]:
    """Every column of the pipeline."""
    columns = [Column(stage, hue_of(stage)) for stage in pipeline.stages]
    if wanted.found is None:
        _count_kept(columns, wanted)
    for column in columns:
        if wanted.found is not None:
            _count_found(column, wanted)
        if cards:
            fill(column, wanted)
    return columns


def _count_kept(columns: list[Column], wanted: Wanted) -> None:
    by_stage = {column.stage.id: column for column in columns}
    first = since(wanted.closed)
    month = first.isoformat()[:7] if first else ""
    for held in totals.kept(registry.get("deal"), current(), owner=wanted.owner):
        column = by_stage.get(held.column)
        if column is None:
            continue
        column.in_all += held.count
        column.base_in_all += held.base
        if column.stage.kind == "open" or held.period >= month:
            column.count += held.count
            column.base += held.base


def _count_found(column: Column, wanted: Wanted) -> None:
    rows = read.aggregate(_query(column.stage, wanted), [], ["amount"])
    column.count = column.in_all = rows[0]["count"] if rows else 0
    column.estimated = column.count > COUNTED


def fill(column: Column, wanted: Wanted) -> None:
    """The cards of a column from the cursor on, the newest arrivals first."""
    if not column.count and wanted.cursor is None:
        return
    query = _query(column.stage, wanted)
    query.fields, query.sort, query.limit, query.after = SHOWN, ("-stage_since",), CARDS, wanted.cursor
    query.expand = query.ordered = True
    page = read.page(query)
    column.deals = [dressed(deal) for deal in page.items()]
    mark_fixed(column.deals)
    column.next = page.next


def mark_fixed(deals: list[dict[str, Any]]) -> None:
    """Say of each card whether the reader may move it."""
    owned = [(deal["id"], *(deal[name]["id"] if deal[name] else None for name in ("owner", "team"))) for deal in deals]
    movable = scope.changeable(registry.get("deal"), current(), owned)
    for deal in deals:
        deal["fixed"] = deal["id"] not in movable


def _query(stage: StageInfo, wanted: Wanted) -> Query:
    query = Query(registry.get("deal"))
    query.where.append(("t.stage_id = %s", [db.key(stage.id)]))
    first = since(wanted.closed) if stage.kind != "open" and wanted.found is None else None
    if first:
        query.where.append(("t.stage_since >= %s", [moment_param(midnight(first))]))
    if wanted.owner:
        query.where.append(("t.owner_id = %s", [db.key(wanted.owner)]))
    if wanted.found is not None:
        places = ", ".join(["%s"] * len(wanted.found)) or "NULL"
        query.where.append((f"t.id IN ({places})", [db.key(key) for key in wanted.found]))
    return query


def dressed(deal: dict[str, Any]) -> dict[str, Any]:
    """A deal with what follows from its stage: kind, hue, days it has been stuck."""
    info = stage_info(deal["stage"]["id"]) if deal.get("stage") else None
    deal["stuck_days"] = None
    if info:
        deal["stage"] |= {"kind": info.kind, "hue": hue_of(info)}
        deal["stuck_days"] = stuck_days(info, deal["stage_since"])
    return deal


def stuck_days(stage: StageInfo, stage_since: str | None) -> int | None:
    """Days a deal has rested in an open stage beyond what the stage allows, else None."""
    if stage.kind != "open" or not stage.stuck_days or not stage_since:
        return None
    days = (now() - dt.datetime.fromisoformat(stage_since)).days
    return days if days >= stage.stuck_days else None


def money(base: int) -> str:
    """Minor units of the base currency as a decimal string."""
    return from_minor(base, organisation().base_currency)


def open_deals(party: str, limit: int = 5) -> tuple[int, int, list[dict[str, Any]]]:
    """(count, base value, newest few) of a customer's open deals within the actor's scope."""
    query = Query(registry.get("deal"), fields=SHOWN, limit=limit, expand=True, ordered=True)
    query.where.append(("t.party_id = %s AND t.status = 'open'", [db.key(party)]))
    groups = read.aggregate(query, [], ["amount"])
    items = [dressed(deal) for deal in read.page(query).items()]
    minor = read.minor_of(groups[0]["sum"]["amount"]) if groups else 0
    return (groups[0]["count"] if groups else 0), minor, items
