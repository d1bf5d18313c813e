"""What comes from outside becomes values of a record: names checked, kinds parsed, relations found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db, money
from rapport.platform.actor import Actor
from rapport.platform.clock import today
from rapport.platform.identity.organisation import organisation
from rapport.platform.keys import parse_key
from rapport.records import heirs, kinds, scope, tagging
from rapport.records.entity import Entity, Field, registry
from rapport.records.errors import Bad, Forbidden, Invalid

QUEUE = "queue:"


@dataclass(slots=True)
class Intake:
    """Parsed input: columns to set, amounts still in words, verbs to call, the writer's personal tags, and the queue
    that the record is put in (then it has no owner)."""

    values: dict[str, Any] = field(default_factory=dict)
    amounts: dict[str, str | None] = field(default_factory=dict)
    verbs: dict[str, dict[str, Any]] = field(default_factory=dict)
    own_tags: list[str] | None = None
    queue: str | None = None


def place_for(actor: Actor, *, dates: str | None = None, decimal: str = ".") -> kinds.Place:
    """Formats, dates and currency as this actor means them."""
    own = organisation()
    return kinds.Place(
        currency=own.base_currency, country=own.country, today=today(actor.time_zone), zone=actor.time_zone,
        me=actor.id, my_team=actor.teams, dates=dates, decimal=decimal, sqlite=db.is_sqlite(),
    )  # fmt: skip


def flatten(data: Mapping[str, Any]) -> dict[str, Any]:
    """``{"address": {"city": …}, "custom": {…}}`` as ``{"address.city": …, "custom.…": …}``."""
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if name in ("address", "custom") and isinstance(value, Mapping):
            flat.update({f"{name}.{part}": each for part, each in value.items()})
        else:
            flat[name] = value
    return flat


def take(
    entity: Entity, data: Mapping[str, Any], place: kinds.Place, actor: Actor, *, creating: bool, record: Any = None
) -> Intake:
    """Parse ``data``; raises Invalid with every field's problem, Forbidden for a read-only field.

    ``record``: the one that is changed; a title is looked for within what it (or ``data``) already names.
    """
    found = Intake()
    errors: list[dict[str, str]] = []
    flat = flatten(data)
    for name in sorted(flat, key=lambda each: each in entity.fields.inner):
        value = flat[name]
        known = entity.fields.get(name)
        if known is None:
            message = _("%(entity)s have no field “%(name)s”.") % {"entity": entity.plural, "name": name}
            errors.append({"field": name, "code": "unknown_field", "message": message})
            continue
        if known.guarded and not (creating and (known.required or name == entity.title)):
            raise Forbidden(f"Your role may see “{name}”, but not set it.", errors=[_error(name, "read_only")])
        if known.read_only and not known.guarded:
            raise Forbidden(f"“{name}” is kept by Rapport and cannot be set.", errors=[_error(name, "read_only")])
        try:
            if name == "owner" and queue_named(value):
                _take_queue(found, entity, value, actor)
            else:
                _take_one(found, known, value, place, actor, creating, _narrow(entity, name, found, record))
        except Bad as bad:
            errors.append({"field": name, "code": bad.code, "message": str(bad)})
    if errors:
        raise Invalid("; ".join(each["message"] for each in errors), errors=errors)
    return found


def _narrow(entity: Entity, name: str, found: Intake, record: Any) -> tuple[str, Any] | None:
    """(Column, key) that a title of this relation is looked for within."""
    if name not in entity.fields.inner:
        return None
    here, there = entity.fields.inner[name]
    key = found.values.get(here) or getattr(record, here, None)
    return (there, db.key(key)) if key else None


def _error(name: str, code: str) -> dict[str, str]:
    return {"field": name, "code": code, "message": code.replace("_", " ")}


def _take_one(
    found: Intake, known: Field, value: Any, place: kinds.Place, actor: Actor, creating: bool,
    narrow: tuple[str, Any] | None,
) -> None:  # fmt: skip
    parsed = known.kind.parse(value, place)
    if isinstance(known.kind, kinds.RelationKind) and parsed is not None:
        parsed = resolve(known.kind.to, parsed, actor, narrow)
    if isinstance(known.kind, kinds.MoneyKind):
        found.amounts[known.attname] = parsed
    elif isinstance(known.kind, kinds.TagsKind):
        found.values[known.attname], found.own_tags = tagging.split(tagging.resolve(parsed or (), actor))
    elif isinstance(known.kind, kinds.AboutKind):
        _take_about(found, parsed, actor)
    elif known.verb and not creating:
        found.verbs.setdefault(known.verb, {})[known.name] = parsed
    elif known.mark is not None:
        if parsed is None and known.required:
            raise Bad(_("This is needed."), "required")
        found.values[known.attname] = None if parsed is None else known.kind.wire(parsed, place)
    elif parsed is None and not known.nullable:
        if known.required:
            raise Bad(_("This is needed."), "required")
        found.values[known.attname] = known.default if known.default is not None else ""
    else:
        found.values[known.attname] = parsed


def _take_queue(found: Intake, entity: Entity, value: str, actor: Actor) -> None:
    if not entity.is_queueable:
        raise Bad(_("These do not wait in queues."), "type")
    found.values["owner_id"], found.queue = None, queue_of(queue_named(value), actor)


def _take_about(found: Intake, parsed: dict[str, str] | None, actor: Actor) -> None:
    if parsed is None:
        found.values.update(about_entity=None, about_id=None)
        return
    if parsed["entity"] not in registry:
        raise Bad(_("There is no “%(entity)s”.") % {"entity": parsed["entity"]})
    key = resolve(parsed["entity"], parsed["id"], actor)
    found.values.update(about_entity=parsed["entity"], about_id=key)


def resolve(entity_key: str, value: Any, actor: Actor, narrow: tuple[str, Any] | None = None) -> str:
    """The id that a relation's value means, within the actor's scope (and ``narrow``: column, key); raises Bad."""
    entity = registry.get(entity_key)
    label = str(entity.label).lower()
    if isinstance(value, Mapping):
        if set(value) == {"id"}:
            return resolve(entity_key, parse_key(value["id"]) or value["id"], actor)
        if set(value) != {"external_id"}:
            raise Bad(_("Give an id, an external_id or a name."), "type")
        return _only(entity, entity.field("external_id"), str(value["external_id"]), actor, label)
    if not isinstance(value, str):
        raise Bad(_("Give an id, an external_id or a name."), "type")
    if parse_key(value) == value:
        if value == actor.id and entity_key == "user":
            return value
        where, places = scope.condition(entity, actor)
        live = " AND t.binned_at IS NULL" if entity.is_record else ""
        sql = f'SELECT 1 FROM "{entity.table}" t WHERE t.id = %s AND {where}{live}'
        if db.one(sql, [db.key(value), *places]) is None:
            if heir := heirs.of_ids(entity, [value], actor).get(value):
                return heir
            raise Bad(_("There is no %(entity)s with this id.") % {"entity": label}, "unknown")
        return value
    return _only(entity, entity.field(entity.title), value, actor, label, narrow)


def queue_named(value: Any) -> str:
    """The id or name in ``queue:…``, which an owner's place takes as well as a user; else empty."""
    return value[len(QUEUE) :].strip() if isinstance(value, str) and value.startswith(QUEUE) else ""


def queue_of(value: Any, actor: Actor) -> str:
    """The open queue of this id or name; raises Bad. It stays open while the transaction lasts."""
    try:
        key = resolve("team", value, actor, ("kind", "queue"))
    except Bad as bad:
        if bad.code != "unknown":
            raise
        key = ""
    lock = "" if db.is_sqlite() else " FOR SHARE"
    row = db.one(f"SELECT is_closed FROM team WHERE id = %s AND kind = 'queue'{lock}", (db.key(key),)) if key else None
    if row is None:
        raise Bad(_("There is no queue “%(value)s”.") % {"value": str(value)[:80]}, "unknown")
    if row[0]:
        raise Bad(_("This queue is closed; choose another."), "closed")
    return key


def _only(
    entity: Entity, known: Field, value: str, actor: Actor, label: str, narrow: tuple[str, Any] | None = None
) -> str:  # fmt: skip
    where, places = scope.condition(entity, actor)
    if narrow:
        where, places = f't."{narrow[0]}" = %s AND {where}', [narrow[1], *places]
    value = value.replace("\x00", "")
    operand = known.kind.operand(value, kinds.Place(sqlite=db.is_sqlite()))
    live = " AND t.binned_at IS NULL" if entity.is_record else ""
    sql = f'SELECT t.id FROM "{entity.table}" t WHERE t."{known.compare}" = %s AND {where}{live} LIMIT 2'
    found = db.rows(sql, [operand, *places])
    if not found and known.name == "external_id":
        merged = set(heirs.of_external_ids(entity, [value], actor).values())
        found = [(key,) for key in merged]
    if not found:
        raise Bad(_("There is no %(entity)s “%(value)s”.") % {"entity": label, "value": value[:80]}, "unknown")
    if len(found) > 1:
        raise Bad(_("Several fit “%(value)s”; give an id.") % {"value": value[:80]}, "ambiguous")
    return str(db.unkey(found[0][0]))


def settle_amounts(entity: Entity, record: Any, amounts: Mapping[str, str | None], old_currency: str | None) -> None:
    """Turn amounts into minor units of the record's currency, and keep the base amount beside them."""
    own = organisation()
    errors = []
    for known in entity.every.money:
        kind: Any = known.kind
        held = getattr(record, known.attname)
        words = amounts.get(known.attname, _NOT_GIVEN)
        currency = getattr(record, known.money_currency) or own.base_currency
        if held is not None or words not in (None, _NOT_GIVEN) or getattr(record, known.money_currency) == "":
            setattr(record, known.money_currency, currency)
        try:
            if words is not _NOT_GIVEN:
                minor = None if words is None else kind.minor(str(words), currency)
                setattr(record, known.attname, minor)
            elif held is not None and old_currency and old_currency != currency:
                setattr(record, known.attname, kind.minor(money.from_minor(held, old_currency), currency))
        except Bad as bad:
            errors.append({"field": known.name, "code": bad.code, "message": str(bad)})
        if known.compare != known.column:
            setattr(record, known.compare, own.to_base(getattr(record, known.attname), currency))
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)


_NOT_GIVEN = object()
