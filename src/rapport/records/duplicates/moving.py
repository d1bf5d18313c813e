"""What names a merged record names the other from now on: relations, "about", timelines, personal tags, shares.

Relations go over by the slice in a few statements, each record with a change of its own; what is no record (a line of a
timeline, a share) is traced, so that undoing brings back just that and leaves alone what has gone elsewhere since.
"""

from collections.abc import Iterator
from typing import Any

from rapport.platform import db
from rapport.platform.events import stream
from rapport.records import custom, history, rows, searching, write
from rapport.records.entity import Entity, Field, registry
from rapport.records.operation import Operation

SLICE = 500
VERB = "repointed"
# (Table, column, its other condition, what the winner must not have yet): what is no record of its own.
_BESIDE = (
    (
        "timeline_entry", "subject", "x.source <> %(loser)s",
        "o.source = x.source AND o.verb = x.verb AND o.at = x.at AND o.operation = x.operation",
    ),
    ("record_tag", "record", "x.tag_id IN (SELECT id FROM tag WHERE owner_id IS NOT NULL)", "o.tag_id = x.tag_id"),
    ("record_share", "record", "1 = 1", "(o.user_id = x.user_id OR o.team_id = x.team_id)"),
    ("notification", "record", "1 = 1", "1 = 0"),
)  # fmt: skip
_TRACE = ("operation", "of_table", "of_column", "row", "before", "after")


def move(done: Operation, entity: Entity, loser: str, winner: str, most: int) -> int:
    """Let up to about ``most`` rows that name ``loser`` name ``winner``, inside the operation; how many did."""
    moved = 0
    for other, known in naming(entity):
        if not known.mark:
            moved += _settle_doubles(done, entity, other, known, loser, winner)
        while moved < most:
            step = _own if known.mark else _singly if is_counted(other, known) else _many
            went = step(done, other, known, loser, winner)
            moved += went
            if went < SLICE:
                break
    for table, column, which, unless in _BESIDE:
        while moved < most:
            went = _beside(done, table, column, which, unless, loser, winner)
            moved += went
            if went < SLICE:
                break
    _keep_latest(entity, loser, winner)
    record = next(iter(rows.raw(entity, "id = %s", [db.key(winner)], 1)))
    searching.rescope(entity, record)
    return moved


def naming(entity: Entity) -> Iterator[tuple[Entity, Field]]:
    """Every field by which records name one of the entity, those of its own parts' whole apart."""
    for other in registry:
        for known in (*other.declared.values(), *(other.every.own if other.takes_fields else ())):
            about = known.name == "about"
            whole = other.part_of == known.name and other.whole is entity
            if (about or known.relation == entity.key) and known.name != "id" and not whole:
                yield other, known


def counted(entity: Entity, key: str) -> list[tuple[Entity, int]]:
    """What would go over with a record, by kind: how many, at most 10,000 each."""
    found: dict[str, int] = {}
    for other, known in naming(entity):
        if known.mark:
            sql, places = custom.pointing(known, [key])
        else:
            sql = f'SELECT t.id FROM "{other.table}" t WHERE {_named(entity, known)} AND t.binned_at IS NULL'
            places = [db.key(key)]
        row = db.one(f"SELECT count(*) FROM ({sql} LIMIT 10000) n", places) if other.is_record else None
        found[other.key] = found.get(other.key, 0) + int(row[0] if row else 0)
    for part in entity.parts:
        by = part.field(part.part_of).column
        row = db.one(f'SELECT count(*) FROM "{part.table}" WHERE "{by}" = %s AND binned_at IS NULL', [db.key(key)])
        found[part.key] = found.get(part.key, 0) + int(row[0] if row else 0)
    return [(registry.get(name), count) for name, count in found.items() if count]


def names_only(part: Entity, entity: Entity, record: Any, by: str, winner: str) -> bool:
    """Whether a part names the very record that it would be part of: a link with itself."""
    names = (known for known in part.declared.values() if known.relation == entity.key and known.attname != by)
    return any(known.name != "id" and getattr(record, known.attname) == winner for known in names)


def _named(entity: Entity, known: Field) -> str:
    if known.name == "about":
        return f"t.about_id = %s AND t.about_entity = '{entity.key}'"
    return f't."{known.column}" = %s'


def is_counted(other: Entity, known: Field) -> bool:
    """Whether totals, a verb or a job hang on the field: then each record goes the single way."""
    board = other.kept_board.by if other.kept_board else None
    return known.name in (board, other.counted_by) or bool(known.verb) or known.name in other.jobs_on_change


def _attname(known: Field) -> str:
    return "about_id" if known.name == "about" else known.attname


def _found(entity: Entity, other: Entity, known: Field, loser: str, winner: str) -> list[Any]:
    """The next ids; the two records themselves are written by the merge."""
    apart = " AND t.id NOT IN (%s, %s)" if other is entity else ""
    more = [db.key(loser), db.key(winner)] if apart else []
    sql = f"SELECT t.id FROM {other.rows} t WHERE {_named(entity, known)}{apart} ORDER BY t.id LIMIT {SLICE}"
    return [row[0] for row in db.rows(sql, [db.key(loser), *more])]


def _whole(known: Field, other: Entity, loser: str) -> Entity:
    return registry.get(str(known.relation)) if known.relation else _kind_of(loser)


def _kind_of(key: str) -> Entity:
    row = db.one("SELECT entity FROM change WHERE record = %s LIMIT 1", [db.key(key)])
    return registry.get(str(row[0] if row else ""))


def _many(done: Operation, other: Entity, known: Field, loser: str, winner: str) -> int:
    entity = _whole(known, other, loser)
    keys = _found(entity, other, known, loser, winner)
    if keys:
        point(done, other, _attname(known), keys, loser, winner, VERB)
    return len(keys)


def point(done: Operation, other: Entity, attname: str, keys: list[Any], old: str, new: str, verb: str) -> None:
    """One value for another in many records, with their changes and one event."""
    column = other.model._meta.get_field(attname).column  # type: ignore[union-attr]
    among = ", ".join(["%s"] * len(keys))
    at, actor = done.at_param, db.key(done.actor.id)
    names = ", ".join(f'"{name}"' for name in history.COLUMNS)
    cast = "" if db.is_sqlite() else "::uuid"
    stamp = "" if db.is_sqlite() else "::timestamptz"
    sql = f"""INSERT INTO change ({names}) SELECT %s{cast}, %s, id, %s, version + 1, %s{stamp}, %s{cast}, %s, %s, %s
              FROM "{other.table}" WHERE id IN ({among}) ORDER BY id"""
    before, after = history.pack({attname: old}), history.pack({attname: new})
    db.execute(sql, [db.key(done.id), other.key, verb, at, actor, done.source, before, after, *keys])
    sql = f"""UPDATE "{other.table}" SET "{column}" = %s, version = version + 1, updated_at = %s, updated_by = %s
              WHERE id IN ({among})"""
    db.execute(sql, [db.key(new), at, actor, *keys])
    stream.emit(
        f"{other.key}.{verb}", other.key, None, None, at=at, actor=done.actor.id, operation=done.id,
        fields=(attname.removesuffix("_id"),), count=len(keys),
    )  # fmt: skip


def _singly(done: Operation, other: Entity, known: Field, loser: str, winner: str) -> int:
    keys = _found(_whole(known, other, loser), other, known, loser, winner)
    for key in keys:
        for record in rows.raw(other, "id = %s", [key], 1):
            before = rows.values_of(record)
            setattr(record, _attname(known), winner)
            write.save(other, record, before, VERB, done, reverting=True)
    return len(keys)


def _own(done: Operation, other: Entity, known: Field, loser: str, winner: str) -> int:
    sql, places = custom.pointing(known, [loser])
    found = rows.raw(other, f"t.id IN ({sql})", places, SLICE)
    for record in found:
        before = rows.values_of(record)
        custom.assign(record, {known.name: winner})
        write.save(other, record, before, VERB, done, reverting=True)
    return len(found)


def _settle_doubles(done: Operation, entity: Entity, other: Entity, known: Field, loser: str, winner: str) -> int:
    """Parts of others that would name the winner twice, or be parts of what they name, go into the bin."""
    if not other.part_of or known.name == "about":
        return 0
    by = other.field(other.part_of)
    sql = f"""t."{known.column}" = %s AND t.binned_at IS NULL AND (t."{by.column}" = %s OR EXISTS (SELECT 1
              FROM "{other.table}" o WHERE o."{by.column}" = t."{by.column}" AND o."{known.column}" = %s
              AND o.binned_at IS NULL))"""
    found = rows.raw(other, sql, [db.key(loser), db.key(winner), db.key(winner)], SLICE)
    binned = 0
    for record in found:
        before, whole = rows.values_of(record), getattr(record, by.attname)
        same = rows.raw(
            other, f't."{by.column}" = %s AND t."{known.column}" = %s AND t.binned_at IS NULL',
            [db.key(whole), db.key(winner)], SLICE,
        )  # fmt: skip
        setattr(record, known.attname, winner)
        if whole == winner or not record.joins(same):
            setattr(record, known.attname, loser)
            record.binned_at = done.at
            binned += write.save(other, record, before, "binned", done, reverting=True)
        elif rows.differing(before, rows.values_of(record)):
            binned += write.save(other, record, before, VERB, done, reverting=True)
    return binned


def _beside(done: Operation, table: str, column: str, which: str, unless: str, loser: str, winner: str) -> int:
    lost, won = db.key(loser), db.key(winner)
    place = which.replace("%(loser)s", "%s")
    sql = f"""SELECT x.id FROM {table} x WHERE x.{column} = %s AND {place} AND NOT EXISTS (SELECT 1 FROM {table} o
              WHERE o.{column} = %s AND {unless}) ORDER BY x.id LIMIT {SLICE}"""
    found = [row[0] for row in db.rows(sql, [lost, *([lost] if place != which else []), won])]
    if found:
        marks = ", ".join(["%s"] * len(found))
        db.execute(f"UPDATE {table} SET {column} = %s WHERE id IN ({marks})", [won, *found])
        key = db.key(done.id)
        traced = [(key, table, column, row, lost, won) for row in found]
        db.execute_many(db.insert_sql("merge_trace", _TRACE), traced)
    return len(found)


def _keep_latest(entity: Entity, loser: str, winner: str) -> None:
    """The newest moment of both is that of the one."""
    for other in registry:
        for each in other.keeps_latest:
            if each.on == entity.key:
                newest = f'(SELECT g.{each.field} FROM "{each.table}" g WHERE g.id = %s)'
                sql = f"""UPDATE "{each.table}" SET {each.field} = {newest} WHERE id = %s AND {newest} IS NOT NULL
                          AND ({each.field} IS NULL OR {each.field} < {newest})"""
                lost = db.key(loser)
                db.execute(sql, [lost, db.key(winner), lost, lost])
