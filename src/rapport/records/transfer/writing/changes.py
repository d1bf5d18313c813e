"""Updates by an import: what a row changes in a record it already knows."""

import datetime as dt
from typing import Any

from rapport.platform import db
from rapport.platform.text import fold
from rapport.records import custom, intake, rows, scope, write
from rapport.records.entity import Entity, registry
from rapport.records.errors import Forbidden, NotFound, Refused
from rapport.records.operation import Operation
from rapport.records.territories import placed
from rapport.records.transfer.rows.draft import Draft, Wanted
from rapport.records.transfer.rows.relations import Finder


def would_change(entity: Entity, record: Any, draft: Draft, finder: Finder) -> bool:
    """Whether the row differs from the record (which is used up by asking); raises what the write would."""
    before = rows.values_of(record)
    edit(entity, record, draft, finder, before)
    return rows.values_of(record) != before


def apply(entity: Entity, record: Any, draft: Draft, finder: Finder, done: Operation) -> bool:
    """Bring a locked record to what the row says; False when nothing differs."""
    before = rows.values_of(record)
    _take_over(entity, record, draft, finder)
    return write.save(entity, record, before, "changed", done)


def edit(entity: Entity, record: Any, draft: Draft, finder: Finder, before: dict[str, Any]) -> None:
    """The record as the row would have it, settled, not yet stored; raises what the write would."""
    _take_over(entity, record, draft, finder)
    write.settle(entity, record, before)


def _take_over(entity: Entity, record: Any, draft: Draft, finder: Finder) -> None:
    actor = finder.actor
    if not scope.permits(entity, actor, "change", record):
        scope.refuse(entity, "change")
    if not actor.level(entity.key, "change"):
        raise Forbidden(f"You may not change {entity.plural}.")
    for wanted in draft.open:
        if not wanted.spare and not _is_held(record, wanted):
            name, reason = wanted.bound.field.name, finder.reason(draft, wanted)
            raise NotFound(reason, errors=[{"field": name, "code": "unknown", "message": reason}])
    old_currency, owner = getattr(record, "currency", None), getattr(record, "owner_id", None)
    queued = draft.queue and (owner or record.team_id != draft.queue)
    if draft.values.get("owner_id", owner) != owner or queued or placed.elsewhere(record, draft.values):
        scope.guard_owner(entity, actor, record)
    verbs: dict[str, dict[str, Any]] = {}
    if draft.own_tags is not None:
        record.own_tags = draft.own_tags
    for name, value in draft.values.items():
        held = getattr(record, name)
        known = entity.every.by_attname.get(name)
        if value == held or _same_second(held, value):
            continue
        if known is not None and known.verb:
            verbs.setdefault(known.verb, {})[known.name] = value
        else:
            custom.assign(record, {name: value})
    if queued:
        record.wait_in(draft.queue)
    elif "owner_id" in draft.values and entity.is_record and (owner or record.owner_id):
        record.team_id = finder.team_of(record.owner_id, actor)
    intake.settle_amounts(entity, record, draft.amounts, old_currency)
    for verb, args in verbs.items():
        _call(entity, record, verb, args)


def _call(entity: Entity, record: Any, verb: str, args: dict[str, Any]) -> None:
    """A verb, as the screens call it. What it demands of people beyond the rules (why a deal was lost) a file of the
    past may lack: then the fields are set and the model's ``settle`` keeps the rules."""
    try:
        getattr(record, verb)(**args)
    except Refused as refused:
        if not refused.more.get("demands"):
            raise
        for name, value in args.items():
            setattr(record, entity.every[name].attname, value)


def _same_second(held: Any, value: Any) -> bool:
    """A moment that differs only in what a file does not carry."""
    if not isinstance(held, dt.datetime) or not isinstance(value, dt.datetime):
        return False
    return not value.microsecond and held.replace(microsecond=0) == value


def _is_held(record: Any, wanted: Wanted) -> bool:
    """Whether an unclear title (several records have it, or it is in the bin) is that of the record held now."""
    held = getattr(record, wanted.bound.field.attname, None)
    if wanted.bound.is_about or not held:
        return False
    target = registry.get(str(wanted.bound.related))
    column = target.field(target.title).column
    row = db.one(f'SELECT "{column}" FROM "{target.table}" WHERE id = %s', (db.key(held),))
    return bool(row and row[0] and fold(row[0]) == fold(wanted.text))
