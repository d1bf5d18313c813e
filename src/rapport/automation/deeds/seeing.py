"""What a step reads of its record and of those related to it, as the actor sees them; and what comes of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.utils.translation import gettext as _

from rapport.automation.deeds.work import Work
from rapport.automation.plan import values
from rapport.automation.timing import shifted
from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.clock import now, wire
from rapport.platform.identity.organisation import organisation
from rapport.records import kinds, registry, scope, shape
from rapport.records.entity import Entity, Field
from rapport.records.errors import Unseen
from rapport.records.filters import Joins


def read(entity: Entity, key: str, paths: Iterable[str]) -> dict[str, Any]:
    """The values that these paths reach from a record, as JSON has them; raises Unseen."""
    wanted = list(dict.fromkeys(paths))
    joins, place = Joins(entity, current()), kinds.Place(sqlite=db.is_sqlite())
    columns = []
    for path in wanted:
        alias, _related, known = joins.reach(path)
        columns.append(shape.value_sql(known, alias, place))
    make = "json_array" if place.sqlite else "json_build_array"
    where, places = scope.condition(entity, current())
    live = "AND t.binned_at IS NULL" if entity.is_record else ""
    sql = f"""SELECT {make}({", ".join(columns)}) FROM "{entity.table}" t {joins.text}
              WHERE t.id = %s AND {where} {live}"""
    row = db.one(sql, [*joins.params, db.key(key), *places])
    if row is None:
        raise Unseen(_("The record is not there any more."))
    found = row[0] if isinstance(row[0], list) else orjson.loads(row[0])
    return dict(zip(wanted, found, strict=True))


def known_at(entity: Entity, path: str) -> Field:
    """The field at the end of a path."""
    known, rest = entity.step(path)
    while rest:
        known, rest = registry.get(str(known.relation)).step(rest)
    return known


def given(work: Work, written: Mapping[str, Any], to: Entity) -> dict[str, Any]:
    """What fields of ``to`` are to hold, worked out from the record."""
    paths = [path for value in written.values() for path in _paths(value)]
    seen = read(work.entity, work.record, paths) if paths else {}
    found = {name: _value(work, value, to.fields.get(name), seen) for name, value in written.items()}
    for name in written:  # an amount goes with its currency
        known = to.fields.get(name)
        if known and known.money_currency and values.shape_of(written[name]) == "of":
            currency = _currency(work, written[name]["of"])
            if currency and known.money_currency not in written:
                found[known.money_currency] = currency
    return found


def _currency(work: Work, path: str) -> Any:
    known, front = known_at(work.entity, path), path.rpartition(".")[0]
    if not known.money_currency:
        return None
    name = f"{front}.{known.money_currency}" if front else known.money_currency
    return read(work.entity, work.record, [name])[name]


def _paths(value: Any) -> list[str]:
    shape_ = values.shape_of(value)
    if shape_ == "text":
        return values.gaps(value["text"])
    return [value["of"]] if shape_ != "fixed" and value.get("of") else []


def _value(work: Work, value: Any, known: Field | None, seen: dict[str, Any]) -> Any:
    kind = values.shape_of(value)
    if kind == "of":
        return _copied(work, seen[value["of"]], value["of"], known)
    if kind == "in":
        return counted(value, seen.get(value.get("of", "")), isinstance(known and known.kind, kinds.DayKind))
    if kind == "text":
        return filled(work.entity, value["text"], seen)
    return value


def _copied(work: Work, held: Any, path: str, known: Field | None) -> Any:
    if known is not None and isinstance(known.kind, kinds.AboutKind) and held:
        source = known_at(work.entity, path)
        return {"entity": source.relation, "id": held}
    if known is not None and isinstance(known.kind, values.TEXTS) and held is not None:
        return said(known_at(work.entity, path), held)
    if known is not None and isinstance(known.kind, kinds.DayKind) and isinstance(held, str):
        return held[:10]
    return held


def counted(value: Mapping[str, Any], base: Any, day: bool) -> str | None:
    """A date so long from now, or from a date of the record; None where that has none."""
    zone = ZoneInfo(organisation().time_zone)
    if value.get("of") and not base:
        return None
    start = now() if not value.get("of") else _moment(base, zone)
    local = shifted(start.astimezone(zone), value["in"]["n"], value["in"]["unit"])
    if value.get("at"):
        clock = dt.time.fromisoformat(value["at"].rjust(5, "0"))
        local = dt.datetime.combine(local.date(), clock, tzinfo=zone)
    return local.date().isoformat() if day else wire(local.astimezone(dt.UTC))


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    if len(text) == 10:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), tzinfo=zone)
    return dt.datetime.fromisoformat(text)


def filled(entity: Entity, text: str, seen: Mapping[str, Any]) -> str:
    """A text with its gaps filled; what is empty leaves nothing behind."""
    return values.GAP.sub(lambda gap: said(known_at(entity, gap[1]), seen.get(gap[1])), text).strip()


def said(known: Field, held: Any) -> str:
    """A value in words."""
    if held in (None, "", []):
        return ""
    if known.relation:
        related = registry.get(known.relation)
        row = db.one(
            f'SELECT "{related.field(related.title).column}" FROM "{related.table}" WHERE id = %s', [db.key(held)]
        )
        return str(row[0] or "") if row else ""
    if isinstance(known.kind, kinds.MultiChoiceKind):
        labels = dict(known.kind.choices)
        return ", ".join(str(labels.get(each, each)) for each in held)
    if isinstance(known.kind, kinds.ChoiceKind):
        return known.kind.label(held)
    if isinstance(held, list):
        return ", ".join(map(str, held))
    if isinstance(known.kind, kinds.MomentKind):
        zone = ZoneInfo(organisation().time_zone)
        return dt.datetime.fromisoformat(held).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return str(held)
