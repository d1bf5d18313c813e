"""The proof: one change row per record and write, with what was before and after."""

import datetime as dt
from typing import Any

import orjson

from rapport.platform import db
from rapport.records.operation import Operation

COLUMNS = ("operation", "entity", "record", "verb", "version", "at", "actor", "source", "before", "after")


def stored(value: Any) -> Any:
    """A column's value as the change row keeps it in JSON."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def pack(values: dict[str, Any] | None) -> str | None:
    """Values by attribute name as JSON text."""
    if values is None:
        return None
    return orjson.dumps({name: stored(value) for name, value in values.items()}).decode()


def row(
    done: Operation, entity: str, record: str, verb: str, version: int,
    before: dict[str, Any] | None, after: dict[str, Any] | None,
) -> tuple[Any, ...]:  # fmt: skip
    """The parameters of one change row."""
    return (
        db.key(done.id), entity, db.key(record), verb, version, done.at_param, db.key(done.actor.id), done.source,
        pack(before), pack(after),
    )  # fmt: skip


def write(rows: list[tuple[Any, ...]]) -> None:
    """Add change rows inside the transaction."""
    db.execute_many(db.insert_sql("change", COLUMNS), rows)
