"""What is in the columns of a board whose totals no write keeps: that of an organisation's own object.

The newest records are looked at in one statement, so many at most; of more a column's own number comes from the index
of its value, where the reader sees all of them.
"""

from dataclasses import replace

from rapport.platform import db
from rapport.platform.actor import LEVELS, current
from rapport.records import read
from rapport.records.layout import Board
from rapport.records.listing import Plan
from rapport.records.read import Query

COUNTED = 10_000
Counts = dict[str, tuple[int, int]]  # by value, empty for none: how many, and their sum


def newest(query: Query, board: Board) -> tuple[Counts, bool]:
    """(What is in which column among the newest COUNTED records of a list, whether these are all)."""
    plan = Plan(replace(query, sort=("-created_at",), after=None), current())
    joins = plan.further()
    name = joins.column(board.by)[0]
    amount = joins.column(board.total)[0] if board.total else "0"
    dressed = (f"{name} AS name, {amount} AS amount", joins.text, joins.params)
    found, params = plan.statement(dressed, COUNTED + 1)
    rows = db.rows(f"SELECT name, count(*), sum(amount) FROM ({found}) n GROUP BY name", params)
    counts = {name or "": (int(count), int(total or 0)) for name, count, total in rows}
    return counts, sum(count for count, _total in counts.values()) <= COUNTED


def of_value(query: Query, board: Board, value: str) -> tuple[int, int] | None:
    """How many records have a value, and their sum, by its index: COUNTED + 1 at most. None where that cannot tell."""
    entity = query.entity
    if not value or query.filter is not None or query.where or current().level(entity.key, "view") < LEVELS["all"]:
        return None
    known = entity.field(board.by)
    sql = f"SELECT c.record FROM custom_value c WHERE c.field = {known.mark} AND c.text = %s LIMIT {COUNTED + 1}"
    among = replace(query, among=(sql, [value]))
    if board.total:
        return read.tally(among, board.total, COUNTED + 1)
    return read.count(among, most=COUNTED + 1), 0
