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


class NotUpheld(Exception):
    """A change after which something would no longer hold."""


class NobodyLeft(NotUpheld):
    """Nobody could change users and roles any more."""


class InCircles(NotUpheld):
    """A node of a tree would hang on itself."""


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
    if not isinstance(record, User) or before is None:
        return
    if before["is_active"] and not record.is_active:
        _shut_out(record.id)
    if before["is_active"] and before["email"] and (not record.is_active or not record.email):
        demand(_was_trusted(record.id))
    if before["team_id"] != record.team_id:
        viewing.end_all()


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
