"""Approvals as screens ask for them: what waits for the reader's decision. Read from indexes, however much is there."""

from typing import Any

from rapport.automation.fitting import titles
from rapport.automation.models import Approval
from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.identity import snapshot
from rapport.records import read, registry
from rapport.records.read import Query

SHOWN = ("question", "about", "status", "decider", "deciders", "asked_by", "due_at", "created_at")
MOST_TEAMS = 20
# Asked alone, then as one of a team, each from its own index; ids go by time.
_ALONE = """SELECT record FROM (SELECT id AS record FROM approval
WHERE owner_id = %s AND status = 'waiting' AND binned_at IS NULL ORDER BY id LIMIT {limit}) w"""
_AMONG = """SELECT record FROM (SELECT id AS record FROM approval
WHERE deciders_id = %s AND status = 'waiting' AND binned_at IS NULL AND (asked_by_id IS NULL OR asked_by_id <> %s)
ORDER BY id LIMIT {limit}) w{number}"""


def mine(limit: int) -> list[dict[str, Any]]:
    """What waits for the reader's decision, the oldest first, each with the record it is about as far as he sees it.

    What waits in his queues is not among it: that is shown there.
    """
    actor, entity = current(), registry.get("approval")
    teams = _teams(actor)
    parts = [_ALONE.format(limit=limit), *(_AMONG.format(limit=limit, number=at) for at in range(len(teams)))]
    me = db.key(actor.id)
    query = Query(entity, fields=entity.seen(SHOWN), sort=("created_at",), limit=limit, expand=True, ordered=True)
    query.among = " UNION ALL ".join(parts), [me, *(place for team in teams for place in (db.key(team), me))]
    return _with_records(read.page(query).items())


def _teams(actor: Actor) -> list[str]:
    """The teams that the actor answers for."""
    led = snapshot.held().leaders.get(actor.id or "", ())
    return list(dict.fromkeys([*([actor.team] if actor.team else []), *led]))[:MOST_TEAMS]


def _with_records(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each with ``record``: key, title and address of what it is about; None where the reader does not see that."""
    named: dict[str, str] = {}
    abouts = [each["about"] for each in found if each.get("about")]
    for key in dict.fromkeys(each["entity"] for each in abouts):
        if key in registry and current().may(key, "view"):
            named |= titles(registry.get(key), {each["id"] for each in abouts if each["entity"] == key})
    for each in found:
        about = each.get("about")
        each["record"] = None
        if about and about["id"] in named:
            entity = registry.get(about["entity"])
            each["record"] = {
                "entity": entity.key, "title": named[about["id"]], "url": entity.url(about["id"]), "icon": entity.icon,
            }  # fmt: skip
    return found


def dressed(record: dict[str, Any]) -> dict[str, Any]:
    """An approval as read with titles, with ``record``, and ``mine``: whether the reader may answer it now."""
    [found] = _with_records([record])
    names = {f"{name}_id": (record.get(name) or {}).get("id") for name in ("decider", "deciders", "asked_by")}
    held, actor = Approval(**names), current()
    own = held.is_asked(actor) and (bool(held.decider_id) or held.asked_by_id != actor.id)
    return {**found, "mine": own and record.get("status") == "waiting"}
