"""Permission roles: the list, one role with its matrix of rights, and one object across all roles."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.identity import people, roles
from rapport.records import field_limits, granting, registry, write
from rapport.records.errors import NotFound, Problem, Refused
from rapport.shell import histories, rights
from rapport.shell.refusals import in_words
from rapport.shell.views import forms
from rapport.shell.views.access import WHERE, administers, shown, to
from rapport.shell.views.frame import is_fragment, render, toast

SHOWN = 12


def role_of(key: str) -> dict[str, Any]:
    """A role by its id; raises NotFound."""
    found = roles.one(key) if len(key) == 32 and key.isalnum() else None
    if found is None:
        raise NotFound(_("There is no such role."))
    return found


@administers
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every role: how many people have it, and what it may do in a few lines."""
    found = [{**role, "summary": rights.summary(granting.held_by(role["key"]))} for role in roles.listed()]
    return shown(request, "shell/access_roles.jinja", _("Roles"), "roles", roles=found, kept=granting.KEPT)


@administers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A role from nothing, or one that begins as a copy of another."""
    given = request.POST if request.method == "POST" else request.GET
    values = {name: given.get(name, "").strip() for name in ("name", "description", "like")}
    known = roles.listed()
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        if any(values["name"].casefold() == role["name"].casefold() for role in known):
            errors["name"] = [_("There is a role of this name.")]
        else:
            try:
                return to(request, f"{WHERE}/roles/{_made(values)}")
            except Problem as problem:
                errors = forms.errors_of(problem)
    return shown(
        request, "shell/access_role_new.jinja", _("New role"), "roles", status=422 if errors else 200,
        values=values, errors=errors, likes=[(role["id"], role["name"]) for role in known],
    )  # fmt: skip


def _made(values: dict[str, str]) -> str:
    told = {"name": values["name"], "description": values["description"]}
    if not values["like"]:
        return str(write.create(registry.get("role"), told).id)
    return str(granting.copy(role_of(values["like"])["id"], **told).id)


@administers
@require_GET
def role(request: HttpRequest, key: str) -> HttpResponse:
    """One role: who has it, and its matrix."""
    found = role_of(key)
    held = granting.held_by(found["key"])
    who = people.listed("", "active", SHOWN, found["key"])
    return shown(
        request, "shell/access_role.jinja", found["name"], "roles", role=found, who=who,
        heads=rights.heads(), matrix=rights.matrix(held), withheld=field_limits.counts(found["key"]),
        kept=found["key"] == granting.KEPT,
        history={**histories.of(registry.get("role"), key), "next_url": None},
    )  # fmt: skip


@administers
@require_POST
def named(request: HttpRequest, key: str) -> HttpResponse:
    """Another name or description."""
    values = {name: request.POST.get(name, "").strip() for name in ("name", "description")}
    found = role_of(key)
    if any(values["name"].casefold() == each["name"].casefold() and each["id"] != key for each in roles.listed()):
        raise Refused(_("There is a role of this name."), field="name")
    write.change(registry.get("role"), found["id"], values)
    return to(request, f"{WHERE}/roles/{key}", "saved")


@administers
@require_POST
def grant(request: HttpRequest, key: str) -> HttpResponse:
    """Cells of the matrix were set: ``only`` names the one that changed; without scripts the whole form comes."""
    found, only = role_of(key), request.POST.get("only", "")
    if not only:
        version = int(request.POST.get("version") or 0)
        granting.grant(key, rights.wanted(request.POST, granting.held_by(found["key"]), ""), version=version)
        return to(request, f"{WHERE}/roles/{key}", "saved")
    undo, refused = None, ""
    try:
        undo = granting.grant(key, rights.wanted(request.POST, granting.held_by(found["key"]), only))
    except Problem as problem:
        refused = in_words(problem)
    held = granting.held_by(found["key"])
    response = _lines(request, found, held, only)
    return toast(response, refused or _said(only, held), undo=undo, bad=bool(refused))


def _lines(request: HttpRequest, found: dict[str, Any], held: dict[tuple[str, str], int], only: str) -> HttpResponse:
    """The line that changed; where everything gives something else now, all of them."""
    place = granting.place_of(only)
    whole = place[0] == granting.EVERYTHING or place[0] not in registry
    values: dict[str, Any] = {"role": found, "kept": False, "heads": rights.heads()}
    values["withheld"] = field_limits.counts(found["key"])
    if whole:
        return render(request, "shell/access_matrix.jinja", {**values, "matrix": rights.matrix(held)})
    return render(request, "shell/access_line.jinja", {**values, "row": rights.line(rights.row_of(place[0]), held)})


def _said(only: str, held: dict[tuple[str, str], int]) -> str:
    row = rights.row_of(granting.place_of(only)[0])
    return f"{row.label}: {rights.words(row, held)}"


@administers
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """A role that nobody has goes."""
    try:
        granting.remove(role_of(key)["id"])
    except Problem as problem:
        if is_fragment(request):
            raise
        return to(
            request, f"{WHERE}/roles/{key}", "held" if role_of(key)["people"] or role_of(key)["off"] else problem.code
        )
    return to(request, f"{WHERE}/roles", "removed")


@administers
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """One object across all roles: who may see, change, export it."""
    key = request.GET.get("of", "party")
    if key != granting.EVERYTHING and key not in registry:
        raise NotFound(_("There is no such object."))
    row, found = rights.row_of(key), []
    for role in roles.listed():
        found.append({**role, "line": rights.line(row, granting.held_by(role["key"]))})
    objects = [
        {"label": label, "rows": [(each.key, each.label) for each in rows]} for label, rows in rights.sections()
    ]  # fmt: skip
    return shown(
        request, "shell/access_compare.jinja", _("Compare"), "compare", of=row, roles=found, objects=objects,
        heads=[head for head in rights.heads() if head["verb"] in granting.verbs_of(row.entity)],
    )  # fmt: skip
