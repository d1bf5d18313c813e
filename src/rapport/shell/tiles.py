"""Records as the cards of a board show them, whatever their fields are called."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapport.platform.actor import current
from rapport.records import boards, scope
from rapport.records.entity import Entity, Field, Fields
from rapport.records.layout import Board, value_of
from rapport.records.queues.taking import waits_in


@dataclass(frozen=True, slots=True)
class Slots:
    """Which field fills which place of a tile; an empty name leaves it out."""

    mid: str
    day: str
    person: str
    money: str


def slots_of(entity: Entity) -> Slots:
    """The first relation, day and person among the columns that the actor sees, and the currency of its total."""
    return _slots(entity.fields, boards.board_of(entity))


@lru_cache(maxsize=256)
def _slots(fields: Fields, board: Board) -> Slots:
    known = [fields[name] for name in fields.entity.columns if name in fields]
    return Slots(
        mid=_first(each for each in known if each.relation not in (None, "user", "team") and each.name != board.by),
        day=_first(each for each in known if each.kind.name in ("date", "moment")),
        person=_first(each for each in known if each.relation == "user"),
        money=fields[board.total].money_currency if board.total else "",
    )


def _first(fields: Iterable[Field]) -> str:
    return next((each.name for each in fields if each.name != "id"), "")


def fields_of(entity: Entity) -> tuple[str, ...]:
    """What a card of the board shows: the entity's columns, and what they need."""
    board, slots = boards.board_of(entity), slots_of(entity)
    shown = (entity.title, board.by, board.since, board.total, slots.money, slots.mid, slots.day, slots.person)
    return tuple(dict.fromkeys(name for name in (*shown, "owner", "team", "version") if name))


def _waits(row: dict[str, Any], slots: Slots) -> str:
    """The queue that it waits in, where its owner would stand."""
    return waits_in(row["owner"], row["team"]["id"]) if slots.person == "owner" and row["team"] else ""


def of(entity: Entity, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as the tile component takes them, whatever their fields are called."""
    board, slots = boards.board_of(entity), slots_of(entity)
    rows, currency = list(rows), boards.currency(entity)
    owned = [(row["id"], *(row[name]["id"] if row[name] else None for name in ("owner", "team"))) for row in rows]
    movable = scope.changeable(entity, current(), owned)
    return [
        {
            "id": row["id"], "version": row["version"], "title": row[entity.title], "url": entity.url(row["id"]),
            "mid": value_of(row, slots.mid), "day": value_of(row, slots.day), "person": value_of(row, slots.person),
            "waits": _waits(row, slots),
            "stuck_days": row["stuck_days"], "money": bool(board.total), "amount": value_of(row, board.total),
            "currency": row.get(slots.money) or currency, "step": row["step"], "fixed": row["id"] not in movable,
        }
        for row in rows
    ]  # fmt: skip
