"""Queues: a record waits where it has no owner and a queue for its team, until a member of the queue takes it.

Who may put a record into a queue, or take it out: whoever may change it by his role, to which being a member of the
queue it waits in belongs. Somebody who merely got it shared does neither.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.clock import now
from rapport.platform.identity import snapshot
from rapport.records import intake, scope, write
from rapport.records.actions import actions_of
from rapport.records.entity import Entity
from rapport.records.errors import Bad, Invalid, NotFound, Refused

LOOKED_AT = 20
REMEMBERED = dt.timedelta(days=1)


def put(entity: Entity, key: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Put a record into the ``queue`` (its id or name): nobody has it then; returns it."""
    _check(entity, args, "queue")
    if not args.get("queue"):
        raise Invalid.at("queue", _("Say which queue."), "required")
    try:
        queue = intake.queue_of(args["queue"], current())
    except Bad as bad:
        raise Invalid.at("queue", str(bad), bad.code) from bad

    def edit(record: Any, actor: Actor) -> None:
        write.apply(entity, record, intake.Intake(values={"owner_id": None}, queue=queue), actor)

    return write.on_record(entity, key, "queue", "change", edit, version=version)


def take(entity: Entity, key: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Take a record that nobody has; returns it. Refused, with who was quicker, when somebody has it by now."""
    _check(entity, args)
    try:
        return write.on_record(entity, key, "take", "change", taker(entity), version=version)
    except NotFound:
        if (told := _taken_before(entity, key, current())) is None:
            raise
        raise Refused(told, field="owner") from None


VERBS: dict[str, Callable[..., Any]] = {"queue": put, "take": take}


def taker(entity: Entity) -> Callable[[Any, Actor], None]:
    """What gives a held record to the actor: the model's own action ``take``, where it has one."""
    own: Any = actions_of(entity.model).get("take")

    def edit(record: Any, actor: Actor) -> None:
        if record.owner_id is not None and record.owner_id == actor.id:
            return
        if record.owner_id is not None:
            raise Refused(_taken_before(entity, record.id, actor) or _has_it(record.owner_id), field="owner")
        if own:
            own(record)
            return
        if actor.id is None:
            raise Refused(_("Only somebody who works here takes a record."))
        scope.guard_owner(entity, actor, record)
        record.owner_id, record.team_id = actor.id, actor.team

    return edit


def waits_in(owner: Any, team: str | None) -> str:
    """The name of the open queue that a record with this owner and team waits in; empty where it does not wait."""
    name: str = snapshot.held().queues.get(team, "") if team and not owner else ""
    return name


def may_take(entity: Entity, actor: Actor, owner: str | None, team: str | None, key: str) -> bool:
    """True when the actor is offered to take a record that waits: nobody has it, and he may change it by his role."""
    return (
        bool(waits_in(owner, team)) and actor.id is not None and entity.is_queueable
        and scope.holds(entity, actor, "change", owner, team, key, given=False)
    )  # fmt: skip


def may_put(entity: Entity, actor: Actor, owner: str | None, team: str | None, key: str) -> bool:
    """True when there are queues, and the actor may put a record with this owner and team into one."""
    return (
        entity.is_queueable and bool(snapshot.held().queues)
        and scope.holds(entity, actor, "change", owner, team, key, given=False)
    )  # fmt: skip


def _check(entity: Entity, args: Mapping[str, Any], *takes: str) -> None:
    if not entity.is_queueable:
        raise NotFound(f"{entity.plural} do not wait in queues.")
    for name in args:
        if name not in takes:
            known = ", ".join(takes) or _("nothing")
            raise Invalid.at(name, _("This action takes: %(names)s.") % {"names": known}, "unknown_field")


def _has_it(owner: str) -> str:
    return _("%(who)s has it.") % {"who": _name_of(owner)}


def _name_of(user: str) -> str:
    row = db.one("SELECT name FROM user_account WHERE id = %s", (db.key(user),))
    return str(row[0]) if row else _("Somebody")


_CHANGES = """SELECT at, actor, before, after FROM change WHERE record = %s AND entity = %s
ORDER BY id DESC LIMIT %s"""


def _taken_before(entity: Entity, key: str, actor: Actor) -> str | None:
    """Who has lately got a record that waited, in words; None where that is not for the actor to know.

    He may know of what waited in a queue of his, or lies in his scope anyway.
    """
    seen = scope.level(entity, actor) >= 3
    for at, by, old, new in db.rows(_CHANGES, (db.key(key), entity.key, LOOKED_AT)):
        before, after = orjson.loads(old or "{}"), orjson.loads(new or "{}")
        if "owner_id" not in before:
            continue
        moment = at if isinstance(at, dt.datetime) else dt.datetime.fromisoformat(str(at))
        passed = now() - (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))
        waited = before["owner_id"] is None and (seen or before.get("team_id") in actor.queues)
        if not waited or not after.get("owner_id") or passed > REMEMBERED:
            return None
        words = _("%(who)s took it %(ago)s.") if db.unkey(by) == after["owner_id"] else _("%(who)s got it %(ago)s.")
        return words % {"who": _name_of(after["owner_id"]), "ago": _ago(passed)}
    return None


def _ago(passed: dt.timedelta) -> str:
    seconds = max(1, int(passed.total_seconds()))
    if seconds < 60:
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    return ngettext("%(n)s hour ago", "%(n)s hours ago", minutes // 60) % {"n": minutes // 60}
