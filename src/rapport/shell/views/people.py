"""The people who work here: added, given roles, invited, switched off and on again, and what they leave handed over."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.platform.identity import access, accounts, invitations, people, roles, sign_ins
from rapport.platform.keys import parse_key
from rapport.platform.web.visitor import visitor
from rapport.records import appointing, granting, registry, write
from rapport.records.errors import NotFound, Problem, Refused
from rapport.records.operation import operation
from rapport.shell import handing, histories, rights
from rapport.shell.refusals import in_words
from rapport.shell.views import forms
from rapport.shell.views.access import WHERE, administers, shown, to

SHOWN = 100
FORM = ("name", "email", "team")


def _person(key: str) -> dict[str, Any]:
    found = people.one(key) if parse_key(key) == key else None
    if found is None:
        raise NotFound(_("There is no such user."))
    return found


@administers
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Everybody: found by name or e-mail, by role, active or switched off."""
    sought, role = request.GET.get("q", "").strip()[:100], request.GET.get("role", "")
    state = request.GET.get("state", "") if request.GET.get("state") in people.STATES else ""
    found = people.listed(sought, state, SHOWN + 1, role)
    return shown(
        request, "shell/access_people.jinja", _("People"), "people", people=found[:SHOWN],
        cut=len(found) > SHOWN, q=sought, role=role, state=state,
        roles=[(each["key"], each["name"]) for each in roles.listed()],
        states=[("active", _("Active")), ("off", _("Switched off"))],
    )  # fmt: skip


@administers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add somebody, with team and roles; the answer shows the link by which he sets his password."""
    values: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in FORM}
    chosen, errors = request.POST.getlist("roles"), {}
    if request.method == "POST":
        if not values["email"]:
            errors = {"email": [_("This is needed.")]}
        else:
            try:
                return _welcomed(request, _made(values, chosen))
            except Problem as problem:
                errors = forms.errors_of(problem)
    entity = registry.get("user")
    if values["team"]:
        values["team"] = forms.titled("teams", values["team"])
    fields = [forms.control(entity.fields[name], entity) for name in FORM]
    return shown(
        request, "shell/access_person_new.jinja", _("Add somebody"), "people", status=422 if errors else 200,
        fields=[{**field, "required": field["name"] != "team", "wide": True} for field in fields],
        values=values, errors=errors, roles=_offered(), chosen=chosen,
    )  # fmt: skip


def _made(values: dict[str, Any], chosen: list[str]) -> str:
    """A new user with his roles: both or neither."""
    with operation():
        user = write.create(registry.get("user"), {**values, "team": values["team"] or None})
        if chosen:
            appointing.appoint(user.id, chosen)
    return str(user.id)


def _offered() -> list[dict[str, Any]]:
    """The roles that the reader may give, each with what it is for."""
    found = []
    for role in roles.listed():
        held = granting.held_by(role["key"])
        told = [] if role["description"] else rights.summary(held)
        found.append({**role, "told": told, "beyond": granting.exceeds(held, current()) is not None})
    return found


def _welcomed(request: HttpRequest, key: str) -> HttpResponse:
    """The person's page with a fresh link, shown this once."""
    secret = invitations.make(key, current().id, visitor(request))
    return _shown(request, key, link=request.build_absolute_uri(f"/join/{secret}"))


@administers
@require_GET
def person(request: HttpRequest, key: str) -> HttpResponse:
    """One person: his roles, what he may do and by which of them, how he comes in."""
    return _shown(request, key)


def _shown(request: HttpRequest, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
    found = _person(key)
    held = [(role["key"], role["name"]) for role in found["roles"]]
    given: dict[str, Any] = {"link": "", "errors": {}, "chosen": [role for role, _name in held]}
    return shown(
        request, "shell/access_person.jinja", found["title"], "people", status=status, person=found, roles=_offered(),
        heads=rights.heads(), matrix=rights.sources(held), owned=handing.owned(key), own=key == current().id,
        history={**histories.of(registry.get("user"), key), "next_url": None},
        viewable=found["active"] and _reaches(key), **given | more,
    )  # fmt: skip


def _reaches(key: str) -> bool:
    """Whether the reader may do all that this user may, and is not he."""
    user = accounts.by_id(key)
    return user is not None and user.id != current().id and granting.sees_all_of(current(), access.actor_of(user))


@administers
@require_POST
def appoint(request: HttpRequest, key: str) -> HttpResponse:
    """These roles and no others."""
    chosen = request.POST.getlist("roles")
    try:
        done = appointing.appoint(_person(key)["id"], chosen)
    except Problem as problem:
        return _shown(request, key, status=422, errors={"roles": [in_words(problem)]}, chosen=chosen)
    if done:
        told = ", ".join(name for name in appointing.held_by(key).values())
        sign_ins.record("roles_given", key, visitor(request), actor=current().id, about=told)
    return to(request, f"{WHERE}/people/{key}", "roles")


@administers
@require_POST
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """A new link to set a password."""
    try:
        secret = appointing.invite(_person(key)["id"], visitor(request))
    except Refused as refused:
        return _shown(request, key, status=422, errors={"link": [in_words(refused)]})
    return _shown(request, key, link=request.build_absolute_uri(f"/join/{secret}"))


@administers
@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Switch somebody off, out everywhere at once, or on again. What he owns stays his until it is handed over."""
    found, active = _person(key), request.POST.get("active") == "1"
    if active == found["active"]:
        return to(request, f"{WHERE}/people/{key}")
    try:
        write.change(registry.get("user"), key, {"is_active": active})
    except Problem as problem:
        return _shown(request, key, status=422, errors={"switch": [in_words(problem)]})
    sign_ins.record("switched_on" if active else "switched_off", key, visitor(request), actor=current().id)
    if key == current().id:
        return to(request, "/sign-in")
    return to(request, f"{WHERE}/people/{key}", "on" if active else "off")


@administers
@require_POST
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Everything he owns goes to a colleague, as work in the background that can be taken back."""
    found, colleague = _person(key), accounts.by_id(parse_key(request.POST.get("to", "")) or "")
    if colleague is None or colleague.id == found["id"]:
        return _shown(request, key, status=422, errors={"to": [_("Choose a colleague who is active.")]})
    begun = handing.hand_over(found["id"], colleague.id)
    return to(request, f"/bulk/{begun[0]}") if len(begun) == 1 else to(request, f"{WHERE}/people/{key}", "handed")
