"""Where a datum comes from: what people and programs say of it, and what the history knows without being told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import rows
from rapport.records.entity import Entity
from rapport.records.errors import Bad, Invalid
from rapport.records.kinds import DayKind, MomentKind, Place, TextKind
from rapport.records.operation import Operation

LOOKED_AT = 100
_SOURCE, _DAY = TextKind(200), DayKind()


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one field; without a source it is no longer known."""

    field: str
    source: str | None
    as_of: Any = None


def split(entity: Entity, data: Mapping[str, Any], place: Place) -> tuple[dict[str, Any], list[Said]]:
    """What is to be written, and what ``"sources": {"field": {"source": …, "as_of": …}}`` says beside it."""
    values = dict(data)
    given = values.pop("sources", None) or {}
    if not isinstance(given, Mapping):
        raise Invalid.at("sources", _("Give an object: a field, its source and date."), "type")
    errors, found = [], []
    for name, said in given.items():
        try:
            found.append(_read(entity, name, said, place))
        except Bad as bad:
            errors.append({"field": f"sources.{name}", "code": bad.code, "message": str(bad)})
    if errors:
        raise Invalid("; ".join(each["message"] for each in errors), errors=errors)
    return values, found


def _read(entity: Entity, name: str, said: Any, place: Place) -> Said:
    if name not in entity.fields:
        raise Bad(_("%(entity)s have no field “%(name)s”.") % {"entity": entity.plural, "name": name}, "unknown_field")
    if isinstance(said, str) or said is None:
        said = {"source": said}
    if not isinstance(said, Mapping) or set(said) - {"source", "as_of"}:
        raise Bad(_("Give a source and, if known, its date."), "type")
    return Said(name, _SOURCE.parse(said.get("source"), place), _DAY.parse(said.get("as_of"), place))


def note(done: Operation, entity: Entity, key: str, said: list[Said]) -> None:
    """Keep what is said; what was said before stays as history."""
    columns = ("entity", "record", "field", "source", "as_of", "actor", "at", "operation")
    found = [
        (entity.key, db.key(key), each.field, each.source, _stored(each.as_of), db.key(done.actor.id), done.at_param,
         db.key(done.id))
        for each in said
    ]  # fmt: skip
    if found:
        db.execute_many(db.insert_sql("datum_source", columns), found)


def _stored(day: Any) -> Any:
    return day.isoformat() if day is not None and db.is_sqlite() else day


def forget(keys: Sequence[str], operation: str) -> None:
    """An operation is taken back, and what was said with it of these records."""
    marks = ", ".join(["%s"] * len(keys))
    sql = f"DELETE FROM datum_source WHERE record IN ({marks}) AND operation = %s"
    db.execute(sql, (*map(db.key, keys), db.key(operation)))


def said_of(entity: Entity, key: str, *, seen: bool = False) -> dict[str, dict[str, Any]]:
    """By field: its source, as of when, who said so and when. ``seen``: the record has been read in scope already."""
    if not seen:
        rows.load(entity, key, current(), binned=True)
    place = Place(sqlite=db.is_sqlite())
    at, day = MomentKind().json_sql("s.at", place), DayKind().json_sql("s.as_of", place)
    sql = f"""SELECT s.field, s.source, {day}, {at}, s.actor, u.name FROM datum_source s
              LEFT JOIN user_account u ON u.id = s.actor WHERE s.record = %s ORDER BY s.id"""
    found = {
        field: {"source": source, "as_of": as_of, "at": moment, "by": _who(actor, name)}
        for field, source, as_of, moment, actor, name in db.rows(sql, (db.key(key),))
    }
    return {field: said for field, said in found.items() if said["source"] and field in entity.fields}


def _who(actor: Any, name: str | None) -> dict[str, Any] | None:
    return {"id": db.unkey(actor), "title": name} if actor else None


def known_of(entity: Entity, key: str) -> dict[str, dict[str, Any]]:
    """By field: when it was last set, by whom and from where (ui, api, import …), as the last changes tell."""
    at = MomentKind().json_sql("c.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT {at}, c.verb, c.source, c.actor, u.name, c.after FROM change c
              LEFT JOIN user_account u ON u.id = c.actor WHERE c.record = %s ORDER BY c.id DESC LIMIT {LOOKED_AT}"""
    found: dict[str, dict[str, Any]] = {}
    for moment, verb, source, actor, name, after in db.rows(sql, (db.key(key),)):
        told = {"at": moment, "by": _who(actor, name), "from": source}
        if after is None and verb == "created":
            names = list(entity.fields)
        else:
            names = [
                entity.fields.by_attname[each].name
                for each in orjson.loads(after or "{}")
                if each in entity.fields.by_attname
            ]
        for each in names:
            found.setdefault(each, told)
    return found
