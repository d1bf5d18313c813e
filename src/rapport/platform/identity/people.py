"""Who works here, for administrators: how well each account is guarded, who has which role, who is invited."""

from typing import Any

from rapport.platform import db
from rapport.platform.identity.sign_ins import moment
from rapport.platform.text import fold

_GUARDED = """
SELECT u.id, u.name, u.email,
  (SELECT count(*) FROM second_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL),
  (SELECT count(*) FROM passkey p WHERE p.user_id = u.id),
  EXISTS (SELECT 1 FROM user_role x JOIN role r ON r.id = x.role_id WHERE x.user_id = u.id AND r.needs_second_factor),
  (SELECT max(coalesce(s.seen_at, s.created_at)) FROM user_session s WHERE s.user_id = u.id)
FROM user_account u WHERE u.is_active AND (u.name_key LIKE %s OR lower(u.email) LIKE %s)
ORDER BY u.name_key, u.id LIMIT %s
"""


def guarded(sought: str, limit: int) -> list[dict[str, Any]]:
    """Active users by name whose name or e-mail holds ``sought``, with what they have for a second factor."""
    plain = sought.replace("%", "").replace("_", "")
    rows = db.rows(_GUARDED, (f"%{fold(plain)}%", f"%{plain.lower()}%", limit))
    return [
        {
            "id": str(db.unkey(key)), "title": name, "email": email or "", "factor": bool(factor),
            "passkeys": int(passkeys), "needed": bool(needed), "seen": moment(seen),
        }
        for key, name, email, factor, passkeys, needed, seen in rows
    ]  # fmt: skip


_LISTED = """
SELECT u.id, u.name, u.email, u.is_active, u.password <> '' OR EXISTS (SELECT 1 FROM passkey p WHERE p.user_id = u.id)
    OR EXISTS (SELECT 1 FROM external_identity e WHERE e.user_id = u.id),
  (SELECT i.expires_at FROM invitation i WHERE i.user_id = u.id), u.team_id, t.name,
  (SELECT max(coalesce(s.seen_at, s.created_at)) FROM user_session s WHERE s.user_id = u.id)
FROM user_account u LEFT JOIN team t ON t.id = u.team_id WHERE {where}
ORDER BY NOT u.is_active, u.name_key, u.id LIMIT %s
"""
_ROLES = """SELECT x.user_id, r.key, r.name FROM user_role x JOIN role r ON r.id = x.role_id
WHERE x.user_id IN ({marks}) ORDER BY r.name"""
STATES = {"active": "u.is_active", "off": "NOT u.is_active", "": "1 = 1"}


def listed(sought: str, state: str, limit: int, role: str = "") -> list[dict[str, Any]]:
    """People by name, those who are switched off last. ``state``: active, off or all; ``role``: who has that one."""
    plain = sought.replace("%", "").replace("_", "")
    where = f"(u.name_key LIKE %s OR lower(u.email) LIKE %s) AND {STATES.get(state, STATES[''])}"
    places: list[Any] = [f"%{fold(plain)}%", f"%{plain.lower()}%"]
    if role:
        where += " AND u.id IN (SELECT x.user_id FROM user_role x JOIN role r ON r.id = x.role_id WHERE r.key = %s)"
        places.append(role)
    return _people(where, [*places, limit])


def one(user: str) -> dict[str, Any] | None:
    """One of them."""
    return next(iter(_people("u.id = %s", [db.key(user), 1])), None)


def _people(where: str, places: list[Any]) -> list[dict[str, Any]]:
    rows = db.rows(_LISTED.format(where=where), places)
    keys = [row[0] for row in rows]
    roles: dict[Any, list[dict[str, str]]] = {key: [] for key in keys}
    if keys:
        for user, key, name in db.rows(_ROLES.format(marks=", ".join(["%s"] * len(keys))), keys):
            roles[user].append({"key": key, "name": name})
    return [
        {
            "id": str(db.unkey(key)), "title": name, "email": email or "", "active": bool(active),
            "has_way": bool(has_way), "invited": moment(invited),
            "team": {"id": db.unkey(team), "title": called} if team else None, "seen": moment(seen),
            "roles": roles[key],
        }
        for key, name, email, active, has_way, invited, team, called, seen in rows
    ]  # fmt: skip


_MEANT = """SELECT u.id FROM user_account u WHERE u.is_active AND (u.id IN ({marks}) OR u.team_id IN ({marks})
  OR u.id IN (SELECT m.user_id FROM team_member m WHERE m.team_id IN ({marks}))) ORDER BY u.id"""


def meant(named: list[str], limit: int | None = None) -> list[str]:
    """The active users who are meant by ids of users, teams (all in them) and queues (their members)."""
    if not named:
        return []
    keys = [db.key(each) for each in named]
    sql = _MEANT.format(marks=", ".join(["%s"] * len(keys)))
    sql += f" LIMIT {limit}" if limit else ""
    return [str(db.unkey(row[0])) for row in db.rows(sql, [*keys, *keys, *keys])]
