"""Who looks after which queue: made, renamed, its members, closed and opened again; each with its proof."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot, viewing
from rapport.platform.identity.models import Team, TeamMember
from rapport.records import history, rows, write
from rapport.records.entity import registry
from rapport.records.errors import Invalid, NotFound, Refused
from rapport.records.operation import Operation, operation
from rapport.records.queues import waiting

MOST_MEMBERS = 500


def add(name: str) -> Any:
    """A new queue, without members; raises Invalid where one is called so already."""
    _free(name, None)
    return write.create(registry.get("team"), {"name": name, "kind": "queue"})


def rename(key: str, name: str) -> Any:
    """Call it otherwise."""
    _free(name, key)
    return write.change(registry.get("team"), key, {"name": name})


def _free(name: str, key: str | None) -> None:
    for queue in listed():
        if queue["name"].casefold() == name.strip().casefold() and queue["id"] != key:
            raise Invalid.at("name", _("There is a queue of this name."), "taken")


_LISTED = """SELECT t.id, t.name, t.is_closed, t.version,
  (SELECT count(*) FROM team_member m JOIN user_account u ON u.id = m.user_id WHERE m.team_id = t.id AND u.is_active)
FROM team t WHERE t.kind = 'queue' ORDER BY t.is_closed, t.name_key, t.id"""


def listed() -> list[dict[str, Any]]:
    """Every queue by name, closed ones last, each with how many members it has."""
    return [
        {"id": str(db.unkey(key)), "name": name, "closed": bool(closed), "version": version, "members": int(members)}
        for key, name, closed, version, members in db.rows(_LISTED)
    ]


def one(key: str) -> dict[str, Any]:
    """A queue by its id; raises NotFound."""
    found = next((queue for queue in listed() if queue["id"] == key), None)
    if found is None:
        raise NotFound(_("There is no such queue."))
    return found


def called(name: str) -> dict[str, Any]:
    """A queue by its id or name; raises NotFound."""
    known = listed()
    found = [queue for queue in known if name in (queue["id"], queue["name"])]
    found = found or [queue for queue in known if queue["name"].casefold() == name.casefold()]
    if len(found) != 1:
        names = ", ".join(queue["name"] for queue in known) or _("none")
        raise NotFound(_("There is no queue “%(name)s”. Known: %(names)s.") % {"name": name, "names": names})
    return found[0]


def members(key: str) -> dict[str, dict[str, Any]]:
    """Who takes from a queue, by id, in the order of their names; also who is switched off."""
    sql = """SELECT u.id, u.name, u.email, u.is_active FROM team_member m JOIN user_account u ON u.id = m.user_id
             WHERE m.team_id = %s ORDER BY u.name_key, u.id"""
    return {
        str(db.unkey(user)): {"id": str(db.unkey(user)), "title": name, "email": email or "", "active": bool(active)}
        for user, name, email, active in db.rows(sql, (db.key(key),))
    }


def join(key: str, user: str) -> str | None:
    """Make somebody a member; the operation, None when he is one already."""
    with operation() as done:
        queue = _held(key)
        if queue.is_closed:
            raise Refused(_("This queue is closed; open it again first."))
        row = db.one("SELECT is_active FROM user_account WHERE id = %s", (db.key(user),))
        if row is None:
            raise Invalid.at("user", _("There is no such user."), "unknown")
        if not row[0]:
            raise Refused(_("This user is switched off."), field="user")
        held = members(key)
        if len(held) >= MOST_MEMBERS:
            raise Refused(_("A queue has at most %(most)s members.") % {"most": MOST_MEMBERS}, field="user")
        return done.id if _set(done, queue, {*held, user}) else None


def leave(key: str, user: str) -> str | None:
    """He is a member no more; the operation, None when he was none."""
    with operation() as done:
        queue = _held(key)
        return done.id if _set(done, queue, set(members(key)) - {user}) else None


def staff(key: str, users: Iterable[str]) -> str | None:
    """These are its members from now on and no others, also who is switched off; the operation, None when they were."""
    with operation() as done:
        queue = _held(key)
        return done.id if _set(done, queue, set(users)) else None


def take_back(key: str, old: Iterable[str], new: Iterable[str]) -> bool:
    """Undo a change of the members, where they are still those it left; False when that has changed since."""
    with operation() as done:
        queue = _held(key)
        return set(members(key)) == set(new) and _set(done, queue, set(old))


def close(key: str) -> Any:
    """Nothing more comes into it. Refused while something waits there."""
    with operation():
        queue = _held(key)
        waits = waiting.counts([key], most=1).get(key)
        if waits:
            what = ", ".join(sort.label for sort, _count in waits)
            raise Refused(
                _("Something waits in it (%(what)s): give it to somebody or to another queue first.") % {"what": what}
            )
        return _switch(queue.id, closed=True)


def reopen(key: str) -> Any:
    """Things can wait in it again."""
    return _switch(_held(key).id, closed=False)


def _switch(key: str, *, closed: bool) -> Any:
    def edit(record: Any, _actor: Any) -> None:
        record.is_closed = closed

    return write.on_record(registry.get("team"), key, "closed" if closed else "opened", "change", edit)


def _held(key: str) -> Any:
    """A queue under lock, so that nothing is put there meanwhile."""
    record: Any = rows.load(registry.get("team"), key, current(), "change", lock=True)
    if record.kind != "queue":
        raise NotFound(_("There is no such queue."))
    return record


def _set(done: Operation, queue: Team, wanted: set[str]) -> bool:
    held = set(members(queue.id))
    if wanted == held:
        return False
    TeamMember.objects.filter(team=queue, user_id__in=held - wanted).delete()
    TeamMember.objects.bulk_create(TeamMember(team=queue, user_id=user) for user in sorted(wanted - held))
    was, queue.version = queue.version, queue.version + 1
    queue.updated_at, queue.updated_by = done.at, done.actor.id
    rows.update(queue, set(), was)
    told = {"members": sorted(held)}, {"members": sorted(wanted)}
    history.write([history.row(done, "team", queue.id, "staffed", queue.version, *told)])
    snapshot.touch()
    viewing.end_all()
    stream.emit(
        "team.staffed", "team", queue.id, queue.version, at=done.at_param, actor=done.actor.id, operation=done.id,
        fields=("members",),
    )  # fmt: skip
    return True
