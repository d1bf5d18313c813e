"""Instances of models turned into parameters quickly, and rows of parameters put into their tables."""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

from rapport.platform import db
from rapport.platform.keys import KeyField
from rapport.platform.text import FoldedField, fold_cached

FEW = 5


class Rows:
    """Parameters that insert instances of a model: one C call per record, conversions only where there is a value.

    ``sql``: the statement that takes them.
    """

    def __init__(self, model: type[models.Model], vendor: str) -> None:
        columns = [column for column in model._meta.concrete_fields if not isinstance(column, models.AutoField)]
        self.table = model._meta.db_table
        self.columns = tuple(str(column.column) for column in columns)
        self.sql = db.insert_sql(self.table, self.columns)
        self._get = operator.attrgetter(*(column.attname for column in columns))
        self._convert: list[tuple[int, Callable[[Any], Any]]] = []
        self._folded: list[tuple[int, str, str]] = []
        for at, column in enumerate(columns):
            if isinstance(column, FoldedField):
                self._folded.append((at, column.attname, column.of))
            elif made := _converter(column, vendor):
                self._convert.append((at, made))

    def of(self, record: Any) -> list[Any]:
        """The parameters of one record; what is kept folded is set in it, too."""
        row = list(self._get(record))
        for at, convert in self._convert:
            if row[at] is not None:
                row[at] = convert(row[at])
        for at, name, of in self._folded:
            text = getattr(record, of)
            row[at] = record.__dict__[name] = fold_cached(text) or None if text else None
        return row


def _converter(column: models.Field, vendor: str) -> Callable[[Any], Any] | None:
    """What turns a Python value of this column into a parameter; None where it is one already."""
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    door = db.connection()
    if isinstance(target, KeyField):
        return bytes.fromhex if vendor == "sqlite" else None
    if isinstance(target, models.TextField | models.CharField | models.IntegerField | models.BooleanField):
        return None
    if isinstance(target, models.JSONField):
        empty = "{}" if vendor == "sqlite" else None
        return lambda value: target.get_db_prep_save(value, door) if value or empty is None else empty
    return _Known(lambda value: target.get_db_prep_save(value, door)).__getitem__


class _Known(dict[Any, Any]):
    """What values were converted to: moments and days repeat from row to row."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        if len(self) > 5000:
            self.clear()
        found = self[value] = self._convert(value)
        return found


@functools.cache
def rows_of(model: type[models.Model], vendor: str) -> Rows:
    """The compiled rows of a model."""
    return Rows(model, vendor)


def one(record: Any) -> None:
    """Insert one instance."""
    compiled = rows_of(type(record), db.vendor())  # type: ignore[arg-type]
    db.execute(compiled.sql, compiled.of(record))


def many(records: list[Any]) -> None:
    """Insert instances, each model in one go."""
    by_model: dict[type[models.Model], list[Any]] = {}
    for record in records:
        by_model.setdefault(type(record), []).append(record)
    for model, found in by_model.items():
        rows = rows_of(model, db.vendor())
        put(rows.table, rows.columns, [rows.of(record) for record in found])


def put(table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of parameters: one prepared statement, or COPY where PostgreSQL is to take many."""
    if not rows:
        return
    if db.is_sqlite() or len(rows) < FEW:
        db.execute_many(db.insert_sql(table, columns), rows)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f'COPY "{table}" ({names}) FROM STDIN'
    door = db.connection()
    with door.cursor() as cursor, door.wrap_database_errors, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)
