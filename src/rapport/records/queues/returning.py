"""Taking back that one has put a record into a queue of others, out of sight: while it waits there untouched."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, as_system
from rapport.platform.identity import snapshot
from rapport.records import rows, scope
from rapport.records.entity import Entity
from rapport.records.territories import placing

# Where it lies follows from what it is: nobody has touched it.
_LAST = f"""SELECT record, max(id) FROM change WHERE record IN ({{}}) AND entity = %s AND source <> '{placing.SOURCE}'
GROUP BY record"""
_HIS = "SELECT id FROM change WHERE operation = %s AND actor = %s AND entity = %s AND record IN ({})"


def held(
    entity: Entity, operation: str, steps: Sequence[tuple[Any, ...]], actor: Actor
) -> tuple[dict[str, Any], dict[str, str]]:  # fmt: skip
    """Of changes that are to be taken back (as ``revert`` reads them): (records under lock by id, why not the others).

    The actor himself put them into a queue, out of his sight; before that he had them by his role, and since then
    nothing has become of them. What is none of his putting is in neither.
    """
    put = {str(db.unkey(step[2])): step for step in steps if entity.is_queueable and _puts(step)}
    if actor.id is None or not put:
        return {}, {}
    marks, keys = ", ".join(["%s"] * len(put)), [db.key(key) for key in put]
    own = db.rows(_HIS.format(marks), (db.key(operation), db.key(actor.id), entity.key, *keys))
    his, last = {number for (number,) in own}, dict(db.rows(_LAST.format(marks), (*keys, entity.key)))
    untouched = {str(db.unkey(raw)): number for raw, number in last.items()}
    found: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    mine = {key: step for key, step in put.items() if step[0] in his}
    with as_system("what its putter takes back out of a queue") as everybody:
        loaded = rows.load_many(entity, list(mine), everybody, lock=True)
    for key, step in mine.items():
        record, before, after = loaded.get(key), _told(step[4]), _told(step[5])
        if record is None or untouched.get(key) != step[0] or record.owner_id or record.team_id != after["team_id"]:
            reasons[key] = _("Not undone: somebody has taken or changed it in the queue.")
        elif scope.holds(entity, actor, "change", before.get("owner_id"), before.get("team_id"), key, given=False):
            found[key] = record
    return found, reasons


def _puts(step: tuple[Any, ...]) -> bool:
    after = _told(step[5])
    return "team_id" in after and not after.get("owner_id") and after["team_id"] in snapshot.held().queues


def _told(text: str | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = orjson.loads(text or "{}")
    return found
