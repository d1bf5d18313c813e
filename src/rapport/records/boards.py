"""Boards: the columns of an entity's records by stage or status, with their totals and first cards."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import midnight, now, quarter_start, today
from rapport.platform.identity.organisation import organisation
from rapport.platform.money import from_minor
from rapport.records import kinds, own_boards, read, totals
from rapport.records.entity import Board, Entity, Fields
from rapport.records.errors import Unseen
from rapport.records.layout import Step, value_of
from rapport.records.operation import moment_param
from rapport.records.read import Query

# What fits a tall screen; further ones come while scrolling.
CARDS = 12
COUNTED = own_boards.COUNTED
NONE = "none"
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
    """The board as the actor at work sees it; raises Unseen where there is none for him."""
    board, fields = entity.board, entity.fields
    if board is None or board.by not in fields:
        raise Unseen(f"{entity.plural} have no board.")
    return board if not board.total or board.total in fields else replace(board, total="")


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
    return board.steps() if board.steps else _choices(entity.fields, board, get_language())


@lru_cache(maxsize=256)
def _choices(fields: Fields, board: Board, _language: str | None) -> dict[str, Step]:
    kind: Any = fields[board.by].kind
    ends = dict.fromkeys(board.won, "won") | dict.fromkeys(board.lost, "lost")
    found = [
        Step(_id(fields, board, value), str(label), ends.get(value, "open"), position=at, value=value)
        for at, (value, label) in enumerate(kind.choices)
    ]
    known = fields[board.by]
    if known.mark is not None and not known.required:
        found.insert(0, Step(NONE, gettext("Without %(field)s") % {"field": known.heading}, position=4, value=""))
    return {step.id: step for step in found}


def _id(fields: Fields, board: Board, value: str) -> str:
    """What a column is called in pages and addresses: words that people make up are told by their digest."""
    return value if fields[board.by].mark is None else totals.column_of(value)


def step_at(entity: Entity, value: str | None) -> Step | None:
    """The column of records whose field has this value."""
    known = entity.field(board_of(entity).by)
    if known.relation:
        return step_of(entity, value) if value else None
    return next((step for step in steps(entity) if step.stored == (value or "")), None)


def hue_of(step: Step) -> int:
    """The colour of a step: by kind, else by its place; none for what is in no step yet."""
    if step.kind == "won":
        return 4
    return 0 if step.kind == "lost" or step.id == NONE else HUES[step.position % len(HUES)]


def since(closed: str) -> dt.date | None:
    """First day of what closed columns show."""
    day = today(current().time_zone)
    return {"quarter": quarter_start(day), "year": dt.date(day.year, 1, 1)}.get(closed)


def columns(entity: Entity, track: str | None, wanted: Wanted, *, cards: Sequence[str] = ()) -> list[Column]:
    """Every column of the board; ``cards``: the fields of the cards, none for the heads alone."""
    found = [Column(step, hue_of(step)) for step in steps(entity, track)]
    kept = board_of(entity).kept
    if not kept:
        _count_own(entity, found, wanted)
    elif not wanted.narrowed:
        _count_kept(entity, found, wanted)
    for column in found:
        if kept and wanted.narrowed:
            _count_found(entity, column, wanted)
        if cards and (column.count or column.estimated):
            fill(entity, column, wanted, cards)
            column.count = max(column.count, len(column.rows))
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


def _count_own(entity: Entity, found: list[Column], wanted: Wanted) -> None:
    """What nobody keeps: all of it where that is little, else as far as an index tells."""
    board, query = board_of(entity), _wanted(entity, wanted)
    counts, whole = own_boards.newest(query, board)
    whole = whole and not wanted.cut
    for column in found:
        told = None if whole else own_boards.of_value(query, board, column.step.stored)
        column.count, column.base = told or counts.get(column.step.stored, (0, 0))
        column.estimated = column.count > COUNTED if told else not whole
        column.count = min(column.count, COUNTED)


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
    fields = entity.fields
    query.fields, query.limit, query.after = [name for name in cards if name in fields], CARDS, wanted.cursor
    query.sort = (f"-{board.since}" if board.since else "-created_at",)
    query.expand = query.ordered = True
    page = read.page(query)
    told, moment = _told(column.step), now()
    column.rows = [_dressed(board, row, column.step, told, moment) for row in page.items()]
    column.next = page.next


def _query(entity: Entity, step: Step, wanted: Wanted) -> Query:
    board = board_of(entity)
    by = entity.field(board.by)
    query = _wanted(entity, wanted)
    if by.mark is not None:
        asked = {"field": by.name, "op": "eq", "value": step.stored or None}
        query.filter = {"and": [wanted.filter, asked]} if wanted.filter else asked
    else:
        query.where.insert(0, (f't."{by.column}" = %s', [db.key(step.id) if by.relation else step.id]))
    of_period = step.kind != "open" and board.since and wanted.found is None  # words are looked for in all of them
    first = since(wanted.closed) if of_period else None
    if first:
        query.where.append((f't."{entity.field(board.since).column}" >= %s', [moment_param(midnight(first))]))
    return query


def _wanted(entity: Entity, wanted: Wanted) -> Query:
    """All that the board shows."""
    query = Query(entity, filter=wanted.filter)
    if wanted.owner:
        query.where.append(("t.owner_id = %s", [db.key(wanted.owner)]))
    if wanted.found is not None:
        places = ", ".join(["%s"] * len(wanted.found)) or "NULL"
        query.where.append((f"t.id IN ({places})", [db.key(key) for key in wanted.found]))
    return query


def dressed(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """A row with what follows from its step: ``step`` {id, title, kind, hue}, ``stuck_days`` or None."""
    row["step"] = row["stuck_days"] = None
    if entity.board is None or entity.board.by not in entity.fields:
        return row
    value = value_of(row, entity.board.by)
    step = step_at(entity, value["id"] if isinstance(value, dict) else value)
    return _dressed(entity.board, row, step, _told(step), now()) if step else row


def _told(step: Step) -> dict[str, Any]:
    return {"id": step.id, "title": step.name, "kind": step.kind, "hue": hue_of(step)}


def _dressed(
    board: Board, row: dict[str, Any], step: Step, told: dict[str, Any], moment: dt.datetime
) -> dict[str, Any]:  # fmt: skip
    row["step"] = told
    if isinstance(value := value_of(row, board.by), dict):
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


def currency(entity: Entity) -> str:
    """What the totals of a board are in; empty where they are plain numbers, or there are none."""
    board = board_of(entity)
    kind = entity.field(board.total).kind if board.total else None
    if isinstance(kind, kinds.AmountKind):
        return kind.currency
    return organisation().base_currency if isinstance(kind, kinds.MoneyKind) else ""


def said(entity: Entity, total: int) -> str:
    """A total as the wire has it: a decimal text of its currency, or a number."""
    if code := currency(entity):
        return from_minor(total, code)
    board = board_of(entity)
    return str(entity.field(board.total).kind.wire(total, kinds.Place())) if board.total else str(total)
