"""Rows of a model in and out of the database: read in scope under lock, insert, update where the version still fits."""

import functools
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.text import FoldedField
from rapport.records import inserts, scope
from rapport.records.entity import Entity
from rapport.records.errors import Stale, Unseen
from rapport.records.models import Correction

UNTRACKED = {
    "id",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
    "password",
    "last_login",
    "custom",
}


@functools.cache
def tracked(model: Any) -> tuple[str, ...]:
    """Attribute names whose changes are history: all but keys, stamps, folded copies and own fields."""
    return tuple(
        column.attname
        for column in model._meta.concrete_fields
        if column.attname not in UNTRACKED and not isinstance(column, FoldedField)
    )


def values_of(record: Any) -> dict[str, Any]:
    """The tracked values of a record, those of own fields each by itself."""
    found = {name: getattr(record, name) for name in tracked(type(record))}  # type: ignore[arg-type]
    if own := getattr(record, "custom", None):
        found.update((f"custom.{key}", value) for key, value in own.items())
    return found


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names whose values differ; an own field without value has no name."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def load(
    entity: Entity, key: str, actor: Actor, verb: str = "view", *, lock: bool = False, binned: bool = False
) -> Any:
    """One record of the actor's scope; raises NotFound, and Forbidden when it is seen but ``verb`` is not allowed."""
    where, places = scope.condition(entity, actor)
    model = entity.model
    names = ", ".join(f't."{column.column}"' for column in model._meta.concrete_fields)
    live = "" if binned or not entity.is_record else " AND t.binned_at IS NULL"
    tail = " FOR UPDATE OF t" if lock and not db.is_sqlite() else ""
    sql = f'SELECT {names} FROM "{entity.table}" t WHERE t.id = %s AND {where}{live}{tail}'
    found = list(model._default_manager.raw(sql, [db.key(key), *places]))
    if not found:
        raise Unseen(f"There is no {str(entity.label).lower()} {key}.")
    record: Any = found[0]
    if verb != "view":
        scope.level(entity, actor, verb)
        if not scope.permits(entity, actor, verb, record):
            scope.refuse(entity, verb)
    return record


def expect(record: Any, version: int | None) -> None:
    """The record is as the caller has read it; raises Stale."""
    if version is not None and version != record.version:
        raise Stale(_("This was changed meanwhile."), since=version, now=record.version)


def load_many(
    entity: Entity, keys: list[str], actor: Actor, *, lock: bool = False, binned: bool = False
) -> dict[str, Any]:
    """Records of the actor's scope by id, in one query; those that are not there are left out.

    ``binned``: also those in the bin.
    """
    if not keys:
        return {}
    where, places = scope.condition(entity, actor)
    names = ", ".join(f't."{column.column}"' for column in entity.model._meta.concrete_fields)
    live = "" if binned or not entity.is_record else " AND t.binned_at IS NULL"
    tail = " ORDER BY t.id FOR UPDATE OF t" if lock and not db.is_sqlite() else ""
    marks = ", ".join(["%s"] * len(keys))
    sql = f'SELECT {names} FROM "{entity.table}" t WHERE t.id IN ({marks}) AND {where}{live}{tail}'
    found = entity.model._default_manager.raw(sql, [*(db.key(key) for key in keys), *places])
    return {str(record.pk): record for record in found}


def keys_after(entity: Entity, last: str | None, size: int, *, binned: bool = False) -> list[str]:
    """The next keys in order, past every scope, for work that goes through all records; ``binned``: also those."""
    where = "1 = 1" if binned else "binned_at IS NULL"
    later, places = ("", []) if last is None else (" AND id > %s", [db.key(last)])
    sql = f"SELECT id FROM {entity.rows} t WHERE {where}{later} ORDER BY id LIMIT {size}"
    return [str(db.unkey(row[0])) for row in db.rows(sql, places)]


def raw(entity: Entity, where: str, params: list[Any], limit: int) -> list[Any]:
    """Records past every scope, for work behind the scenes."""
    sql = f"SELECT * FROM {entity.rows} t WHERE {where} LIMIT {limit}"
    return list(entity.model._default_manager.raw(sql, params))


@functools.cache
def _update_sql(model: Any, columns: tuple[str, ...]) -> str:
    sets = ", ".join(f'"{column}" = %s' for column in columns)
    return f'UPDATE "{model._meta.db_table}" SET {sets} WHERE id = %s AND version = %s'


def update(record: Any, changed: Iterable[str], was: int) -> None:
    """Write the changed attributes (and what is kept beside them) where the version is still ``was``."""
    model = type(record)
    stamps = {"updated_at", "updated_by", "version"}
    changed = {name.partition(".")[0] for name in changed}
    columns = [
        column
        for column in model._meta.concrete_fields
        if column.attname in changed
        or column.attname in stamps
        or (isinstance(column, FoldedField) and column.of in changed)
    ]
    door = db.connection()
    values = [column.get_db_prep_save(column.pre_save(record, False), door) for column in columns]
    sql = _update_sql(model, tuple(column.column for column in columns))  # type: ignore[arg-type]
    if db.execute(sql, [*values, db.key(record.id), was]) != 1:
        raise Stale("Somebody else changed this record at the same moment; read it again.")


def correct(corrections: list[Correction]) -> None:
    """Move rows that were told earlier."""
    for each in corrections:
        each.model._default_manager.filter(**each.where).update(**each.values)


def insert_children(children: list[Any], operation: str) -> None:
    """Insert rows of side tables, marked with the operation that made them."""
    for child in children:
        child.operation = operation
    inserts.many(children)
