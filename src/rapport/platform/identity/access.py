"""From a cookie or a token to an Actor: one statement brings session, user, roles and the metadata version."""

import datetime as dt
import hashlib
import secrets
from typing import Any

from rapport.platform import db
from rapport.platform.actor import Actor, Grants
from rapport.platform.clock import now
from rapport.platform.identity import seen, snapshot
from rapport.platform.identity.models import ApiToken, Session, User

SESSION_DAYS = 14
TOKEN_PREFIX = "rap_"
REMEMBERED = 1_000

_WHO = """
SELECT u.id, u.name, u.email, u.language, coalesce(u.time_zone, o.time_zone), u.team_id,
  (SELECT {group} FROM user_role x JOIN role r ON r.id = x.role_id WHERE x.user_id = u.id),
  o.metadata_version, o.name, o.base_currency, {scope}, s.id, s.seen_at IS NULL OR s.seen_at < %s, s.user_id
FROM {source} s JOIN user_account u ON u.id = {seen_as} JOIN organisation o ON o.id = 1
WHERE s.digest = %s AND u.is_active AND {valid}
"""
# Whose eyes a session has: its user's, or for a while those of somebody else, as long as both are active.
_SEEN_AS = """coalesce((SELECT v.id FROM user_account v
  WHERE v.id = s.as_user_id AND s.as_until > %s AND v.is_active), s.user_id)"""
_PRESENT = "(s.as_user_id IS NULL OR (SELECT w.is_active FROM user_account w WHERE w.id = s.user_id))"


def digest(secret: str) -> str:
    """What the database keeps of a secret (256 random bits need no slow hash)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _sql(source: str) -> str:
    group = "group_concat(r.key)" if db.is_sqlite() else "string_agg(r.key, ',')"
    if source == "user_session":
        valid = f"s.expires_at > %s AND {_PRESENT}"
        return _WHO.format(group=group, scope="'admin'", source=source, valid=valid, seen_as=_SEEN_AS)
    valid = "s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > %s)"
    return _WHO.format(group=group, scope="s.scope", source=source, valid=valid, seen_as="s.user_id")


_compiled: dict[tuple[str, str], str] = {}


def _find(source: str, secret: str) -> tuple[Any, ...] | None:
    shape = (db.vendor(), source)
    sql = _compiled.get(shape)
    if sql is None:
        sql = _compiled[shape] = _sql(source)
    moment = now()
    at = _bound(moment)
    eyes = (at,) if source == "user_session" else ()
    return db.one(sql, (_bound(moment - seen.STALE), *eyes, digest(secret), at))


def _bound(moment: dt.datetime) -> Any:
    return moment.replace(tzinfo=None).isoformat(" ") if db.is_sqlite() else moment


class Entry:
    """Who came in, with what the request needs of the organisation.

    ``number`` is that of the session or token; ``stale``: the database has not heard of its use for a while;
    ``user``: whose session or token it is, also while the actor is somebody else as whom he looks.
    """

    __slots__ = ("actor", "base_currency", "number", "organisation", "session", "snapshot", "stale", "user")

    def __init__(self, row: tuple[Any, ...], source: str) -> None:
        user, name, email, language, zone, team, roles, version, organisation, currency, scope, number, stale, own = row
        held = snapshot.current(int(version))
        token = source == "api"
        self.snapshot = held
        self.organisation = organisation
        self.base_currency = currency
        self.number, self.stale = number, bool(stale)
        self.session = None if token else number
        self.user = str(db.unkey(own))
        viewer, program = (self.user if own != user else None), (number if token else 0)
        mark = (source, scope, viewer, program, *row[:7])
        known = held.actors.get(mark)
        if known is None:
            holds = tuple(roles.split(",")) if roles else ()
            known = make_actor(
                str(db.unkey(user)), name, email or "", holds, db.unkey(team), held,
                scope=scope, source=source, language=language, time_zone=zone, viewer=viewer, token=program,
            )  # fmt: skip
            if len(held.actors) >= REMEMBERED:
                held.actors.clear()
            held.actors[mark] = known
        self.actor = known


def make_actor(
    user: str,
    name: str,
    email: str,
    roles: tuple[str, ...],
    team: str | None,
    held: snapshot.Snapshot,
    **more: Any,
) -> Actor:
    """The Actor of a user with ``roles``: the widest level of each grant wins. A ``viewer`` takes nothing along."""
    grants: Grants = {}
    for role in roles:
        for place, level in held.grants.get(role, {}).items():
            grants[place] = max(grants.get(place, 0), level)
    grants = held.narrowed(roles, grants)
    if more.get("viewer"):
        grants = {place: level for place, level in grants.items() if place[1] != "export"}
    return Actor(
        id=user,
        name=name,
        email=email,
        roles=roles,
        team=team,
        teams=held.seen_by(user, team),
        queues=held.members.get(user, ()),
        territories=held.parts["territories"].seen_by(user),
        grants=grants,
        **more,
    )


def actor_of(user: User, source: str = "ui", scope: str = "admin") -> Actor:
    """The Actor of a stored user (command line, jobs, tests)."""
    held = snapshot.current()
    roles = tuple(user.roles.values_list("key", flat=True))
    zone = user.time_zone or "UTC"
    return make_actor(
        user.id, user.name, user.email or "", roles, user.team_id, held,
        source=source, scope=scope, language=user.language, time_zone=zone,
    )  # fmt: skip


def by_session(secret: str) -> Entry | None:
    """Who holds this session cookie, or None."""
    row = _find("user_session", secret)
    return Entry(row, "ui") if row else None


def by_token(secret: str) -> Entry | None:
    """Whose API token this is, or None."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    row = _find("api_token", secret)
    return Entry(row, "api") if row else None


def open_session(user: User, address: str = "", agent: str = "", method: str = "password") -> str:
    """Start a session; returns the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    expires = now() + dt.timedelta(days=SESSION_DAYS)
    Session.objects.create(
        digest=digest(secret), user=user, expires_at=expires, method=method, address=address[:64], agent=agent[:200]
    )
    return secret


def session_of(secret: str) -> int:
    """The number of the session that this cookie holds."""
    return int(Session.objects.get(digest=digest(secret)).id)


def make_token(user: User, name: str, scope: str = "write", expires_at: dt.datetime | None = None) -> str:
    """A new API token of ``user``; only its digest is kept."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(digest=digest(secret), user=user, name=name, scope=scope, expires_at=expires_at)
    return secret
