"""Create or change: the record that fits in the named fields is changed, where there is none one is made."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.records import heirs, intake, kinds, scope, write
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery, Conflict, Invalid, Stale
from rapport.records.operation import operation

LOOSE = (kinds.MoneyKind, kinds.AboutKind, kinds.MultiChoiceKind, kinds.TagsKind, kinds.LongTextKind)


def upsert(
    entity: Entity,
    data: Mapping[str, Any],
    match: str,
    *,
    version: int | None = None,
    place: kinds.Place | None = None,
) -> tuple[Any, bool]:
    """(The record, whether it is new). ``match``: one of ``match_on``, or several fields joined by "+".

    It is looked for within what the actor sees; raises Conflict when several fit. Twins that come at one moment make
    one record: the second waits for the first. What was merged into another means that one, which keeps its own
    external id.
    """
    fields = ways(entity, match)
    actor = current()
    with operation():
        place = place or intake.place_for(actor)
        wanted = _wanted(entity, fields, data, place, actor)
        found = _find(entity, wanted, actor)
        if len(found) > 1:
            names = ", ".join(known.name for known in fields)
            raise Conflict(_("Several %(entity)s have this %(names)s.") % {"entity": entity.plural, "names": names})
        if found:
            return _changed(entity, found[0], data, version, place), False
        if heir := _heir(entity, fields, wanted, actor):
            kept = {name: value for name, value in data.items() if name not in ("external_id", "external_source")}
            return _changed(entity, heir, kept, version, place), False
        if version is not None:
            raise Stale(_("This is not there any more."), since=version, now=None)
        return write.create(entity, data, place=place), True


def _changed(entity: Entity, key: str, data: Mapping[str, Any], version: int | None, place: kinds.Place) -> Any:
    try:
        return write.change(entity, key, data, version=version, place=place)
    except Stale as stale:
        stale.more = {**stale.more, "id": key}
        raise


def ways(entity: Entity, match: str) -> list[Field]:
    """The fields that ``match`` names; the first is one that records are known by, so that an index finds it."""
    fields = [entity.field(name) for name in match.split("+")]
    if fields[0].name not in entity.match_on:
        known = ", ".join(entity.match_on)
        raise BadQuery(f"“match” begins with one of: {known}; more fields can follow, joined by “+”.")
    for known_field in fields:
        if known_field.read_only or isinstance(known_field.kind, LOOSE):
            raise BadQuery(f"{entity.plural} cannot be matched by “{known_field.name}”.")
    return fields


def _wanted(
    entity: Entity, fields: list[Field], data: Mapping[str, Any], place: kinds.Place, actor: Actor
) -> list[tuple[str, Any]]:
    """(SQL over ``t``, value as that holds it) of what the record is known by; every one must be given."""
    flat = intake.flatten(data)
    given = {known.name: flat[known.name] for known in fields if flat.get(known.name) not in (None, "")}
    if missing := [known.name for known in fields if known.name not in given]:
        raise Invalid.at(missing[0], _("The record is matched by this: it is needed."), "required")
    if "external_id" in given:
        given["external_source"] = flat.get("external_source") or ""
    values = intake.take(entity, given, place, actor, creating=True).values
    found = []
    for name in given:
        known = entity.field(name)
        value = values[known.attname]
        if value is None and name != "external_source":
            raise Invalid.at(name, _("The record is matched by this: it is needed."), "required")
        held = db.key(value) if known.relation else known.kind.operand(value, place)
        found.append((known.compared("t"), "" if held is None else held))
    return found


def _heir(entity: Entity, fields: list[Field], wanted: list[tuple[str, Any]], actor: Actor) -> str | None:
    """The record that has taken over the one with this external id."""
    if [known.name for known in fields] != ["external_id"]:
        return None
    (_id, key), (_source, source) = wanted
    return heirs.of_external_ids(entity, [key], actor).get((key, source))


def _find(entity: Entity, wanted: list[tuple[str, Any]], actor: Actor) -> list[str]:
    """Ids of the records that fit, two at most; on PostgreSQL a twin waits here until this transaction has ended."""
    if not db.is_sqlite():
        mark = "|".join([entity.key, *(f"{column}={value}" for column, value in wanted)])
        db.one("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (mark,))
    where, places = scope.condition(entity, actor)
    fits = " AND ".join(f"{column} = %s" for column, _value in wanted)
    live = " AND t.binned_at IS NULL" if entity.is_record else ""
    sql = f'SELECT t.id FROM "{entity.table}" t WHERE {fits} AND {where}{live} LIMIT 2'
    return [str(db.unkey(key)) for (key,) in db.rows(sql, [*(value for _column, value in wanted), *places])]
