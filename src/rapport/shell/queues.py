"""Queues as screens show them: what waits in those of the reader, where something can be put, who the members were."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity import snapshot
from rapport.records import Entity
from rapport.records.intake import QUEUE
from rapport.records.queues import taking, waiting

SHOWN, MANY = 4, 99


def options(entity: Entity, sought: str = "") -> list[dict[str, str]]:
    """The open queues whose name has a word that starts so, as an owner's place takes them."""
    if not entity.is_queueable:
        return []
    text = sought.casefold()
    return [
        {"id": f"{QUEUE}{key}", "title": name}
        for key, name in snapshot.held().queues.items()
        if any(word.startswith(text) for word in (name.casefold(), *name.casefold().split()))
    ]


def mine() -> list[dict[str, Any]]:
    """What waits in the reader's queues, the oldest few of each, with the lists of all of it."""
    actor, names = current(), snapshot.held().queues
    return [
        {
            "id": queue, "name": names.get(queue, ""),
            "waits": [_row(each) for each in waits[:SHOWN]], "more": len(waits) > SHOWN,
            "lists": [
                {"label": sort.label, "icon": sort.icon, "url": sort.url(queue)}
                for sort in dict.fromkeys(each.sort for each in waits)
            ],
        }
        for queue, waits in (waiting.oldest(actor, SHOWN + 1).items() if actor.queues else ())
    ]  # fmt: skip


def _row(each: waiting.Waits) -> dict[str, Any]:
    return {
        "id": each.id, "title": each.title, "url": each.sort.entity.url(each.id), "icon": each.sort.icon,
        "kind": each.sort.one, "since": each.since, "take": waiting.takeable(each, current()),
    }  # fmt: skip


def topics() -> tuple[str, ...]:
    """What a page with the reader's queues on it wants to hear about."""
    return tuple(entity.key for entity in waiting.kinds_of(current())) if current().queues else ()


def counted(queues: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """By queue: how much of each sort waits there, for who looks after queues; ``many``: there is more than counted."""
    return {
        queue: [
            {
                "label": sort.label,
                "icon": sort.icon,
                "count": min(count, MANY),
                "many": count > MANY,
                "url": sort.url(queue),
            }
            for sort, count in waits
        ]
        for queue, waits in waiting.counts(list(queues), most=MANY + 1).items()
    }  # fmt: skip


def offers(entity: Entity, record: dict[str, Any]) -> dict[str, bool]:
    """Whether the reader may take a record, and put it into a queue; ``record`` as read with titles."""
    owner, team = (record[name]["id"] if record.get(name) else None for name in ("owner", "team"))
    given = entity, current(), owner, team, record["id"]
    return {"take": taking.may_take(*given), "queue": taking.may_put(*given)}


def told_members(before: Iterable[str], after: Iterable[str]) -> list[dict[str, Any]]:
    """The line of a history that says who was a member of a queue, and who is."""
    keys = sorted({*before, *after})
    marks = ", ".join(["%s"] * len(keys))
    sql = f"SELECT id, name FROM user_account WHERE id IN ({marks}) ORDER BY name_key"
    names = {str(db.unkey(key)): name for key, name in db.rows(sql, [db.key(key) for key in keys])} if keys else {}
    was, now = (", ".join(name for key, name in names.items() if key in set(each)) for each in (before, after))
    return [{"label": _("Members"), "before": _text(was), "after": _text(now)}]


def _text(value: str) -> dict[str, Any]:
    return {"name": "members", "kind": "text", "value": value or None, "shown": value}
