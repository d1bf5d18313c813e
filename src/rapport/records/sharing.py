"""Sharing a record with a user or a team (and the teams below it), to see it or also to change it.

Who may: whoever may change the record by his role. Somebody who merely got it shared passes it on to nobody.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import Actor, current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot
from rapport.records import history, intake, rows, scope, searching, shared
from rapport.records.entity import Entity
from rapport.records.errors import Bad, Invalid, NotFound, Refused
from rapport.records.kinds import MomentKind, Place
from rapport.records.models import RecordShare
from rapport.records.operation import Operation, operation

LEVELS = ("view", "change")
MOST = 200


def share(entity: Entity, key: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Share a record with ``user`` or ``team`` at ``level`` (view unless given), or change the level; returns it."""
    actor = current()
    known = _taken(args, "user", "team", "level")
    level = known.pop("level", None) or "view"
    if level not in LEVELS:
        raise Invalid.at("level", _("“level” is view or change."), "choice")
    with operation() as done:
        record = _lock(entity, key, actor, version)
        kind, grantee = _grantee(known, actor)
        if kind == "user" and grantee == record.owner_id:
            raise Refused(_("The owner has it already."), field="user")
        _set(done, entity, record, kind, grantee, level)
        return record


def unshare(entity: Entity, key: str, args: Mapping[str, Any], *, version: int | None = None) -> Any:
    """Take a share back; returns the record."""
    actor = current()
    known = _taken(args, "user", "team")
    with operation() as done:
        record = _lock(entity, key, actor, version)
        kind, grantee = _grantee(known, actor, stopping=True)
        _set(done, entity, record, kind, grantee, None)
        return record


VERBS: dict[str, Callable[..., Any]] = {"share": share, "unshare": unshare}


def of(entity: Entity, key: str) -> list[dict[str, Any]]:
    """With whom a record is shared, teams first, by name; for everybody who sees the record."""
    if not entity.is_shareable:
        raise NotFound(f"{entity.plural} are not shared.")
    rows.load(entity, key, current())
    at = MomentKind().json_sql("s.at", Place(sqlite=db.is_sqlite()))
    sql = f"""SELECT s.user_id, u.name, s.team_id, t.name, s.level, s.by, b.name, {at} FROM record_share s
              LEFT JOIN user_account u ON u.id = s.user_id LEFT JOIN team t ON t.id = s.team_id
              LEFT JOIN user_account b ON b.id = s.by
              WHERE s.record = %s ORDER BY (s.team_id IS NULL), coalesce(t.name_key, u.name_key), s.id"""
    return [
        {"user": _named(user, name), "team": _named(team, called), "level": level, "by": _named(by, who), "at": when}
        for user, name, team, called, level, by, who, when in db.rows(sql, [db.key(key)])
    ]


def may_share(entity: Entity, actor: Actor, owner: str | None, team: str | None) -> bool:
    """True when the actor may share a record with this owner and team."""
    return entity.is_shareable and scope.holds(entity, actor, "change", owner, team)


def take_back(
    entity: Entity, key: str, old: dict[str, Any] | None, new: dict[str, Any] | None, done: Operation
) -> bool:
    """Undo one share or unshare, where it still is what it became; False when it was changed since."""
    record = _lock(entity, key, done.actor, None)
    named = new or old or {}
    kind = "user" if "user" in named else "team"
    if _level(record.id, kind, named[kind]) != (new["level"] if new else None):
        return False
    return _set(done, entity, record, kind, named[kind], old["level"] if old else None)


def _named(key: Any, title: str | None) -> dict[str, Any] | None:
    return {"id": db.unkey(key), "title": title} if key else None


def _taken(args: Mapping[str, Any], *takes: str) -> dict[str, Any]:
    for name in args:
        if name not in takes:
            raise Invalid.at(name, _("This action takes: %(names)s.") % {"names": ", ".join(takes)}, "unknown_field")
    return {name: value for name, value in args.items() if value not in (None, "")}


def _lock(entity: Entity, key: str, actor: Actor, version: int | None) -> Any:
    if not entity.is_shareable:
        raise NotFound(f"{entity.plural} are not shared.")
    record = rows.load(entity, key, actor, "change", lock=True)
    if not may_share(entity, actor, record.owner_id, record.team_id):
        scope.refuse(entity, "share")
    rows.expect(record, version)
    return record


def _grantee(known: dict[str, Any], actor: Actor, stopping: bool = False) -> tuple[str, str]:
    if len(known) != 1:
        raise Invalid.at("user", _("Give a user or a team."), "required")
    [(kind, value)] = known.items()
    try:
        grantee = intake.resolve(kind, value, actor)
    except Bad as bad:
        raise Invalid.at(kind, str(bad), bad.code) from bad
    if kind == "team" and grantee in snapshot.held().queues:
        raise Refused(_("Nothing is shared with a queue; put the record there instead."), field="team")
    sql = "SELECT 1 FROM user_account WHERE id = %s AND is_active"
    if kind == "user" and not stopping and db.one(sql, (db.key(grantee),)) is None:
        raise Refused(_("This user is switched off."), field="user")
    return kind, grantee


def _level(record: str, kind: str, grantee: str) -> str | None:
    sql = f"SELECT level FROM record_share WHERE record = %s AND {kind}_id = %s"
    row = db.one(sql, (db.key(record), db.key(grantee)))
    return row[0] if row else None


def _set(done: Operation, entity: Entity, record: Any, kind: str, grantee: str, level: str | None) -> bool:
    """Bring a share to ``level`` (None: none) with everything beside it; False when nothing changes."""
    was = _level(record.id, kind, grantee)
    if was == level:
        return False
    held = RecordShare._default_manager.filter(record=record.id, **{kind: grantee})
    if level is None:
        held.delete()
    elif was is not None:
        held.update(level=level, by=done.actor.id, at=done.at)
    elif RecordShare._default_manager.filter(record=record.id).count() >= MOST:
        raise Refused(_("Shared with %(most)s already; share it with a team instead.") % {"most": MOST})
    else:
        made = {"entity": entity.key, "record": record.id, f"{kind}_id": grantee, "level": level}
        RecordShare._default_manager.create(**made, by=done.actor.id, at=done.at)
        if not shared.is_known(grantee):
            snapshot.touch()
    _tell(done, entity, record, {kind: grantee}, was, level)
    return True


def _tell(
    done: Operation, entity: Entity, record: Any, who: dict[str, str], was: str | None, level: str | None
) -> None:  # fmt: skip
    """The proof, the event, and who finds the record now."""
    before, record.version = record.version, record.version + 1
    record.updated_at, record.updated_by = done.at, done.actor.id
    rows.update(record, set(), before)
    verb = "unshared" if level is None else "shared"
    old, new = ({"shares": {**who, "level": each} if each else None} for each in (was, level))
    history.write([history.row(done, entity.key, record.id, verb, record.version, old, new)])
    searching.rescope(entity, record)
    stream.emit(
        f"{entity.key}.{verb}", entity.key, record.id, record.version, at=done.at_param, actor=done.actor.id,
        operation=done.id, fields=("shares",),
    )  # fmt: skip
