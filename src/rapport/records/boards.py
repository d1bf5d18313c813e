"""Boards: the columns of an entity's records by stage or status, with their totals and first cards."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import midnight, now, quarter_start, today
from rapport.platform.identity.organisation import organisation
from rapport.platform.money import from_minor
from rapport.records import read, totals
from rapport.records.entity import Board, Entity
from rapport.records.layout import Step
from rapport.records.operation import moment_param
from rapport.records.read import Query

# What fits a tall screen; further ones come while scrolling.
CARDS = 12
COUNTED = 10_000
# Blue, teal, amber, red … as the eye parts them best; won green, lost grey.
HUES = (8, 6, 2, 1, 10, 11, 7, 3)


@dataclass(slots=True)
class Wanted:
    """Which records a board shows. ``closed``: quarter, year or all; ``owner``: a user; ``found``: ids of a search.

    ``cut``: the search found more than these.
    """

    closed: str = "quarter"
    owner: str | None = None
    found: list[str] | None = None
    cut: bool = False
    filter: Any = None
    cursor: str | None = None

    @property
    def narrowed(self) -> bool:
        """True when the kept totals do not answer."""
        return self.found is not None or self.filter is not None


@dataclass(slots=True)
class Column:
    """A step with what is in it; ``base``: its value in minor units of the base currency."""

    step: Step
    hue: int
    count: int = 0
    base: int = 0
    estimated: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None

    @property
    def weighted(self) -> int | None:
        """The value times how likely the step makes it."""
        return None if self.step.probability is None else self.base * self.step.probability // 100


def board_of(entity: Entity) -> Board:
    """The board as the actor at work sees it; raises LookupError for an entity without one."""
    if entity.board is None:
        raise LookupError(f"{entity.plural} have no board")
    return entity.board if entity.board.total in (*entity.fields, "") else replace(entity.board, total="")


def tracks(entity: Entity) -> list[tuple[str, str]]:
    """(id, title) of the orders of steps that an entity knows (pipelines); none where there is only one."""
    board = board_of(entity)
    return list(board.tracks()) if board.tracks else []


def steps(entity: Entity, track: str | None = None) -> list[Step]:
    """The columns of the board, those of one ``track`` when given."""
    return [step for step in _by_id(entity).values() if track is None or step.track == track]


def step_of(entity: Entity, key: str) -> Step | None:
    """The step with this id (a choice's value)."""
    return _by_id(entity).get(key)


def _by_id(entity: Entity) -> Mapping[str, Step]:
    board = board_of(entity)
    return board.steps() if board.steps else _choices(entity)


@cache
def _choices(entity: Entity) -> dict[str, Step]:
    board = board_of(entity)
    kind: Any = entity.field(board.by).kind
    kinds = dict.fromkeys(board.won, "won") | dict.fromkeys(board.lost, "lost")
    return {
        value: Step(value, str(label), kinds.get(value, "open"), position=at)
        for at, (value, label) in enumerate(kind.choices)
    }


def hue_of(step: Step) -> int:
    """The colour of a step: by kind, else by its place."""
    if step.kind == "won":
        return 4
    return 0 if step.kind == "lost" else HUES[step.position % len(HUES)]


def since(closed: str) -> dt.date | None:
    """First day of what closed columns show."""
    day = today(current().time_zone)
    return {"quarter": quarter_start(day), "year": dt.date(day.year, 1, 1)}.get(closed)


def columns(entity: Entity, track: str | None, wanted: Wanted, *, cards: Sequence[str] = ()) -> list[Column]:
    """Every column of the board; ``cards``: the fields of the cards, none for the heads alone."""
    found = [Column(step, hue_of(step)) for step in steps(entity, track)]
    if not wanted.narrowed:
        _count_kept(entity, found, wanted)
    for column in found:
        if wanted.narrowed:
            _count_found(entity, column, wanted)
        if cards and column.count:
            fill(entity, column, wanted, cards)
    return found


def _count_kept(entity: Entity, found: list[Column], wanted: Wanted) -> None:
    board, first = board_of(entity), since(wanted.closed)
    month = first.isoformat()[:7] if first and board.period else ""
    known = {totals.bucket_of(entity, column.step.id): column for column in found}
    still = [bucket for bucket, column in known.items() if column.step.kind == "open"]
    closed = [bucket for bucket in known if bucket not in still]
    among = [each for each in ((still, ""), (closed, month)) if each[0]]
    for held in totals.kept(entity, current(), owner=wanted.owner, among=among) if among else ():
        column = known.get(held.column)
        if column and (column.step.kind == "open" or held.period >= month):
            column.count += held.count
            column.base += held.base


def _count_found(entity: Entity, column: Column, wanted: Wanted) -> None:
    """Counted by index up to a limit; sums only of what was counted whole."""
    board, query = board_of(entity), _query(entity, column.step, wanted)
    if board.total:
        column.count, base = read.tally(query, board.total, COUNTED + 1)
    else:
        column.count, base = read.count(query, most=COUNTED + 1), 0
    column.estimated = wanted.cut or column.count > COUNTED
    column.count = min(column.count, COUNTED)
    column.base = 0 if column.estimated else base


def fill(entity: Entity, column: Column, wanted: Wanted, cards: Sequence[str]) -> None:
    """The cards of a column from the cursor on, the newest arrivals first."""
    board, query = board_of(entity), _query(entity, column.step, wanted)
    query.fields, query.limit, query.after = cards, CARDS, wanted.cursor
    query.sort = (f"-{board.since}" if board.since else "-created_at",)
    query.expand = query.ordered = True
    page = read.page(query)
    told, moment = _told(column.step), now()
    column.rows = [_dressed(entity, row, column.step, told, moment) for row in page.items()]
    column.next = page.next


def _query(entity: Entity, step: Step, wanted: Wanted) -> Query:
    board = board_of(entity)
    by = entity.field(board.by)
    query = Query(entity, filter=wanted.filter)
    query.where.append((f't."{by.column}" = %s', [db.key(step.id) if by.relation else step.id]))
    of_period = step.kind != "open" and board.since and wanted.found is None  # words are looked for in all of them
    first = since(wanted.closed) if of_period else None
    if first:
        query.where.append((f't."{entity.field(board.since).column}" >= %s', [moment_param(midnight(first))]))
    if wanted.owner:
        query.where.append(("t.owner_id = %s", [db.key(wanted.owner)]))
    if wanted.found is not None:
        places = ", ".join(["%s"] * len(wanted.found)) or "NULL"
        query.where.append((f"t.id IN ({places})", [db.key(key) for key in wanted.found]))
    return query


def dressed(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """A row with what follows from its step: ``step`` {id, title, kind, hue}, ``stuck_days`` or None."""
    row["step"] = row["stuck_days"] = None
    value = row.get(entity.board.by) if entity.board else None
    key = value["id"] if isinstance(value, dict) else value
    step = step_of(entity, key) if key else None
    return _dressed(entity, row, step, _told(step), now()) if step else row


def _told(step: Step) -> dict[str, Any]:
    return {"id": step.id, "title": step.name, "kind": step.kind, "hue": hue_of(step)}


def _dressed(
    entity: Entity, row: dict[str, Any], step: Step, told: dict[str, Any], moment: dt.datetime
) -> dict[str, Any]:  # fmt: skip
    board = board_of(entity)
    row["step"] = told
    if isinstance(value := row.get(board.by), dict):
        value |= told
    row["stuck_days"] = _stuck(step, row.get(board.since), moment)
    return row


def _stuck(step: Step, since: str | None, moment: dt.datetime) -> int | None:
    """Days a record has rested in an open step beyond what the step allows, else None."""
    if step.kind != "open" or not step.stuck_days or not since:
        return None
    days = (moment - dt.datetime.fromisoformat(since)).days
    return days if days >= step.stuck_days else None


def money(base: int) -> str:
    """Minor units of the base currency as a decimal string."""
    return from_minor(base, organisation().base_currency)
