"""Events, history and kept totals against the records themselves."""

from collections.abc import Iterator

from rapport.config.soundness.finding import RESTORE, Finding, among
from rapport.platform.events import stream
from rapport.records import registry, totals
from rapport.records.entity import Entity


def events_in_order() -> Iterator[Finding]:
    """Event positions run from 1 without a gap, and no reader is ahead of them."""
    for words in stream.broken():
        yield Finding(words, remedy=f"readers may have missed something: start them anew, or {RESTORE}")
    yield from among(
        "readers of events are ahead of the newest one",
        "SELECT consumer FROM event_cursor WHERE position > (SELECT coalesce(max(position), 0) FROM event)",
        remedy="set their position back in event_cursor",
    )


def creations_in_the_history() -> Iterator[Finding]:
    """Every record has its creation in the history; what came with a whole may have it in that of the whole."""
    created = "EXISTS (SELECT 1 FROM change c WHERE c.record = {} AND c.verb = 'created')"
    for entity in registry:
        places = ["t.id", *([f't."{entity.field(entity.part_of).column}"'] if entity.part_of else [])]
        missing = " AND ".join(f"NOT {created.format(place)}" for place in places)
        sql = f"SELECT t.id FROM {entity.rows} t WHERE {missing}"
        yield from among(f"{entity.plural} have no creation in the history", sql)


def versions_counted_by_the_history() -> Iterator[Finding]:
    """A record's version is that of its newest change, and one more than the changes since its creation."""
    for entity in registry:
        sql = f"""SELECT t.id FROM {entity.rows} t WHERE
            t.version <> coalesce((SELECT max(c.version) FROM change c WHERE c.record = t.id), 1)
            OR t.version <> 1 + (SELECT count(*) FROM change c WHERE c.record = t.id AND c.verb <> 'created')"""
        yield from among(f"{entity.plural} have another version than their history", sql)


def kept_totals() -> Iterator[Finding]:
    """What boards and lists show as counts and sums is what a recount gives."""
    for entity in registry:
        differences = totals.recount(entity)
        if differences:
            more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
            yield Finding(f"{differences[0]}{more}", remedy=_recounted(entity))


def _recounted(entity: Entity) -> str:
    shown = "board" if entity.kept_board else "list"
    return f"the {shown} of {entity.plural} shows wrong sums; {RESTORE}"
