"""Undoing a merge: what went over comes back where it still names the winner, and each record is itself again."""

from itertools import groupby
from typing import Any

import orjson

from rapport.platform import db
from rapport.records import latest, rows, searching
from rapport.records.duplicates.moving import SLICE, VERB, is_counted, point
from rapport.records.entity import Entity, registry
from rapport.records.operation import Operation, operation


def taken_back(done: Operation, other: Entity, steps: list[tuple[Any, ...]]) -> tuple[list[str], list[str]]:
    """Undo repointings by the slice: (ids that name the first again, ids that name something else since)."""
    reverted: list[str] = []
    kept: list[str] = []
    for (before, after), group in groupby(steps, key=lambda step: (step[4], step[5])):
        keys = [step[2] for step in group]
        [(attname, old)], [new] = orjson.loads(before).items(), orjson.loads(after).values()
        column = other.model._meta.get_field(attname).column  # type: ignore[union-attr]
        among = ", ".join(["%s"] * len(keys))
        lock = "" if db.is_sqlite() else " FOR UPDATE"
        sql = f'SELECT id FROM "{other.table}" WHERE id IN ({among}) AND "{column}" = %s ORDER BY id{lock}'
        still = [row[0] for row in db.rows(sql, [*keys, db.key(new)])]
        if still:
            point(done, other, attname, still, new, old, "reverted")
        names = {str(db.unkey(key)) for key in still}
        reverted += sorted(names)
        kept += [key for key in (str(db.unkey(raw)) for raw in keys) if key not in names]
    return reverted, kept


def is_slice(step: tuple[Any, ...]) -> bool:
    """Whether a step of an operation is a repointing that can be undone with others of its kind."""
    if step[3] != VERB or step[1] not in registry:
        return False
    old = orjson.loads(step[4] or "{}")
    other = registry.get(step[1])
    if len(old) != 1 or other.part_of:
        return False
    known = other.every.by_attname.get(next(iter(old)))
    return next(iter(old)) == "about_id" or (known is not None and known.mark is None and not is_counted(other, known))


def put_back(operation_id: str) -> None:
    """A merge was undone: what had gone over beside its records comes back where it has stayed since."""
    while True:
        with db.transaction():
            sql = f"""SELECT id, of_table, of_column, row, before, after FROM merge_trace WHERE operation = %s
                      ORDER BY id LIMIT {SLICE}"""
            found = db.rows(sql, [db.key(operation_id)])
            for (table, column, before, after), group in groupby(found, key=lambda row: (*row[1:3], *row[4:])):
                ids = [row[3] for row in group]
                marks = ", ".join(["%s"] * len(ids))
                sql = f"UPDATE {table} SET {column} = %s WHERE id IN ({marks}) AND {column} = %s"
                db.execute(sql, [before, *ids, after])
            if found:
                marks = ", ".join(["%s"] * len(found))
                db.execute(f"DELETE FROM merge_trace WHERE id IN ({marks})", [row[0] for row in found])
        if len(found) < SLICE:
            break
    _parted(operation_id)


def _parted(operation_id: str) -> None:
    """Two records again: each with its own last contact, found by those it is shared with."""
    key = db.key(operation_id)
    merged = db.rows("SELECT entity, record, after FROM change WHERE operation = %s AND verb = 'merged'", [key])
    if not merged:
        return
    with operation():
        for name, raw, after in merged:
            winner = orjson.loads(after or "{}").get("merged_into")
            for record in (str(db.unkey(raw)), winner) if winner else ():
                _settle(registry.get(name), record)
        db.execute("DELETE FROM timeline_entry WHERE operation = %s AND verb = 'merged'", [key])
        db.execute("UPDATE duplicate_pair SET state = 'open', operation = NULL WHERE operation = %s", [key])


def _settle(entity: Entity, key: str) -> None:
    """The last contact of a record that was merged, and who finds it, after its moves were undone."""
    for other in registry:
        for each in other.keeps_latest:
            if each.on == entity.key:
                latest.look_again(other, each, key)
    for held in rows.raw(entity, "id = %s AND binned_at IS NULL", [db.key(key)], 1):
        searching.rescope(entity, held)
