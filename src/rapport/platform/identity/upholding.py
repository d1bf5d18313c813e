"""What holds after every change of users and roles, whoever made it and by whichever door.

Somebody is left who can sign in and change users and roles; who is switched off is out everywhere; and nobody looks
through another's eyes by rights that have changed meanwhile.
"""

from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import viewing
from rapport.platform.identity.models import ApiToken, Session, Team, Territory, User
from rapport.platform.identity.sign_in_models import Invitation

_GRANTED = """EXISTS (SELECT 1 FROM user_role x JOIN role_grant g ON g.role_id = x.role_id WHERE x.user_id = u.id
  AND g.entity IN ('*', '{entity}') AND g.verb = 'change' AND g.level = 'all')"""
# Who has the rights, and a way to prove that it is he.
_TRUSTED = f"""(u.password <> '' OR EXISTS (SELECT 1 FROM passkey p WHERE p.user_id = u.id)
    OR EXISTS (SELECT 1 FROM external_identity i WHERE i.user_id = u.id))
  AND {_GRANTED.format(entity="user")} AND {_GRANTED.format(entity="role")}"""


class Broken(Exception):
    """What must hold would not; ``field`` says where, when it concerns one."""

    field: str | None = None


class NobodyLeft(Broken):
    """Nobody could change users and roles any more."""


class InCircles(Broken):
    """A node of a tree would hang on itself."""

    field = "parent"


class Misplaced(Broken):
    """A queue in the place of a team, or the other way round."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def somebody() -> bool:
    """Whether anybody who can sign in may change users and roles."""
    sql = f"SELECT 1 FROM user_account u WHERE u.is_active AND u.email IS NOT NULL AND {_TRUSTED} LIMIT 1"
    return db.one(sql) is not None


def demand(before: bool = True) -> None:
    """Raise NobodyLeft when there is nobody left of what there was ``before``.

    Called in the transaction after ``snapshot.touch``, on whose row those who change set-up at once wait in turn.
    """
    if before and not somebody():
        raise NobodyLeft(_("Nobody would be left who can change users and roles. Give somebody else that right first."))


def changed(record: Any, before: dict[str, Any] | None) -> None:
    """A record of the set-up has been written; ``before``: its former values, none of a new one."""
    if isinstance(record, Team | Territory) and before is not None and before["parent_id"] != record.parent_id:
        _hangs_on_itself(record)
        viewing.end_all()
    if isinstance(record, Team):
        _keep_apart(record, before)
    if not isinstance(record, User):
        return
    if (before["team_id"] if before else None) != record.team_id:
        _be_in_a_team(record)
    if before is None:
        return
    if before["is_active"] and not record.is_active:
        _shut_out(record.id)
    if before["is_active"] and before["email"] and (not record.is_active or not record.email):
        demand(_was_trusted(record.id))
    if before["team_id"] != record.team_id:
        viewing.end_all()


def _is_queue(team: str | None) -> bool:
    return (
        team is not None and db.one("SELECT 1 FROM team WHERE id = %s AND kind = 'queue'", (db.key(team),)) is not None
    )


def _is_used(team: str) -> bool:
    within = "SELECT 1 FROM user_account WHERE team_id = %s UNION ALL SELECT 1 FROM team WHERE parent_id = %s LIMIT 1"
    return db.one(within, [db.key(team)] * 2) is not None


def _be_in_a_team(user: User) -> None:
    if _is_queue(user.team_id):
        raise Misplaced(_("Nobody belongs to a queue as to a team; make the person a member of it instead."), "team")


def _keep_apart(team: Team, before: dict[str, Any] | None) -> None:
    """Queues stand outside the tree of teams. A team in which nobody is may become one, a queue no team."""
    if before is not None and before["kind"] != team.kind and (team.kind == "team" or _is_used(team.id)):
        raise Misplaced(
            _("A team with people in it does not become a queue, nor a queue a team; make a new one."), "kind"
        )
    if team.kind == "queue" and team.parent_id:
        raise Misplaced(_("A queue lies below no team."), "parent")
    if team.kind == "queue" and team.leader_id:
        raise Misplaced(_("A queue has members, but no leader."), "leader")
    if team.kind == "team" and team.is_closed:
        raise Misplaced(_("Only a queue can be closed."), "is_closed")
    if _is_queue(team.parent_id):
        raise Misplaced(_("A team lies below another team, not below a queue."), "parent")


def _hangs_on_itself(record: Team | Territory) -> None:
    """Raise InCircles when a team, or a territory, lies below itself."""
    above, seen = record.parent_id, {record.id}
    while above is not None:
        if above in seen:
            raise InCircles(_("It cannot hang on what hangs on it."))
        seen.add(above)
        row = db.one(f"SELECT parent_id FROM {record._meta.db_table} WHERE id = %s", (db.key(above),))
        above = db.unkey(row[0]) if row else None


def _was_trusted(user: str) -> bool:
    return db.one(f"SELECT 1 FROM user_account u WHERE u.id = %s AND {_TRUSTED}", (db.key(user),)) is not None


def _shut_out(user: str) -> None:
    """His sessions, tokens and invitation are gone: they do not come back with him."""
    Session.objects.filter(user_id=user).delete()
    Session.objects.filter(as_user_id=user).update(as_user=None, as_until=None)
    ApiToken.objects.filter(user_id=user, revoked_at=None).update(revoked_at=now())
    Invitation.objects.filter(user_id=user).delete()
