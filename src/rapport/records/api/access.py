"""Who may do what, for programs: the grants and field limits of roles, the roles of people, links to set a password,
who works a territory.

Whoever comes with a token shows one of the scope "admin"; all else is as on the screens.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS, current
from rapport.platform.clock import wire
from rapport.platform.identity import invitations, sessions, sign_ins, snapshot
from rapport.platform.web.visitor import visitor
from rapport.records import appointing, field_limits, granting, registry, rows
from rapport.records.api import asked, doors
from rapport.records.api.answers import Door, guarded, json
from rapport.records.errors import Forbidden, Invalid, Stale
from rapport.records.operation import operation
from rapport.records.territories import staffing

Told = Callable[[Any], dict[str, Any]]
Set = Callable[[Any, Mapping[str, str], int | None], str | None]


def _administers(request: HttpRequest) -> None:
    """What is behind this takes more than a token that writes, or a session that lies open."""
    session = request.entry.session  # type: ignore[attr-defined]
    if current().scope != "admin":
        raise Forbidden(_("This takes a token with the scope “admin”."))
    if request.method != "GET" and session is not None and not sessions.is_fresh(session):
        raise Forbidden(_("Show first that it is you, at /account/confirm."))


def _door(entity: str, told: Told, put: Set, patch: Set, name: str) -> Door:
    """GET what is so; PUT all of it; PATCH what is named."""

    @guarded("GET", "PUT", "PATCH")
    def view(request: HttpRequest, key: str) -> HttpResponse:
        asked.only(request)
        _administers(request)
        kind, known = registry.get(entity), asked.key(key)
        if request.method == "GET":
            return _told(rows.load(kind, known, current()), told)
        wanted, expected = _named(asked.body(request), name), asked.version(request)
        record = rows.load(kind, known, current(), "change")
        try:
            done = (put if request.method == "PUT" else patch)(record, wanted, expected)
        except Stale as stale:
            raise doors.since(stale, kind, known, expected) from None
        snapshot.forget()
        return _told(rows.load(kind, known, current()), told, operation=done)

    return view


def _told(record: Any, told: Told, **more: Any) -> HttpResponse:
    return json({**told(record), "version": record.version, **more}, headers={"ETag": f'"{record.version}"'})


def _named(body: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """``{"grants": {"deal.view": "own"}}``."""
    found = body.get(name)
    if set(body) != {name} or not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()):
        example = {"grants": '{"deal.view": "own"}', "fields": '{"deal.amount": "hidden"}'}[name]
        raise Invalid.at(name, _("Send %(told)s.") % {"told": f'{{"{name}": {example}}}'}, "required")
    return found


def _grants(role: Any) -> dict[str, Any]:
    return {"grants": granting.told(granting.held_by(role.key))}


def _grant(role: Any, wanted: Mapping[str, str], version: int | None) -> str | None:
    held, errors = _grants(role)["grants"], []
    wanted = {name: level for name, level in wanted.items() if held.get(name) != level}  # as seeded, may be no choice
    for name, level in wanted.items():
        try:
            granting.level_of(granting.place_of(name), level)
        except Invalid as problem:
            errors += [{**each, "field": name} for each in problem.errors]
    if errors:
        raise Invalid("; ".join(f"{each['field']}: {each['message']}" for each in errors), errors=errors)
    return granting.grant(role.id, {granting.place_of(name): level for name, level in wanted.items()}, version=version)


def _grant_all(role: Any, wanted: Mapping[str, str], version: int | None) -> str | None:
    """What is not named is given no more."""
    there = {granting.EVERYTHING, *(entity.key for entity in registry)}  # an object in the bin keeps its grants
    known = [name for name in _grants(role)["grants"] if granting.place_of(name)[0] in there]
    return _grant(role, {**dict.fromkeys(known, "none"), **wanted}, version)


def _fields(role: Any) -> dict[str, Any]:
    return {"fields": field_limits.everywhere(role.key)}


def _limit(role: Any, wanted: Mapping[str, str], version: int | None) -> str | None:
    """All of it, or nothing: what objects it concerns is one deed."""
    by_entity: dict[str, dict[str, str]] = {}
    for name, how in wanted.items():
        key, _dot, field = name.partition(".")
        if key not in registry:
            raise Invalid.at(name, _("There is no “%(entity)s”.") % {"entity": key}, "unknown")
        by_entity.setdefault(key, {})[field] = how
    changed = None
    with operation() as done:
        granting.locked(role.id, version)
        for key, limits in by_entity.items():
            changed = field_limits.limit(role.id, registry.get(key), limits) or changed
        return done.id if changed else None


def _limit_all(role: Any, wanted: Mapping[str, str], version: int | None) -> str | None:
    """What is not named is open again."""
    return _limit(role, {**dict.fromkeys(_fields(role)["fields"], field_limits.OPEN), **wanted}, version)


grants = _door("role", _grants, _grant_all, _grant, "grants")
fields = _door("role", _fields, _limit_all, _limit, "fields")


@guarded("GET", "PUT")
def roles(request: HttpRequest, key: str) -> HttpResponse:
    """GET the roles of a user; PUT: these from now on, and no others."""
    asked.only(request)
    _administers(request)
    kind, known = registry.get("user"), asked.key(key)
    if not current().may("role", "view"):
        raise Forbidden(_("Only administrators look after people and roles."))
    if request.method == "GET":
        return _told(rows.load(kind, known, current()), _roles)
    wanted, expected = asked.body(request).get("roles"), asked.version(request)
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise Invalid.at("roles", _("Send %(told)s.") % {"told": '{"roles": ["sales"]}'}, "required")
    try:
        done = appointing.appoint(known, wanted, version=expected)
    except Stale as stale:
        raise doors.since(stale, kind, known, expected) from None
    if done:
        about = ", ".join(appointing.held_by(known).values())
        sign_ins.record("roles_given", known, visitor(request), actor=current().id, about=about)
    return _told(rows.load(kind, known, current()), _roles, operation=done)


def _roles(user: Any) -> dict[str, Any]:
    return {"roles": list(appointing.held_by(user.id))}


@guarded("GET", "PUT", "PATCH")
def people(request: HttpRequest, key: str) -> HttpResponse:
    """GET who works a territory; PUT: these from now on, and no others; PATCH: these more, and those no longer."""
    asked.only(request)
    _administers(request)
    kind, known = registry.get("territory"), asked.key(key)
    if any(current().level(entity, "change") < LEVELS["all"] for entity in ("user", "role")):
        raise Forbidden(_("Only administrators look after people and roles."))
    record = rows.load(kind, known, current())
    if request.method == "GET":
        return _told(record, _people)
    body, expected = asked.body(request), asked.version(request)
    names = ("people",) if request.method == "PUT" else ("add", "remove")
    if not body or set(body) - set(names):
        example = {"PUT": '{"people": ["ann@example.com"]}', "PATCH": '{"add": ["ann@example.com"], "remove": []}'}
        raise Invalid.at(names[0], _("Send %(told)s.") % {"told": example[str(request.method)]}, "required")
    named = {name: set(staffing.called(name, body[name])) for name in body}
    try:
        if request.method == "PUT":
            done = staffing.staff(known, named["people"], version=expected)
        else:
            done = staffing.amend(known, named.get("add", set()), named.get("remove", set()), version=expected)
    except Stale as stale:
        raise doors.since(stale, kind, known, expected) from None
    return _told(rows.load(kind, known, current()), _people, operation=done)


def _people(territory: Any) -> dict[str, Any]:
    return {"people": staffing.held_by(territory.id)}


@guarded("POST")
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """A link by which a user sets his password, told this once; the former one is worth nothing from now on."""
    asked.only(request)
    _administers(request)
    known = asked.key(key)
    secret = appointing.invite(known, visitor(request))
    held = invitations.of(known)
    ends = wire(held.expires_at) if held else None
    return json({"link": request.build_absolute_uri(f"/join/{secret}"), "expires_at": ends}, 201)
