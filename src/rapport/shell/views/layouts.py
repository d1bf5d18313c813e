"""How objects are laid out: the editor of cards, forms, boxes and lists, with what comes of it beside it."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import LEVELS, current
from rapport.platform.identity import roles, snapshot
from rapport.records import Entity, registry, scope
from rapport.records.entity import Fields
from rapport.records.errors import Bad, BadQuery, NotFound, Problem, Stale
from rapport.records.layouts import keeping
from rapport.records.layouts.held import Layouts
from rapport.records.layouts.plan import EMPTY, Plan, read, written
from rapport.shell.refusals import in_words
from rapport.shell.shaping import deeds, draft, shown
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

EDITOR = "shaping/layout.jinja"


@page
@require_GET
def objects(request: HttpRequest) -> HttpResponse:
    """Every object that can be laid out, with the roles that have it their own way."""
    _guard()
    held: Layouts = snapshot.held().parts["layouts"]
    named = _named()
    rows = [
        {
            "label": str(each.label_plural), "icon": each.icon, "url": f"/set-up/layouts/{each.key}",
            "own": each.key in held.everybody,
            "roles": [named.get(role, role) for role in sorted(held.roles.get(each.key, ()))],
        }
        for each in registry
        if each.takes_fields
    ]  # fmt: skip
    values = context(request, _("Layouts"), rows=sorted(rows, key=lambda row: row["label"]))
    return render(request, "shaping/layouts.jinja", values)


@page
@require_http_methods(["GET", "POST"])
def edited(request: HttpRequest, key: str) -> HttpResponse:
    """The editor; POST keeps what was drawn."""
    entity, role = _entity(key), _role(request)
    if request.method == "POST":
        return _kept(request, entity, role)
    known = keeping.stored(entity, role)
    fields = shown.fields_for(entity, role)
    plan = _held(entity, role)
    gone = [name for name in dict.fromkeys(plan.names) if name not in entity.every]
    whole = draft.standard(fields, plan)
    return _editor(request, entity, role, whole, version=known[1] if known else 0, gone=gone)


@page
@require_POST
def drawn(request: HttpRequest, key: str) -> HttpResponse:
    """The draft after a deed; nothing is kept."""
    entity, role = _entity(key), _role(request)
    fields, plan = _posted(request, entity, role)
    deed, moved = request.POST.get("put") or request.POST.get("deed", ""), ""
    if deed.startswith("reset"):
        plan = deeds.reset(plan, _part(request), draft.standard(fields, _below(entity, role)))
    elif deed:
        plan, moved = deeds.done(plan, deed, request.POST, fields)
    return _editor(request, entity, role, plan, version=_version(request), moved=moved)


def _kept(request: HttpRequest, entity: Entity, role: str) -> HttpResponse:
    fields, plan = _posted(request, entity, role)
    changed = draft.kept(plan, draft.standard(fields, _below(entity, role)))
    version, problem, operation = _version(request), "", None
    try:
        operation = keeping.keep(entity, changed, role, version or None)
    except Stale:
        problem = _(
            "Somebody has changed this layout meanwhile. Reload the page to see it; what you drew is still here."
        )
    except Problem as refused:
        problem = in_words(refused)
    known = keeping.stored(entity, role)
    if problem:
        return _editor(request, entity, role, plan, version=version, problem=problem)
    if not is_fragment(request):
        return forms.done(request, _url(entity, role, _part(request)))
    response = _editor(request, entity, role, plan, version=known[1] if known else 0)
    words = _("“%(what)s” are laid out so from now on") % {"what": entity.label_plural}
    return toast(response, words, undo=operation) if operation else response


def _posted(request: HttpRequest, entity: Entity, role: str) -> tuple[Fields, Plan]:
    """The fields that can be placed, and the draft as the form has it."""
    fields = shown.fields_for(entity, role)
    try:
        plan = read(orjson.loads(request.POST.get("plan", "")))
    except (Bad, orjson.JSONDecodeError) as error:
        raise BadQuery(_("This form was cut off on its way. Reload the page.")) from error
    return fields, deeds.typed(plan, request.POST, fields)


def _editor(
    request: HttpRequest, entity: Entity, role: str, plan: Plan, *, version: int, gone: list[str] | None = None,
    moved: str = "", problem: str = "",
) -> HttpResponse:  # fmt: skip
    part, fields = _part(request), shown.fields_for(entity, role)
    values = {
        "entity": {"key": entity.key, "label": str(entity.label_plural), "plural": entity.plural}, "part": part,
        "role": role, "roles": sorted(_named().items(), key=lambda pair: pair[1].lower()),
        "own_roles": keeping.roles(entity), "plan": orjson.dumps(written(plan)).decode(), "version": version,
        "zones": shown.zones(entity, fields, plan, part), "preview": shown.preview(entity, fields, plan, part),
        "changed": written(draft.kept(plan, draft.standard(fields, _below(entity, role)))) != written(EMPTY),
        "tabs": [{"key": each, "label": label, "url": _url(entity, role, each)} for each, label in shown.tabs()],
        "url": f"/set-up/layouts/{entity.key}", "gone": gone or [], "moved": moved, "problem": problem,
        "said": shown.said(fields, plan, moved),
    }  # fmt: skip
    title = _("Layout of “%(what)s”") % {"what": entity.label_plural}
    made = context(request, title, **values)
    status = 422 if problem else 200
    return render(request, EDITOR, made, block="drawn" if is_fragment(request) else None, status=status)


def _guard() -> None:
    if current().level("object_layout", "add") < LEVELS["all"]:
        scope.refuse(registry.get("object_layout"), "add")


def _entity(key: str) -> Entity:
    _guard()
    if key not in registry or not registry.get(key).takes_fields:
        raise NotFound(_("There is no such object."))
    return registry.get(key)


def _role(request: HttpRequest) -> str:
    role = request.POST.get("role") or request.GET.get("role", "")
    if role and role not in snapshot.held().grants:
        raise NotFound(_("There is no such role."))
    return role


def _named() -> dict[str, str]:
    """Names of the roles by key."""
    return {role["key"]: role["name"] for role in roles.listed()}


def _part(request: HttpRequest) -> str:
    part = request.POST.get("part") or request.GET.get("part", "")
    return part if part in deeds.TABS else deeds.CARD


def _url(entity: Entity, role: str, part: str) -> str:
    of = f"&role={role}" if role else ""
    return f"/set-up/layouts/{entity.key}?part={part}{of}"


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else 0


def _held(entity: Entity, role: str) -> Plan:
    held: Layouts = snapshot.held().parts["layouts"]
    return held.of(entity.key, (role,) if role else ())


def _below(entity: Entity, role: str) -> Plan:
    """What a layout stands on: the declaration, or for a role what everybody has."""
    return _held(entity, "") if role else EMPTY
