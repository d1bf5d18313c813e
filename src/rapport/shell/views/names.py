"""What objects, their fields and their choices are called: one form per object."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform.actor import LEVELS, current
from rapport.platform.identity import snapshot
from rapport.records import Entity, registry, scope
from rapport.records.errors import NotFound, Problem
from rapport.records.wording import keeping
from rapport.records.wording.words import EVERY_LANGUAGE, MANY, ONE, Nameable, nameable
from rapport.shell.refusals import in_words
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

EDITOR = "shaping/names.jinja"
SILENT = ("version", "created_by", "external_source")


@page
@require_GET
def objects(request: HttpRequest) -> HttpResponse:
    """Every object, with what it comes with and what it is called."""
    _guard()
    words = snapshot.held().parts["own"].words
    rows = [
        {
            "label": str(each.label_plural), "icon": each.icon, "url": f"/set-up/names/{each.key}",
            "declared": str(each.called.get(MANY, each.label_plural)), "own": len(words.get(each.key, ())),
        }
        for each in registry
        if not each.configuration or not each.part_of
    ]  # fmt: skip
    values = context(request, _("Names and words"), rows=sorted(rows, key=lambda row: row["label"]))
    return render(request, "shaping/objects.jinja", values)


@page
@require_http_methods(["GET", "POST"])
def edited(request: HttpRequest, key: str) -> HttpResponse:
    """The words of an object; POST keeps those that were changed."""
    _guard()
    if key not in registry:
        raise NotFound(_("There is no such object."))
    entity, language = registry.get(key), _language(request)
    if request.method == "GET":
        return _editor(request, entity, language)
    known = [each.part for each in nameable(entity)]
    wanted = {part: "" if "reset" in request.POST else request.POST.get(part, "") for part in known}
    if "reset" not in request.POST:
        wanted = {part: word for part, word in wanted.items() if part in request.POST}
    try:
        operation = keeping.keep(entity, wanted, language)
    except Problem as problem:
        return _editor(request, entity, language, problem=in_words(problem), typed=wanted)
    if not is_fragment(request):
        return forms.done(request, f"/set-up/names/{key}?language={language}")
    response = _editor(request, registry.get(key), language)
    return toast(response, _("These are the words from now on"), undo=operation) if operation else response


def _editor(
    request: HttpRequest, entity: Entity, language: str, *, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:  # fmt: skip
    held = keeping.of(entity, language)
    said = held if typed is None else {**held, **typed}
    everywhere = keeping.of(entity) if language else {}
    tongues = dict(settings.LANGUAGES)
    known = dict.fromkeys((*keeping.languages(entity), *([language] if language else ())))
    values = {
        "entity": {"key": entity.key, "label": str(entity.label_plural), "own": bool(entity.within)},
        "itself": _lines(entity, said, everywhere, ""), "fields": _fields(entity, said, everywhere),
        "tongue": language, "tongue_name": str(tongues.get(language, "")), "problem": problem,
        "known": [(each, str(tongues[each])) for each in known if each in tongues],
        "languages": sorted(((key, str(name)) for key, name in tongues.items()), key=lambda pair: pair[1]),
        "any": bool(held), "url": f"/set-up/names/{entity.key}",
    }  # fmt: skip
    made = context(request, _("Names of “%(what)s”") % {"what": entity.label_plural}, **values)
    return render(
        request, EDITOR, made, block="words" if is_fragment(request) else None, status=422 if problem else 200
    )


def _fields(entity: Entity, said: dict[str, str], everywhere: dict[str, str]) -> list[dict[str, Any]]:
    """The declared fields, those of the card first: name, explanation and choices of each."""
    placed = [name for section in entity.declared.sections for name in section.fields]
    names = [name for name in dict.fromkeys((entity.title, *placed, *entity.declared)) if name in entity.declared]
    found = []
    for name in names:
        if name == "id" or name in SILENT:
            continue
        lines = _lines(entity, said, everywhere, name)
        found.append({"name": name, "label": lines[0], "help": lines[1], "choices": lines[2:]})
    return found


def _lines(entity: Entity, said: dict[str, str], everywhere: dict[str, str], of: str) -> list[dict[str, str]]:
    """{part, label, value, hint} of what can be named of a field, or of the object itself."""
    return [
        {
            "part": each.part, "label": _label(entity, each), "value": said.get(each.part, ""),
            "hint": everywhere.get(each.part) or str(each.declared),
        }
        for each in nameable(entity)
        if each.of == of
    ]  # fmt: skip


def _label(entity: Entity, each: Nameable) -> str:
    """What a word is for."""
    kind, _dot, rest = each.part.partition(".")
    if each.part == ONE:
        return _("One of them")
    if each.part == MANY:
        return _("Many of them")
    if kind == "list":
        return _("The list “%(name)s”") % {"name": each.declared}
    if kind == "one":
        return _("One in the list “%(name)s”") % {"name": entity.called[f"list.{rest}"]}
    if kind == "panel":
        on = registry.get(rest.partition(".")[0])
        return _("Their box on a card of “%(what)s”") % {"what": on.label_plural}
    return str(each.declared)


def _language(request: HttpRequest) -> str:
    given = request.POST.get("language") or request.GET.get("language", "")
    return given if given in dict(settings.LANGUAGES) else EVERY_LANGUAGE


def _guard() -> None:
    if current().level("wording", "add") < LEVELS["all"]:
        scope.refuse(registry.get("wording"), "add")
