"""How well each user's account is guarded, for administrators."""

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
