"""The trace of everything that concerns the safety of an account: one table, one writer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db
from rapport.platform.identity.sign_in_models import SignInEvent

KINDS = (
    "signed_in", "failed", "wrong_code", "recovery_code_used", "signed_out", "session_ended", "sessions_ended",
    "password_changed", "password_wrong", "second_factor_on", "second_factor_off", "second_factor_reset",
    "recovery_codes_made", "passkey_added", "passkey_removed", "token_made", "token_revoked", "role_demands",
    "role_demands_no_more", "provider_refused", "account_made", "invited", "invitation_used", "roles_given",
    "switched_off", "switched_on", "view_as_began", "view_as_ended", "provider_added", "provider_changed",
    "provider_removed", "provider_tried", "password_refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visitor:
    """The other end of the line."""

    address: str = ""
    agent: str = ""


NOBODY = Visitor()


def record(
    kind: str, user: str | None, visitor: Visitor, *, actor: str | None = None, account: str = "", about: str = ""
) -> None:
    """Write down what happened. ``actor`` is named only where it is not the user himself."""
    assert kind in KINDS, kind
    SignInEvent.objects.create(
        kind=kind, user_id=user, actor=None if actor == user else actor, account=account[:254], about=about[:200],
        address=visitor.address[:64], agent=visitor.agent[:200],
    )  # fmt: skip


_READ = """
SELECT e.id, e.at, e.kind, e.user_id, u.name, e.actor, a.name, e.account, e.about, e.address, e.agent
FROM sign_in_event e LEFT JOIN user_account u ON u.id = e.user_id LEFT JOIN user_account a ON a.id = e.actor
WHERE {where} ORDER BY e.id DESC LIMIT %s
"""


def of(user: str, limit: int = 20) -> list[dict[str, Any]]:
    """The newest events of a user."""
    return _read("e.user_id = %s", [db.key(user)], limit)


def everybody(limit: int, before: int | None = None, kind: str = "") -> list[dict[str, Any]]:
    """The newest events of all users, from ``before`` on backwards."""
    where: list[str] = ["1 = 1"]
    places: list[Any] = []
    if before is not None:
        where.append("e.id < %s")
        places.append(before)
    if kind in KINDS:
        where.append("e.kind = %s")
        places.append(kind)
    return _read(" AND ".join(where), places, limit)


def among(
    limit: int, before: int | None = None, kinds: Sequence[str] = (), person: str = "",
    since: dt.datetime | None = None, until: dt.datetime | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The newest events of these kinds that concern or were caused by a person (``system``: by nobody), in a time."""
    where: list[str] = ["1 = 1"]
    places: list[Any] = []
    if before is not None:
        where.append("e.id < %s")
        places.append(before)
    if kinds:
        where.append(f"e.kind IN ({', '.join(['%s'] * len(kinds))})")
        places += kinds
    if person == "system":
        where.append("e.user_id IS NULL AND e.actor IS NULL")
    elif person:
        where.append("(e.user_id = %s OR e.actor = %s)")
        places += [db.key(person)] * 2
    for operator, bound in ((">=", since), ("<", until)):
        if bound is not None:
            where.append(f"e.at {operator} %s")
            places.append(bound.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ") if db.is_sqlite() else bound)
    return _read(" AND ".join(where), places, limit)


def _read(where: str, places: list[Any], limit: int) -> list[dict[str, Any]]:
    return [
        {
            "id": key, "at": moment(at), "kind": kind, "user": _person(user, name), "actor": _person(actor, by),
            "account": account, "about": about, "address": address, "agent": agent,
        }
        for key, at, kind, user, name, actor, by, account, about, address, agent
        in db.rows(_READ.format(where=where), [*places, limit])
    ]  # fmt: skip


def _person(key: Any, name: str | None) -> dict[str, str] | None:
    return None if key is None else {"id": str(db.unkey(key)), "title": name or ""}


def moment(value: str | dt.datetime | None) -> dt.datetime | None:
    """A moment as either database gives it."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if value is None or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=dt.UTC)
