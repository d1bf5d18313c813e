"""Updates by an import: record by record through the write path, only where something differs."""

import datetime as dt
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor
from rapport.platform.text import fold
from rapport.records import intake, rows, scope, write
from rapport.records.entity import Entity, registry
from rapport.records.errors import Forbidden, NotFound, Refused
from rapport.records.operation import Operation
from rapport.records.transfer.rows.draft import Draft, Wanted
from rapport.records.transfer.rows.relations import Finder


def load(entity: Entity, keys: list[str], actor: Actor, lock: bool = False) -> dict[str, Any]:
    """Records of the actor's scope by id, in one query."""
    if not keys:
        return {}
    where, places = scope.condition(entity, actor)
    names = ", ".join(f't."{column.column}"' for column in entity.model._meta.concrete_fields)
    live = " AND t.binned_at IS NULL" if entity.is_record else ""
    tail = " ORDER BY t.id FOR UPDATE OF t" if lock and not db.is_sqlite() else ""
    marks = ", ".join(["%s"] * len(keys))
    sql = f'SELECT {names} FROM "{entity.table}" t WHERE t.id IN ({marks}) AND {where}{live}{tail}'
    found = entity.model._default_manager.raw(sql, [*(db.key(key) for key in keys), *places])
    return {str(record.pk): record for record in found}


def would_change(entity: Entity, record: Any, draft: Draft, finder: Finder) -> bool:
    """Whether the row differs from the record (which is used up by asking); raises what the write would."""
    before = rows.values_of(record)
    _edit(entity, record, draft, finder)
    write.settle(entity, record, before)
    return rows.values_of(record) != before


def apply(entity: Entity, record: Any, draft: Draft, finder: Finder, done: Operation) -> bool:
    """Bring a locked record to what the row says; False when nothing differs."""
    before = rows.values_of(record)
    _edit(entity, record, draft, finder)
    return write.save(entity, record, before, "changed", done)


def _edit(entity: Entity, record: Any, draft: Draft, finder: Finder) -> None:
    actor = finder.actor
    if not scope.permits(entity, actor, "change", record):
        scope.refuse(entity, "change")
    if not actor.level(entity.key, "change"):
        raise Forbidden(f"You may not change {entity.plural}.")
    for wanted in draft.open:
        if not wanted.spare and not _is_held(record, wanted):
            raise NotFound(finder.reason(draft, wanted))
    old_currency = getattr(record, "currency", None)
    verbs: dict[str, dict[str, Any]] = {}
    for name, value in draft.values.items():
        held = getattr(record, name)
        known = entity.by_attname.get(name)
        if value == held or _same_second(held, value):
            continue
        if known is not None and known.verb:
            verbs.setdefault(known.verb, {})[known.name] = value
        else:
            setattr(record, name, value)
    if "owner_id" in draft.values and entity.is_record:
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
            setattr(record, entity.fields[name].attname, value)


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
