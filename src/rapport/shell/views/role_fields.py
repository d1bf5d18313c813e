"""The fields of an object that a permission role withholds: read only, or hidden."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.records import Entity, field_limits, granting, registry
from rapport.records.errors import NotFound, Problem
from rapport.records.field_limits import OPEN
from rapport.shell.refusals import in_words
from rapport.shell.rights import LIMITS
from rapport.shell.views.access import WHERE, administers, shown, to
from rapport.shell.views.frame import render, toast
from rapport.shell.views.roles import role_of

SILENT = ("id", "version", "created_by", "created_at", "updated_at", "external_source", "about")


@administers
@require_GET
def fields(request: HttpRequest, key: str, of: str) -> HttpResponse:
    """Every field of the object, and what the role may do with it."""
    role, entity = role_of(key), _entity(of)
    return shown(
        request, "shell/access_fields.jinja", _("%(role)s: fields of %(what)s") % _named(role, entity), "roles",
        role=role, entity=entity, lines=_lines(role, entity), kept=role["key"] == granting.KEPT,
    )  # fmt: skip


@administers
@require_POST
def limit(request: HttpRequest, key: str, of: str) -> HttpResponse:
    """One field was set; without scripts the whole form comes."""
    role, entity = role_of(key), _entity(of)
    only = request.POST.get("only", "")
    asked = [name for name in request.POST if name in entity.every and (not only or name == only)]
    wanted = {name: str(request.POST[name]) for name in asked}
    undo, refused = None, ""
    try:
        undo = field_limits.limit(key, entity, wanted)
    except Problem as problem:
        refused = in_words(problem)
    if not only:
        return to(request, f"{WHERE}/roles/{key}/fields/{of}", "refused" if refused else "saved")
    line = next((each for each in _lines(role, entity) if each["name"] == only), None)
    if line is None:
        raise NotFound(_("There is no such field."))
    values = {"role": role, "entity": entity, "line": line, "kept": False}
    response = render(request, "shell/access_field.jinja", values)
    return toast(response, refused or f"{line['label']}: {LIMITS[line['value']]}", undo=undo, bad=bool(refused))


def _entity(key: str) -> Entity:
    if key not in registry or not registry.get(key).takes_fields:
        raise NotFound(_("There is no such object."))
    return registry.get(key)


def _named(role: dict[str, Any], entity: Entity) -> dict[str, str]:
    return {"role": role["name"], "what": str(entity.label_plural)}


def _lines(role: dict[str, Any], entity: Entity) -> list[dict[str, Any]]:
    """{name, label, value, options} of each field that somebody may be kept from, as the card has them in order."""
    held = field_limits.of(role["key"], entity)
    placed = [name for section in entity.fields.sections for name in section.fields]
    names = dict.fromkeys((*placed, *entity.fields))
    lines = []
    for name in names:
        known = entity.fields.get(name)
        if known is None or name in SILENT:
            continue
        offered = field_limits.offered(entity, known)
        options = [(each, str(LIMITS[each])) for each in offered]
        lines.append({"name": name, "label": known.heading, "value": held.get(name, OPEN), "options": options})
    return [line for line in lines if len(line["options"]) > 1]
