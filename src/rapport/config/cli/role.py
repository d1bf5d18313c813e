"""``rapport role list|show|add|grant|hide|readonly|open|give|take|remove``: permission roles, what they may do, and who
has them."""

import argparse
import sys
from typing import Any

import orjson

from rapport.config.prepare import prepare
from rapport.platform.actor import LEVELS, VERBS, as_system
from rapport.platform.identity import accounts, roles, snapshot
from rapport.records import appointing, field_limits, granting, registry, write
from rapport.records.errors import NotFound, Problem

LIMITS = {"hide": "hidden", "readonly": "read", "open": "write"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    deeds = parser.add_subparsers(dest="what", required=True)
    deeds.add_parser("list", help="every role and how many have it, one line of JSON each")
    show = deeds.add_parser("show", help="what a role may do")
    add = deeds.add_parser("add", help="a new role")
    grant = deeds.add_parser("grant", help="how far a role goes")
    hide = deeds.add_parser("hide", help="who has the role does not know of a field")
    readonly = deeds.add_parser("readonly", help="who has the role sees a field, and does not set it")
    opened = deeds.add_parser("open", help="who has the role sees and sets a field again")
    give = deeds.add_parser("give", help="give somebody a role")
    take = deeds.add_parser("take", help="take a role away from somebody")
    remove = deeds.add_parser("remove", help="delete a role that nobody has")
    for each in (show, grant, hide, readonly, opened, give, take, remove):
        each.add_argument("role", help="its key or its name")
    add.add_argument("name")
    add.add_argument("--like", default="", metavar="ROLE", help="begin with the rights of this one")
    add.add_argument("--description", default="", help="whom it is for")
    grant.add_argument("entity", help="such as party, deal, task; “*” for everything")
    grant.add_argument("verb", choices=VERBS)
    grant.add_argument("level", choices=tuple(LEVELS))
    for each in (hide, readonly, opened):
        each.add_argument("entity", help="such as party, deal, task")
        each.add_argument("field", help="such as amount, address.city, custom.margin")
    for each in (give, take):
        each.add_argument("email")


def run(options: argparse.Namespace) -> int:
    """Carry it out; prints the result as JSON."""
    prepare()
    deed = {
        "list": _list, "show": _show, "add": _add, "grant": _grant, "give": _give, "take": _give, "remove": _remove,
        **dict.fromkeys(LIMITS, _limit),
    }  # fmt: skip
    try:
        with as_system(f"rapport role {options.what}", source="cli"):
            told = deed[options.what](options)
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 2
    for line in told:
        print(orjson.dumps(line).decode())
    return 0


def _called(name: str) -> dict[str, Any]:
    found = roles.called(name)
    if found is None:
        known = ", ".join(role["key"] for role in roles.listed())
        raise NotFound(f"There is no role “{name}”. Known: {known}.")
    return found


def _list(_options: argparse.Namespace) -> list[dict[str, Any]]:
    return [{name: role[name] for name in ("key", "name", "description", "people")} for role in roles.listed()]


def _show(options: argparse.Namespace) -> list[dict[str, Any]]:
    role = _called(options.role)
    told = {name: role[name] for name in ("key", "name", "description", "people")}
    held = {"grants": granting.told(granting.held_by(role["key"])), "fields": field_limits.everywhere(role["key"])}
    return [{**told, **held}]


def _add(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.like:
        made = granting.copy(_called(options.like)["id"], options.name, options.description)
    else:
        made = write.create(registry.get("role"), {"name": options.name, "description": options.description})
    return [{"key": made.key, "name": made.name}]


def _grant(options: argparse.Namespace) -> list[dict[str, Any]]:
    role = _called(options.role)
    granting.grant(role["id"], {(options.entity, options.verb): options.level})
    snapshot.forget()
    return _show(options)


def _limit(options: argparse.Namespace) -> list[dict[str, Any]]:
    role = _called(options.role)
    if options.entity not in registry:
        known = ", ".join(entity.key for entity in registry if entity.takes_fields)
        raise NotFound(f"There is no “{options.entity}”. Known: {known}.")
    field_limits.limit(role["id"], registry.get(options.entity), {options.field: LIMITS[options.what]})
    snapshot.forget()
    return _show(options)


def _give(options: argparse.Namespace) -> list[dict[str, Any]]:
    role, user = _called(options.role), accounts.by_email(options.email)
    if user is None:
        raise NotFound(f"There is no user {options.email}.")
    held = set(appointing.held_by(user.id))
    wanted = held | {role["key"]} if options.what == "give" else held - {role["key"]}
    appointing.appoint(user.id, wanted)
    return [{"email": user.email, "roles": sorted(wanted)}]


def _remove(options: argparse.Namespace) -> list[dict[str, Any]]:
    role = _called(options.role)
    granting.remove(role["id"])
    return [{"removed": role["key"]}]
