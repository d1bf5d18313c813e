"""Roll-ups against the records that they are of."""

from collections.abc import Iterator

import orjson

from rapport.config.soundness.finding import SHOWN, Finding
from rapport.platform import db
from rapport.platform.jobs import unfinished
from rapport.records.entity import Entity, Field
from rapport.records.reckoning import nought
from rapport.records.rollups import figures, keeping

SLICE = 500


def rollups_in_step() -> Iterator[Finding]:
    """A roll-up is what its records come to, once it has heard of everything; one at work is not asked."""
    if keeping.behind():
        return
    for entity, known in keeping.declared():
        made = db.one("SELECT id FROM custom_field WHERE mark = %s", [known.mark])
        if made and unfinished("records.follow_rollup", str(db.unkey(made[0]))):
            continue
        wrong = list(_wrong(entity, known))
        if wrong:
            words = f"{len(wrong)} {entity.plural} hold another {known.name} than their records come to"
            yield Finding(words, tuple(wrong[:SHOWN]), f"save the field {known.name} with another setting and back")


def _wrong(entity: Entity, known: Field) -> Iterator[str]:
    last = None
    while True:
        later = "" if last is None else " WHERE t.id > %s"
        sql = f"SELECT t.id, t.custom -> '{known.key}' FROM {entity.rows} t{later} ORDER BY t.id LIMIT {SLICE}"
        found = db.rows(sql, [] if last is None else [last])
        if not found:
            return
        last = found[-1][0]
        held = {str(db.unkey(key)): orjson.loads(value) if isinstance(value, str) else value for key, value in found}
        right = figures.of(known, list(held))
        yield from (key for key, value in held.items() if value != right.get(key, nought(known)))
