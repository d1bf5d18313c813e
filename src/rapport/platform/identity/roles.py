"""The permission roles: which there are, and how many people have each."""

from typing import Any

from rapport.platform import db

_LISTED = """
SELECT r.id, r.key, r.name, r.description, r.needs_second_factor, r.version,
  (SELECT count(*) FROM user_role x JOIN user_account u ON u.id = x.user_id WHERE x.role_id = r.id AND u.is_active),
  (SELECT count(*) FROM user_role x JOIN user_account u ON u.id = x.user_id WHERE x.role_id = r.id AND NOT u.is_active)
FROM role r{where} ORDER BY r.created_at, r.id
"""


def listed() -> list[dict[str, Any]]:
    """All roles in the order in which they were made; ``people``: how many have it, ``off``: switched off ones."""
    return _read("", [])


def one(role: str) -> dict[str, Any] | None:
    """One of them, by its id."""
    return next(iter(_read(" WHERE r.id = %s", [db.key(role)])), None)


def called(name: str) -> dict[str, Any] | None:
    """One of them, by its key or its name."""
    found = listed()
    return next((role for role in found if name == role["key"]), None) or next(
        (role for role in found if name.casefold() == role["name"].casefold()), None
    )


def _read(where: str, places: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(db.unkey(key)), "key": word, "name": name, "description": description,
            "needs_second_factor": bool(needs), "version": version, "people": people, "off": off,
        }
        for key, word, name, description, needs, version, people, off in db.rows(_LISTED.format(where=where), places)
    ]  # fmt: skip
