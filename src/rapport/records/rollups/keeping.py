"""Roll-ups follow the stream of events: whatever was written, by whatever way, its parents are worked out anew."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.events import stream
from rapport.platform.events.models import EventCursor
from rapport.platform.events.stream import Fact
from rapport.records import custom, reckoning, rows
from rapport.records.bulk import saving
from rapport.records.entity import Entity, Field, registry
from rapport.records.operation import operation
from rapport.records.rollups import figures
from rapport.records.written import Reader, Step

CONSUMER, VERB = "rollup", "rolled_up"
SLICE, PARENTS = 500, 200
Kept = tuple[Entity, Field]
_reader = Reader()


def declared() -> Iterator[Kept]:
    """Every roll-up, with the entity whose field it is; what it is of is there."""
    for entity in registry:
        for known in entity.every.rolled if entity.takes_fields else ():
            if known.rollup and known.rollup.of in registry and known.rollup.by in registry.get(known.rollup.of).every:
                yield entity, known


def behind() -> bool:
    """Whether there are events that roll-ups have not heard of; one statement where there is no roll-up."""
    row = db.one("SELECT position FROM event_cursor WHERE consumer = %s", (CONSUMER,))
    return row is not None and row[0] < stream.latest()


def listen() -> bool:
    """Work out what follows from the next slice of events; True when there are more."""
    row = db.one("SELECT position FROM event_cursor WHERE consumer = %s", (CONSUMER,))
    facts = stream.after(row[0], SLICE) if row else []
    if not facts:
        return False
    by_source: dict[str, list[Kept]] = {}
    for entity, known in declared():
        by_source.setdefault(known.rollup.of, []).append((entity, known))  # type: ignore[union-attr]
    for key, kept in by_source.items():
        _hear(registry.get(key), kept, [fact for fact in facts if fact.entity == key])
    EventCursor.objects.filter(consumer=CONSUMER).update(position=facts[-1].position)
    return len(facts) == SLICE


def begin() -> None:
    """From now on events are heard; what was before is for the job that works a new roll-up out."""
    EventCursor.objects.get_or_create(consumer=CONSUMER, defaults={"position": stream.latest()})


def _hear(other: Entity, kept: list[Kept], facts: list[Fact]) -> None:
    told = [fact for fact in facts if any(_concerns(known, fact) for _entity, known in kept)]
    operations = list(dict.fromkeys(fact.operation for fact in told))
    for written in _reader.steps(other, operations):
        for entity, known in kept:
            parents = sorted(_parents(other, known, written))
            for start in range(0, len(parents), PARENTS):
                keep(entity, [known], parents[start : start + PARENTS])


def _concerns(known: Field, fact: Fact) -> bool:
    """Whether an event can move a roll-up: most that name fields name others."""
    rollup = known.rollup
    assert rollup is not None
    return not fact.fields or not {rollup.by, rollup.field, *rollup.only[:1]}.isdisjoint(fact.fields)


def _parents(other: Entity, known: Field, written: list[Step]) -> set[str]:
    """The records that those name now, or named before."""
    rollup = known.rollup
    assert rollup is not None
    by = other.every[rollup.by]
    attname = "about_id" if by.kind.name == "about" else by.attname
    column = by.compared("t")
    marks = ", ".join(["%s"] * len(written))
    sql = f"SELECT DISTINCT {column} FROM {other.rows} t WHERE t.id IN ({marks})"
    records = [record for record, _verb, _before in written]
    found = {str(db.unkey(key)) for (key,) in db.rows(sql, records) if key is not None}
    return found | {str(before[attname]) for _record, _verb, before in written if before.get(attname)}


def keep(entity: Entity, fields: Sequence[Field], keys: Sequence[str]) -> int:
    """Bring roll-ups of some records up to date; how many of them changed. Neither version nor history follow."""
    lock = "" if db.is_sqlite() else " FOR UPDATE"
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT * FROM {entity.rows} t WHERE t.id IN ({marks}) ORDER BY t.id{lock}"
    with as_system("roll-ups"), operation() as done:
        held: list[Any] = list(entity.model._default_manager.raw(sql, [db.key(key) for key in keys]))
        found = {known.key: figures.of(known, [record.id for record in held]) for known in fields}
        written = []
        for record in held:
            before = rows.values_of(record)
            values = {name: figure[record.id] for name, figure in found.items() if record.id in figure}
            record.custom = {**{k: v for k, v in record.custom.items() if k not in found}, **values}
            reckoning.settle(entity, record)
            after = rows.values_of(record)
            if rows.differing(before, after):
                written.append((record, before, after))
        _store(entity, written)
        names = [f"custom.{name}" for name in found]
        saving.tell(entity, [(record.id, record.version) for record, _before, _after in written], VERB, names, done)
    return len(written)


def _store(entity: Entity, written: Iterable[tuple[Any, dict[str, Any], dict[str, Any]]]) -> None:
    column = entity.model._meta.get_field("custom")
    door = db.connection()
    told = list(written)
    if told:
        sql = f'UPDATE "{entity.table}" SET custom = %s WHERE id = %s'
        db.execute_many(sql, [
            (column.get_db_prep_save(record.custom, door), db.key(record.id))  # type: ignore[union-attr]
            for record, _before, _after in told
        ])  # fmt: skip
        custom.keep(entity, [(record.id, before, after) for record, before, after in told])
