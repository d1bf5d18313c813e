"""Records are put where the rules say, and what belongs to them follows; new ones without owner get one."""

import datetime as dt
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system, current
from rapport.platform.clock import now
from rapport.platform.identity import territories
from rapport.platform.identity.models import TerritoryUser
from rapport.records import reckoning, rows, write
from rapport.records.bulk import saving
from rapport.records.entity import Entity
from rapport.records.operation import operation
from rapport.records.pace import Pace
from rapport.records.territories import placed
from rapport.records.territories.rules import Asked, home

FIRST = 50  # a search entry written anew takes its time
SOURCE = "territory"  # what the proof says such writes come from
Right = Callable[[Sequence[Any]], dict[str, str | None]]


def place(keys: Sequence[str], new: Collection[str] = (), *, key: str | None = None) -> int:
    """Put records where the rules say, under lock; those that people have put somewhere stay. How many moved.

    ``new``: those that have just been made: without owner they get one. ``key``: the operation that it belongs to.
    """

    def right(held: Sequence[Any]) -> dict[str, str | None]:
        found = Asked().fitting([record.id for record in held])
        return {record.id: record.territory_id if record.territory_fixed else found[record.id] for record in held}

    return _write(home(), keys, right, new, key)


def paced(pace: Pace, keys: Sequence[str], write_some: Callable[[Sequence[str]], int]) -> int:
    """Write in slices that hold the lock no longer than people at work notice; how many moved."""
    moved, at = 0, 0
    while at < len(keys):
        began, part = time.perf_counter(), keys[at : at + pace.size]
        moved, at = moved + write_some(part), at + len(part)
        pace.learn(time.perf_counter() - began)
    return moved


def follow(entity: Entity, keys: Sequence[str], *, key: str | None = None) -> int:
    """Give records the territory of what they belong to; how many moved."""
    return _write(entity, keys, lambda held: placed.of_parents(entity, held), (), key)


def _write(entity: Entity, keys: Sequence[str], right: Right, new: Collection[str], key: str | None) -> int:
    """Store those whose territory (or owner) is to be another, as any change of many is stored."""
    if not keys:
        return 0
    lock = "" if db.is_sqlite() else " FOR UPDATE"
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT * FROM {entity.rows} t WHERE t.id IN ({marks}) AND t.binned_at IS NULL ORDER BY t.id{lock}"
    with as_system("territories", source=SOURCE), operation(key) as done:
        held: list[Any] = list(entity.model._default_manager.raw(sql, [db.key(each) for each in keys]))
        if not held:
            return 0
        found, edited = right(held), []
        for record in held:
            before = rows.values_of(record)
            record.territory_id = found[record.id]
            edited.append((record, before))
        _give([record for record in held if record.id in new and record.owner_id is None and record.territory_id])
        changed = [pair for pair in edited if rows.values_of(pair[0]) != pair[1]]
        for record, _before in changed:
            reckoning.settle(entity, record)
        return len(saving.save(entity, changed, "changed", done))


def _give(records: Sequence[Any]) -> None:
    """An owner for new records, as their territory has it."""
    turns: dict[str, list[str]] = {}
    for record in records:
        told = territories.held().get(record.territory_id)
        if told is None or told.gives == "nobody":
            continue
        if told.id not in turns:
            turns[told.id] = _people(told)
        if people := turns[told.id]:
            record.owner_id = people.pop(0)
            record.team_id = write.team_of(record.owner_id, current())
            people.append(record.owner_id)
    given, moment = {record.owner_id for record in records}, now()
    for territory, people in turns.items():
        for at, user in enumerate(people):  # who has just had his turn is behind those who have not
            if user in given:
                turn = moment + dt.timedelta(milliseconds=at)
                TerritoryUser.objects.filter(territory=territory, user=user).update(given_at=turn)


def _people(told: territories.Place) -> list[str]:
    """Who is active of those that can be given something, whose turn it is first."""
    if told.gives == "person":
        sql = "SELECT id FROM user_account WHERE id = %s AND is_active"
        return [str(db.unkey(row[0])) for row in db.rows(sql, [db.key(told.person)])]
    lock = "" if db.is_sqlite() else " FOR UPDATE OF x"
    sql = f"""SELECT u.id FROM territory_user x JOIN user_account u ON u.id = x.user_id
              WHERE x.territory_id = %s AND u.is_active
              ORDER BY (x.given_at IS NOT NULL), x.given_at, u.name_key, u.id LIMIT 500{lock}"""
    return [str(db.unkey(row[0])) for row in db.rows(sql, [db.key(told.id)])]
