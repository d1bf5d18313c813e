"""Set-up that every request needs and that rarely changes: an immutable snapshot per metadata version.

Every worker compares the version that comes with the session query with the snapshot it holds, and loads the
set-up anew when they differ; so all workers agree without a restart.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rapport.platform import db
from rapport.platform.actor import LEVELS, Actor, Grants

_parts: dict[str, Callable[[], Any]] = {}
_held: dict[str, "Snapshot"] = {}
_marks = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``grants``: role -> {(entity, verb): level}; ``children``: team -> teams right below; ``parts``: modules' own.

    ``mark`` is unlike that of any other snapshot this process has loaded: what is worked out from one is kept by it,
    as the version of a change that was rolled back comes again.

    ``queues``: the open ones with their names; ``members``: user -> the queues he takes from.

    ``actors``: who has come in, by what the door knows of him; what they may do follows from that and this set-up.
    """

    version: int
    mark: int
    grants: dict[str, Grants]
    parents: dict[str, str | None]
    children: dict[str, tuple[str, ...]]
    leaders: dict[str, tuple[str, ...]]
    parts: dict[str, Any]
    queues: dict[str, str] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    actors: dict[tuple[Any, ...], Actor] = field(default_factory=dict, compare=False)

    def narrowed(self, roles: tuple[str, ...], grants: Grants) -> Grants:
        """What somebody with these roles may do, after modules have taken away what goes with what he may not see."""
        for each in self.parts.values():
            narrow = getattr(each, "narrow", None)
            grants = narrow(roles, grants, self.grants) if narrow else grants
        return grants

    def below(self, team: str) -> list[str]:
        """``team`` and every team below it."""
        found, queue = [], [team]
        while queue:
            at = queue.pop()
            if at not in found:
                found.append(at)
                queue.extend(self.children.get(at, ()))
        return found

    def path(self, team: str | None) -> list[str]:
        """``team`` and every team above it."""
        found: list[str] = []
        while team and team not in found:
            found.append(team)
            team = self.parents.get(team)
        return found

    def seen_by(self, user: str, team: str | None) -> tuple[str, ...]:
        """Teams whose records a user of level "team" reaches: his own, those he leads, and all below."""
        roots = [team] if team else []
        roots += self.leaders.get(user, ())
        return tuple(dict.fromkeys(t for root in roots for t in self.below(root)))


def part(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Contribute a part to the snapshot: the function reads it from the database."""

    def register(load: Callable[[], Any]) -> Callable[[], Any]:
        _parts[name] = load
        return load

    return register


def _name() -> str:
    return str(db.connection().settings_dict["NAME"])


def metadata_version() -> int:
    """The version of the set-up as the database has it."""
    row = db.one("SELECT metadata_version FROM organisation WHERE id = 1")
    return int(row[0]) if row else 0


def current(version: int | None = None) -> Snapshot:
    """The snapshot of ``version`` (asked of the database when not given)."""
    if version is None:
        version = metadata_version()
    known = _held.get(_name())
    if known is None or known.version != version:
        known = _held[_name()] = _load(version)
    return known


def known() -> Snapshot | None:
    """What this process holds, if anything; the database is not asked, nor is there a connection made."""
    return _held.get(_name()) if _held else None


def held() -> Snapshot:
    """What this process holds, unasked: the door of the request (or job) has already compared versions."""
    return _held.get(_name()) or current()


def touch() -> None:
    """Say inside the transaction that the set-up changed."""
    db.execute("UPDATE organisation SET metadata_version = metadata_version + 1 WHERE id = 1")
    forget()
    db.on_commit(forget)


def forget() -> None:
    """Drop what this process holds (tests, restore)."""
    _held.clear()


def _load(version: int) -> Snapshot:
    grants: dict[str, Grants] = {}
    sql = "SELECT r.key, g.entity, g.verb, g.level FROM role r LEFT JOIN role_grant g ON g.role_id = r.id"
    for role, entity, verb, level in db.rows(sql):
        found = grants.setdefault(role, {})
        if entity:
            found[(entity, verb)] = LEVELS[level]
    parents: dict[str, str | None] = {}
    children: dict[str, tuple[str, ...]] = {}
    leaders: dict[str, tuple[str, ...]] = {}
    queues: dict[str, str] = {}
    of_teams = "SELECT id, parent_id, leader_id, kind, is_closed, name FROM team ORDER BY name_key, id"
    for raw, above, leader, kind, closed, name in db.rows(of_teams):
        team, parent, boss = str(db.unkey(raw)), db.unkey(above), db.unkey(leader)
        if kind == "queue":
            if not closed:
                queues[team] = name
            continue
        parents[team] = parent
        if parent:
            children[parent] = (*children.get(parent, ()), team)
        if boss:
            leaders[boss] = (*leaders.get(boss, ()), team)
    parts = {name: load() for name, load in _parts.items()}
    for part in parts.values():  # what a part grants of itself holds until a role says otherwise
        for role, given in getattr(part, "grants", {}).items():
            if role in grants:
                grants[role] = {**given, **grants[role]}
    return Snapshot(
        version, next(_marks), grants, parents, children, leaders, parts, queues, _members(queues) if queues else {}
    )


def _members(queues: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Who takes from which of these queues, in their order; somebody who is switched off from none."""
    sql = "SELECT m.user_id, m.team_id FROM team_member m JOIN user_account u ON u.id = m.user_id WHERE u.is_active"
    held = {(str(db.unkey(user)), str(db.unkey(queue))) for user, queue in db.rows(sql)}
    users = {user for user, _queue in held}
    return {user: tuple(queue for queue in queues if (user, queue) in held) for user in users}
