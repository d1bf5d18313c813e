"""Fields of the organisation's own: from their rows to the engine's fields, and their values beside each record.

A value stands in the record's ``custom`` as the wire has it, and in ``custom_value`` as filters and sorts compare it:
the same SQL on both engines, and no change of a table while people work.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rapport.platform import db
from rapport.records import formulas, kinds, tagging
from rapport.records.entity import Entity, Field
from rapport.records.errors import Bad
from rapport.records.models.custom import CustomField
from rapport.records.rollups import RollUp

PREFIX = "custom."
SLOTS = ("text", "number", "moment", "key")
COLUMNS = ("field", "record", *SLOTS)
POINTING = (
    "eq", "in", "gt", "gte", "lt", "lte", "between", "starts_with", "this", "last", "next", "in_last", "in_next",
)  # fmt: skip
MOST = 2**53 - 1  # as JSON readers get it exactly
GAP = "\x1f"  # between the values of several choices, whose words may hold blanks


def _choices(field: CustomField) -> tuple[tuple[str, str], ...]:
    return tuple((line, line) for line in field.lines())


_KINDS: Mapping[str, Callable[[CustomField], kinds.Kind]] = {
    "text": lambda field: kinds.TextKind(1000, folded=True),
    "long_text": lambda field: kinds.LongTextKind(),
    "number": lambda field: kinds.NumberKind(
        -MOST if field.low is None else field.low, MOST if field.high is None else field.high, field.unit or ""
    ),
    "decimal": lambda field: kinds.DecimalKind(field.places or 0, field.low, field.high, field.unit or ""),
    "amount": lambda field: kinds.AmountKind(str(field.currency)),
    "date": lambda field: kinds.DayKind(),
    "moment": lambda field: kinds.MomentKind(),
    "choice": lambda field: kinds.ChoiceKind(_choices(field)),
    "multi_choice": lambda field: kinds.MultiChoiceKind(_choices(field), gap=GAP),
    "yes_no": lambda field: kinds.YesNoKind(),
    "email": lambda field: kinds.EmailKind(),
    "phone": lambda field: kinds.PhoneKind(),
    "url": lambda field: kinds.UrlKind(),
    "country": lambda field: kinds.CountryKind(60),
    "relation": lambda field: kinds.RelationKind(str(field.target)),
}


def field_of(row: CustomField) -> Field:
    """The field that a row describes."""
    name, kind = f"{PREFIX}{row.key}", _KINDS[row.kind](row)
    compare = "custom_value" if isinstance(kind, kinds.TextKind) and kind.folded else "custom"
    return Field(
        name, name, "custom", compare, row.name, kind, required=row.required, mark=row.mark, written=True,
        section=row.section or "", help=row.help or "",
        read_only=bool(row.formula or row.rollup), rollup=_rollup(row),
        formula=formulas.read(row.formula) if row.formula else None,
        only=_only(row), searched=row.searched and isinstance(kind, kinds.TextKind) and bool(kind.slot),
    )  # fmt: skip


def _rollup(row: CustomField) -> RollUp | None:
    if not row.rollup:
        return None
    of, _dot, by = (row.rollup_of or "").partition(".")
    values = (row.rollup_values or "").splitlines()
    return RollUp(row.rollup, of, by, row.rollup_field or "", (row.rollup_if, *values) if row.rollup_if else ())


def _only(row: CustomField) -> tuple[tuple[str, tuple[str, ...]], ...]:
    values = tuple(line.strip() for line in (row.shown_values or "").splitlines() if line.strip())
    return ((row.shown_if, values),) if row.shown_if and values else ()


def assign(record: Any, values: Mapping[str, Any]) -> None:
    """Set values by attribute name; those of own fields go where they are kept."""
    own = {}
    for name, value in values.items():
        if name.startswith(PREFIX):
            own[name.removeprefix(PREFIX)] = value
        else:
            setattr(record, name, value)
    if own:
        record.custom = {key: value for key, value in {**record.custom, **own}.items() if value is not None}


def rare(tree: Any, entity: Entity, place: kinds.Place) -> tuple[str, list[Any]] | None:
    """A SELECT of the few ids that a filter can let through because of an own field; None when they are many or any."""
    if not (entity.takes_fields and entity.fields.own):
        return None
    for part in tagging.asked_at_once(tree):
        known = entity.fields.get(str(part.get("field")))
        if known is None or known.mark is None or not known.kind.slot or part.get("op", "eq") not in POINTING:
            continue
        column, value = f"c.{known.kind.slot}", part.get("value")
        try:
            if isinstance(known.kind, kinds.YesNoKind):
                where, held = f"{column} = %s", [known.kind.slotted(value, place)]
            else:
                where, held = known.kind.where(column, part.get("op", "eq"), value, place)
        except Bad:
            return None
        if "NULL" not in where and None not in held:
            found = f"SELECT c.record FROM custom_value c WHERE c.field = {known.mark} AND {where}"
            if ids := tagging.few(found, held):
                return ids
    return None


def pointing(known: Field, keys: Sequence[str]) -> tuple[str, list[Any]]:
    """A SELECT of the ids of records whose own relation names one of the records ``keys``."""
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT c.record FROM custom_value c WHERE c.field = {known.mark} AND c.key IN ({marks})"
    return sql, [db.key(key) for key in keys]


def beside(entity: Entity, record: Any) -> dict[str, Any]:
    """The attributes of a record by name, with those of own fields where search looks at them."""
    found: dict[str, Any] = record.__dict__
    if entity.takes_fields and entity.every.own and record.custom:
        return {**found, **{f"{PREFIX}{key}": value for key, value in record.custom.items()}}
    return found


Written = tuple[str, Mapping[str, Any] | None, Mapping[str, Any]]


def keep(entity: Entity, written: Sequence[Written]) -> None:
    """Bring ``custom_value`` in step with records that were written: (id, values before, values after) by attribute."""
    known = [each for each in entity.every.own if each.kind.slot]
    place, gone, come = kinds.Place(sqlite=db.is_sqlite()), [], []
    for key, before, after in written if known else ():
        changed = [each for each in known if (before or {}).get(each.name) != after.get(each.name)]
        if changed:
            record = db.key(key)
            gone += [(record, each.mark) for each in changed if (before or {}).get(each.name) is not None]
            come += _rows(changed, record, after, place)
    if gone:
        db.execute_many("DELETE FROM custom_value WHERE record = %s AND field = %s", gone)
    if come:
        db.execute_many(db.insert_sql("custom_value", COLUMNS), come)


def forget(keys: Sequence[str]) -> None:
    """Remove the rows of ``custom_value`` of records that are no more, of removed fields as well."""
    marks = ", ".join(["%s"] * len(keys))
    # By fields and records: nothing else is a start of the key.
    sql = f"DELETE FROM custom_value WHERE field IN (SELECT mark FROM custom_field) AND record IN ({marks})"
    db.execute(sql, [db.key(key) for key in keys])


def rows_of(entity: Entity, records: Iterable[Any]) -> list[tuple[Any, ...]]:
    """The rows of ``custom_value`` that new records bring."""
    known, place = [each for each in entity.every.own if each.kind.slot], kinds.Place(sqlite=db.is_sqlite())
    found: list[tuple[Any, ...]] = []
    for record in records if known else ():
        if record.custom:
            values = {f"{PREFIX}{key}": value for key, value in record.custom.items()}
            found += _rows(known, db.key(record.id), values, place)
    return found


def _rows(
    known: Iterable[Field], record: Any, values: Mapping[str, Any], place: kinds.Place
) -> list[tuple[Any, ...]]:  # fmt: skip
    found = []
    for each in known:
        value = values.get(each.name)
        if value is None:
            continue
        try:
            held = each.kind.slotted(value, place)
        except Bad:  # a choice that is offered no more: it is shown, and found no more
            continue
        found.append((each.mark, record, *(held if slot == each.kind.slot else None for slot in SLOTS)))
    return found
