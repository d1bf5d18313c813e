"""The people who use the made-up installation: an administrator, sellers in a tree of teams, a manager."""

from dataclasses import dataclass

from bench.words import Dice
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import accounts, snapshot
from rapport.records import registry, write

ADMIN, HEAVY, LIGHT, MANAGER = "admin@bench.test", "heavy@bench.test", "light@bench.test", "manager@bench.test"
USERS, REGIONS, TEAMS = 200, 5, 4


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who owns records, and whose search tokens they carry."""

    id: str
    team: str | None
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """``sellers`` are all owners but the two special ones."""

    admin: Owner
    heavy: Owner
    light: Owner
    sellers: tuple[Owner, ...]


def hire(dice: Dice) -> Staff:
    """Make users and teams by the engine's own write path."""
    with as_system("bench: staff"), db.transaction():
        teams, regions = _teams()
        found = {
            ADMIN: _user(dice, ADMIN, "admin", None),
            HEAVY: _user(dice, HEAVY, "sales", teams[0]),
            LIGHT: _user(dice, LIGHT, "sales", teams[-1]),
            MANAGER: _user(dice, MANAGER, "manager", regions[0]),
        }
        accounts.set_password(found[ADMIN], "bench-password")
        sellers = [
            _user(dice, f"seller{number}@bench.test", "sales", teams[number % len(teams)])
            for number in range(USERS - len(found))
        ]
    snapshot.forget()
    return Staff(_owner(found[ADMIN]), _owner(found[HEAVY]), _owner(found[LIGHT]), tuple(map(_owner, sellers)))


def _teams() -> tuple[list[str], list[str]]:
    entity = registry.get("team")
    top = write.create(entity, {"name": "Sales"}).id
    regions = [write.create(entity, {"name": f"Region {n + 1}", "parent": top}).id for n in range(REGIONS)]
    teams = [
        write.create(entity, {"name": f"Team {r + 1}.{n + 1}", "parent": region}).id
        for r, region in enumerate(regions)
        for n in range(TEAMS)
    ]
    return teams, regions


def _user(dice: Dice, email: str, role: str, team: str | None) -> object:
    land = dice.of(dice.lands)
    name = f"{dice.of(land.given)} {dice.of(land.family)}"  # type: ignore[attr-defined]
    user = write.create(registry.get("user"), {"name": name, "email": email, "team": team})
    accounts.give_role(user, role)
    return user


def _owner(user: object) -> Owner:
    path = tuple(snapshot.held().path(user.team_id))  # type: ignore[attr-defined]
    return Owner(user.id, user.team_id, path)  # type: ignore[attr-defined]
