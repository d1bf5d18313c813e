"""Territories follow the stream of events: whatever was written, by whatever way, is looked at by the rules anew."""

import functools
from collections.abc import Collection, Iterator, Sequence

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.events import stream
from rapport.platform.events.models import EventCursor
from rapport.platform.events.stream import Fact
from rapport.platform.identity import territories
from rapport.platform.jobs import enqueue
from rapport.records.entity import Entity
from rapport.records.field import Field
from rapport.records.pace import Pace
from rapport.records.territories import placed, placing
from rapport.records.territories.rules import FIXED, Asked, followers, home, naming
from rapport.records.written import Reader, batches

CONSUMER, SORT = "territory", "records.sort_territories"
SLICE, AT_ONCE = 500, 200
FAR = 2000  # more records than these that hang on one are left to the job
UNTOLD = (".rolled_up", ".moved")  # events of many records without a proof of each
_reader, _above, _pace = Reader(), Reader(), Pace(size=placing.FIRST)


def behind() -> bool:
    """Whether there are events that territories have not heard of; one statement where there are none."""
    row = db.one("SELECT position FROM event_cursor WHERE consumer = %s", (CONSUMER,))
    return row is not None and row[0] < stream.latest()


def begun() -> bool:
    """Whether there has ever been a territory."""
    return db.one("SELECT 1 FROM event_cursor WHERE consumer = %s", (CONSUMER,)) is not None


def begin() -> None:
    """From now on events are heard; what was before is for the job that sorts everything."""
    EventCursor.objects.get_or_create(consumer=CONSUMER, defaults={"position": stream.latest()})


def sort_all() -> str:
    """Let every record be looked at again in the background; returns the job."""
    return enqueue(SORT, {}, key=CONSUMER)


def listen() -> bool:
    """Do what follows from the next slice of events; True when there are more, such as those of what it did."""
    row = db.one("SELECT position FROM event_cursor WHERE consumer = %s", (CONSUMER,))
    facts = stream.after(row[0], SLICE) if row else []
    if not facts:
        return False
    with as_system("territories"):
        asked = Asked()
        far = _of_themselves(asked, facts)
        for way, entity, name in asked.ways():
            far |= _of_related(
                asked, way, [fact for fact in facts if fact.entity == entity.key and _tells(fact, {name})]
            )
        _follow(facts)
        if far:
            sort_all()
    EventCursor.objects.filter(consumer=CONSUMER).update(position=facts[-1].position)
    return stream.latest() > facts[-1].position


def _tells(fact: Fact, names: set[str]) -> bool:
    return not fact.fields or not names.isdisjoint(fact.fields)


def _of_themselves(asked: Asked, facts: list[Fact]) -> bool:
    """Records were written: those of which rules ask something else now. True when not all can be told."""
    mine, reads = [fact for fact in facts if fact.entity == asked.entity.key], {*asked.reads(), FIXED}
    told = [fact for fact in mine if _tells(fact, reads) or _undone(fact)]
    lost = any(fact.record is None and fact.name.endswith(UNTOLD) for fact in told)
    for keys, new in _written(_reader, asked.entity, [fact for fact in told if not fact.name.endswith(UNTOLD)]):
        _place(asked, keys, new)
    for part in batches([str(fact.record) for fact in told if fact.record and fact.name.endswith(UNTOLD)], AT_ONCE):
        _place(asked, part)
    return lost


def _place(asked: Asked, keys: Sequence[str], new: Collection[str] = ()) -> None:
    """Put them where the rules say; most lie there already and take no lock. New ones may get an owner."""
    wrong = asked.astray(keys)
    if any(place.gives != "nobody" for place in territories.held().values()):
        wrong = list(dict.fromkeys((*wrong, *(key for key in keys if key in new))))
    placing.paced(_pace, wrong, lambda some: placing.place(some, new))


def _undone(fact: Fact) -> bool:
    return fact.name.endswith(".reverted") and "territory" in fact.fields


def _written(reader: Reader, entity: Entity, facts: Sequence[Fact]) -> Iterator[tuple[Sequence[str], set[str]]]:
    """What the operations behind these events wrote, by the slice: the records, and which of them are new."""
    for steps in reader.steps(entity, dict.fromkeys(fact.operation for fact in facts)):
        new = {str(db.unkey(record)) for record, verb, _before in steps if verb == "created"}
        keys = list(dict.fromkeys(str(db.unkey(record)) for record, _verb, _before in steps))
        for part in batches(keys, AT_ONCE):
            yield part, new & set(part)


def _of_related(asked: Asked, way: Sequence[Field], facts: list[Fact]) -> bool:
    """Related records of which rules ask were written: what hangs on them. True when that is too much for now."""
    keys = list(dict.fromkeys(str(fact.record) for fact in facts if fact.record))
    far = len(keys) < len(facts) and any(fact.record is None for fact in facts)
    for part in batches(keys, AT_ONCE):
        where, places = naming(way, part)
        sql = f'SELECT t.id FROM "{home().table}" t WHERE {where} AND t.binned_at IS NULL LIMIT {FAR}'
        found = [str(db.unkey(row[0])) for row in db.rows(sql, places)]
        far |= len(found) == FAR
        for some in batches(found, AT_ONCE) if len(found) < FAR else ():
            _place(asked, some)
    return far


def _follow(facts: list[Fact]) -> None:
    """What belongs to records that lie elsewhere now, and what belongs to another record now."""
    moved = [fact for fact in facts if fact.entity == home().key and _tells(fact, {"territory"})]
    for keys, _new in _written(_above, home(), moved):
        for entity in followers():
            settle(entity, entity.every[entity.territory].column, keys)
    for entity in followers():
        own = [fact for fact in facts if fact.entity == entity.key and _tells(fact, {entity.territory})]
        for keys, _new in _written(_reader, entity, own):
            settle(entity, "id", keys)


def settle(entity: Entity, column: str, keys: Sequence[str]) -> None:
    """Bring those that lie astray into step, of the records with one of ``keys`` in a column."""
    where = f't."{column}" IN ({", ".join(["%s"] * len(keys))})'
    while found := placed.astray(entity, where, [db.key(each) for each in keys], AT_ONCE):
        placing.paced(_pace, found, functools.partial(placing.follow, entity))
