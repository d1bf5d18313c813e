"""What a filter and a sort mean, said once more in plain Python over the records themselves."""

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any

from rapport.platform.text import fold
from rapport.records import tagging
from rapport.records.entity import Entity, Field, registry


def value(record: Any, known: Field) -> Any:
    """What is compared: folded text, base amount, words of a multiple choice; None when empty."""
    if known.kind.name == "about":
        return (record.about_entity, record.about_id) if record.about_id else None
    held = getattr(record, known.attname)
    if known.mark is not None:  # kept as the wire has it
        if known.kind.name in ("date", "moment") and held is not None:
            return operand(held, known)
        if known.kind.name == "amount" and held is not None:
            return round(float(held) * 100)
        return (fold(held) or None) if known.compare != known.column and held else held
    if known.compare != known.column:
        if known.kind.name == "money":
            return getattr(record, known.compare)
        return fold(held or "") or None
    if known.kind.name == "tags":
        return tagging.names(held) or None
    if known.kind.name == "multi_choice":
        return (held or "").split() or None
    return held


def operand(given: Any, known: Field) -> Any:
    """The value of a filter in the same terms."""
    name = known.kind.name
    if given is None or given == "":
        return None
    if name == "text" and known.compare != known.column:
        return fold(str(given))
    if name in ("email",):
        return str(given).lower()
    if name in ("currency",):
        return str(given).upper()
    if name == "country":
        return given.upper() if len(given) == 2 else given
    if name == "phone":
        return re.sub(r"[^\d+]", "", given)
    if name in ("money", "amount"):
        return round(float(given) * 100)
    if name == "date":
        return dt.date.fromisoformat(given)
    if name == "moment":
        return dt.datetime.fromisoformat(given)
    if name == "about":
        return given["entity"], given["id"]
    return given


def unaccented_ascii_lower(text: str) -> str:
    """Upper case of ASCII only: what ``contains`` ignores where no folded key is kept."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def leaf(known: Field, op: str, given: Any, record: Any, today: dt.date) -> bool:
    """Does the record meet one condition?"""
    held = value(record, known)
    if op == "is_empty":
        return (held is None) == bool(given)
    if op in ("in", "not_in") and known.kind.name == "tags":
        return bool(set(held or ()) & set(given)) == (op == "in")
    if op in ("in", "not_in"):
        wanted = [operand(each, known) for each in given]
        return (held in wanted) == (op == "in")
    if op in ("has", "has_not", "has_any"):
        words, wanted = set(held or ()), set(given if isinstance(given, list) else [given])
        found = bool(words & wanted) if op == "has_any" else wanted <= words
        return found != (op == "has_not")
    if op in ("contains", "not_contains"):
        raw = known.compare == known.column
        given = (operand(given, known) or given) if known.kind.name in ("phone", "country") else given
        wanted = unaccented_ascii_lower(given) if raw else operand(given, known)
        found = held is not None and wanted in (unaccented_ascii_lower(held) if raw else held)
        return found == (op == "contains")
    if op == "starts_with":
        return held is not None and held.startswith(operand(given, known) or given)
    if op in ("in_last", "in_next", "this", "last", "next"):
        low, high = span(op, given, today)
        day = held.date() if isinstance(held, dt.datetime) else held
        return day is not None and low <= day <= high
    if op == "between":
        low, high = (operand(each, known) for each in given)
        return held is not None and low <= held <= high
    wanted = operand(given, known)
    if op == "eq":
        return bool(held == wanted)
    if op == "ne":
        return bool(held != wanted)
    if held is None:
        return False
    return bool({"gt": held > wanted, "gte": held >= wanted, "lt": held < wanted, "lte": held <= wanted}[op])


def span(op: str, given: Any, today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of a relative period, today included in "the last" and "the next"."""
    if op in ("in_last", "in_next"):
        days = given["n"] * {"day": 1, "week": 7}[given["unit"]] - 1
        moved = dt.timedelta(days=days)
        return (today - moved, today) if op == "in_last" else (today, today + moved)
    return _period({"this": 0, "last": -1, "next": 1}[op], given, today)


@functools.cache
def _period(shift: int, unit: str, today: dt.date) -> tuple[dt.date, dt.date]:
    near = [today + dt.timedelta(days=n) for n in range(-800, 800)]
    same = [day for day in near if _number(day, unit) == _number(today, unit) + shift]
    return same[0], same[-1]


def _number(day: dt.date, unit: str) -> int:
    """Periods counted one by one, weeks from Monday."""
    return {
        "day": day.toordinal(),
        "week": (day.toordinal() - 1) // 7,
        "month": day.year * 12 + day.month,
        "quarter": day.year * 4 + (day.month - 1) // 3,
        "year": day.year,
    }[unit]


def holds(tree: Mapping[str, Any], entity: Entity, record: Any, today: dt.date) -> bool:
    """Does the record meet the filter?"""
    if "and" in tree:
        return all(holds(part, entity, record, today) for part in tree["and"])
    if "or" in tree:
        return any(holds(part, entity, record, today) for part in tree["or"])
    if "not" in tree:
        return not holds(tree["not"], entity, record, today)
    through, rest = entity.step(tree["field"])
    if rest:
        related = registry.get(str(through.relation))
        other = related.model._default_manager.filter(id=getattr(record, through.attname)).first()
        known = related.fields[rest]
        if other is None:
            other = related.model()
            setattr(other, known.attname, None)
        return leaf(known, tree["op"], tree["value"], other, today)
    return leaf(entity.fields[tree["field"]], tree["op"], tree["value"], record, today)


def order(records: list[Any], entity: Entity, sort: str) -> list[str]:
    """The ids in the order that ``sort`` asks for: empty values last, then by id in the direction of the last sort."""
    found = sorted(records, key=lambda record: record.id)
    names = sort.split(",")
    if names[-1].startswith("-"):
        found.reverse()
    for name in reversed(names):
        known, down = entity.fields[name.removeprefix("-")], name.startswith("-")
        if known.name == "created_at":
            found.sort(key=lambda record: record.id, reverse=down)
            continue

        def key(record: Any, known: Field = known) -> Any:
            held = value(record, known)
            if getattr(known.kind, "ranked", False):
                return [each for each, _label in known.kind.choices].index(held)
            return held.encode() if isinstance(held, str) else held

        empty = [record for record in found if key(record) is None]
        full = [record for record in found if key(record) is not None]
        full.sort(key=key, reverse=False)
        if down:  # descending, yet stable
            full = [r for _k, r in _descending(full, key)]
        found = full + empty
    return [record.id for record in found]


def _descending(records: list[Any], key: Any) -> list[tuple[Any, Any]]:
    """Highest first; equal ones keep their order."""
    groups: dict[Any, list[Any]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return [(each, record) for each in sorted(groups, reverse=True) for record in groups[each]]
