"""What a change of set-up moves behind the scenes: whose team a record belongs to, and who finds it."""

import time
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system, current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot, territories
from rapport.platform.jobs import enqueue, job
from rapport.records import reckoning, rows, searching, shared, totals
from rapport.records.bulk import jobs as bulk
from rapport.records.bulk import saving
from rapport.records.duplicates import jobs as duplicates
from rapport.records.entity import Entity, registry
from rapport.records.operation import operation
from rapport.records.pace import Pace
from rapport.records.rollups import jobs as rollups
from rapport.records.spelling import jobs as spelling
from rapport.records.territories import jobs as placing
from rapport.records.transfer.runs import jobs as imports
from rapport.records.webhooks import jobs as webhooks

__all__ = ["bulk", "duplicates", "follow_owner", "follow_team", "imports", "placing", "rollups", "spelling", "webhooks"]
SLICE = 1000


@job("records.follow_owner", lane="long")
def follow_owner(run: Any, key: str) -> None:
    """The user ``key`` has changed team: his records go with him, slice by slice; safe to run twice."""
    snapshot.current()
    row = db.one("SELECT team_id FROM user_account WHERE id = %s", (db.key(key),))
    team = db.unkey(row[0]) if row else None
    for entity in registry:
        while entity.is_record and not entity.part_of and _move_slice(entity, key, team):
            run.check_cancelled()


def _move_slice(entity: Entity, owner: str, team: str | None) -> bool:
    """Move up to SLICE records of ``owner`` that are still with another team; False when none is left."""
    differs = "team_id IS NOT NULL" if team is None else "(team_id IS NULL OR team_id <> %s)"
    params = [db.key(owner)] + ([] if team is None else [db.key(team)])
    with operation() as done:
        found = rows.raw(entity, f"owner_id = %s AND {differs}", params, SLICE)
        if not found:
            return False
        tally = totals.Tally(entity)
        for record in found:
            before = rows.values_of(record)
            tally.add(before, -1)
            tally.add({**before, "team_id": team}, +1)
        tally.write()
        keys = [db.key(record.id) for record in found]
        among = ", ".join(["%s"] * len(keys))
        db.execute(f'UPDATE "{entity.table}" SET team_id = %s WHERE id IN ({among})', [db.key(team), *keys])
        db.execute(f"UPDATE timeline_entry SET team = %s WHERE source IN ({among})", [db.key(team), *keys])
        given = shared.grantees_of(keys)
        tokens = [
            (searching.tokens_of(entity, owner, team, given.get(each.id, ()), getattr(each, "territory_id", None)), key)
            for each, key in zip(found, keys, strict=True)
        ]
        db.execute_many("UPDATE search_entry SET scope = %s WHERE record = %s", tokens)
        stream.emit(
            f"{entity.key}.moved", entity.key, None, None, at=done.at_param, actor=current().id, operation=done.id,
            fields=("team",), count=len(found),
        )  # fmt: skip
    return True


@job("records.follow_tag", lane="long")
def follow_tag(run: Any, key: str) -> None:
    """The tag ``key`` is called otherwise, or gone to the bin or come back: its records are found by its name now."""
    snapshot.current()
    last: Any = None
    while True:
        run.check_cancelled()
        later = "" if last is None else " AND x.record > %s"
        sql = f"""SELECT x.record, e.entity FROM record_tag x JOIN search_entry e ON e.record = x.record
                  WHERE x.tag_id = %s{later} ORDER BY x.record LIMIT {SLICE}"""
        found = db.rows(sql, [db.key(key)] if last is None else [db.key(key), last])
        if not found:
            return
        last = found[-1][0]
        with db.transaction():
            for name in {name for _record, name in found}:
                _retext(registry.get(name), [record for record, entity in found if entity == name])


def _retext(entity: Entity, keys: list[Any]) -> None:
    among = ", ".join(["%s"] * len(keys))
    records = rows.raw(entity, f"id IN ({among})", keys, len(keys))
    searching.reword(entity, [(each.id, rows.values_of(each)) for each in records])


@job("records.follow_team", lane="long")
def follow_team(run: Any, key: str) -> None:
    """The team ``key`` hangs elsewhere in the tree: what it owns is found by others now."""
    for team in snapshot.current().below(key):
        for entity in registry:
            if entity.is_record and entity.search:
                _retoken(run, entity, "team_id", team)


@job("records.move_territory", lane="long")
def move_territory(run: Any, key: str) -> None:
    """The territory ``key`` hangs elsewhere in the tree: what lies in it is found by others, and asked for later."""
    snapshot.current()
    for territory in territories.held().below(key):
        for entity in registry:
            if entity.territory and entity.search:
                _retoken(run, entity, "territory_id", territory)
    enqueue("records.follow_territory", {"key": key}, key=key)


def _retoken(run: Any, entity: Entity, by: str, value: str) -> None:
    """Who finds the records that have this team, or territory."""
    last: Any = None
    territory = "territory_id" if entity.territory else "NULL"
    while True:
        run.check_cancelled()
        later = "" if last is None else " AND id > %s"
        sql = f"""SELECT id, owner_id, team_id, {territory} FROM {entity.rows} t
                  WHERE {by} = %s AND binned_at IS NULL{later} ORDER BY id LIMIT {SLICE}"""
        found = db.rows(sql, [db.key(value)] if last is None else [db.key(value), last])
        if not found:
            return
        last = found[-1][0]
        with db.transaction():
            given = shared.grantees_of([record for record, *_who in found])
            fresh = [
                (searching.tokens_of(entity, owner, team, given.get(key, ()), place), record)
                for record, *who in found
                for key, (owner, team, place) in [(str(db.unkey(record)), map(db.unkey, who))]
            ]
            db.execute_many("UPDATE search_entry SET scope = %s WHERE record = %s", fresh)


@job("records.follow_field", lane="long")
def follow_field(run: Any, key: str) -> None:
    """The custom field ``key`` is searched or no more, gone or back: its records are found accordingly."""
    snapshot.current()
    row = db.one("SELECT mark, entity, rollup, binned_at FROM custom_field WHERE id = %s", (db.key(key),))
    if row is None or row[1] not in registry:
        return
    mark, entity, last = row[0], registry.get(row[1]), None
    if row[2] and row[3] is None:  # while it lay in the bin it heard of nothing
        enqueue("records.follow_rollup", {"key": key}, key=key)
    while entity.search:
        run.check_cancelled()
        later = "" if last is None else " AND record > %s"
        sql = f"SELECT record FROM custom_value WHERE field = %s{later} ORDER BY record LIMIT {SLICE}"
        found = [record for (record,) in db.rows(sql, [mark] if last is None else [mark, last])]
        if not found:
            return
        last = found[-1]
        with db.transaction():
            _retext(entity, found)
    _reckon(run, entity)


@job("records.follow_hidden", lane="long")
def follow_hidden(run: Any, key: str) -> None:
    """Other fields of the entity ``key`` are hidden from somebody: its records are found by other words."""
    snapshot.current()
    entity, last = registry.get(key), run.state.get("last", 0)
    newest = db.one("SELECT max(id) FROM search_entry WHERE entity = %s", [entity.key])
    until = run.state.get("until") or (newest and newest[0]) or 0  # what gets other words goes behind it
    while True:
        run.check_cancelled()
        sql = f"""SELECT id, record FROM search_entry WHERE entity = %s AND id > %s AND id <= %s
                  ORDER BY id LIMIT {SLICE}"""
        found = db.rows(sql, [entity.key, last, until])
        if not found:
            return
        with db.transaction():
            _retext(entity, [record for _id, record in found])
            last = found[-1][0]
            run.save_state({"last": last, "until": until})


@job("records.follow_formula", lane="long")
def follow_formula(run: Any, key: str) -> None:
    """The custom field ``key`` is worked out otherwise: all records of its object are, once."""
    snapshot.current()
    row = db.one("SELECT entity FROM custom_field WHERE id = %s", (db.key(key),))
    if row is not None and row[0] in registry:
        _reckon(run, registry.get(row[0]))


def _reckon(run: Any, entity: Entity) -> None:
    """Work the formulas of all records out, slice by slice, from where it was interrupted."""
    pace, last = Pace(), run.state.get("last")
    with as_system("a formula is new"):
        while entity.every.reckoned:
            run.check_cancelled()
            keys = rows.keys_after(entity, last, pace.size)
            if not keys:
                return
            began, last = time.perf_counter(), keys[-1]
            with operation(run.state.get("operation")) as done:
                held = rows.load_many(entity, keys, done.actor, lock=True)
                edited = [(record, rows.values_of(record)) for record in held.values()]
                for record, _before in edited:
                    reckoning.settle(entity, record)
                saving.save(entity, edited, "changed", done)
                run.save_state({"last": last, "operation": done.id})
            pace.learn(time.perf_counter() - began)
