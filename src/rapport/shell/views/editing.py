"""The form of any record: a new one, or all fields of one at a time."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.platform.actor import current
from rapport.records import Entity, View, read, registry, scope, write
from rapport.records.api import asked
from rapport.records.duplicates import merging
from rapport.records.errors import Problem, Stale
from rapport.records.layout import fits
from rapport.shell import nav
from rapport.shell.views import facts, forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast


def view_of(entity: Entity, given: dict[str, Any]) -> View:
    """The named list that a record with these values belongs to."""
    known = list(entity.lists.values())
    return next((view for view in known if view.new and fits(view.new, given)), known[0])


def asks(entity: Entity, view: View) -> list[str]:
    """The fields a form asks for."""
    return list(entity.arranged.form(view))


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, plural: str) -> HttpResponse:
    """A new record; the address may give values for any field."""
    entity = registry.at(plural)
    scope.level(entity, current(), "add")
    given = {name: value for name, value in request.GET.items() if _writable(entity, name)}
    view = view_of(entity, {**given, **request.POST.dict()})
    names = [name for name in asks(entity, view) if name != entity.part_of or name not in given]
    hidden = [name for name in {**view.new, **given} if name not in names]
    values: dict[str, Any] = {**_defaults(entity, names), **view.new, **given}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        hidden = [name for name in request.POST if _writable(entity, name) and name not in names]
        values = forms.posted(request, (*names, *hidden), entity)
        try:
            with write.operation() as done:
                record = write.create(entity, {name: each for name, each in values.items() if each not in ("", [])})
            return _made(request, entity, record, done.id)
        except Problem as problem:
            errors = _at_home(forms.errors_of(problem), names, entity)
    one = str(view.one or entity.label).lower()
    fields = [*_controls(entity, names), *({"name": name, "kind": "hidden", "label": ""} for name in hidden)]
    form = forms.form(f"/{entity.plural}/new", fields, values, errors)
    if merging.is_mergeable(entity):
        form["watches"] = f"/{entity.plural}/alike"
    return _form(
        request, entity, view, form,
        _("New %(one)s") % {"one": one}, _("Create %(one)s") % {"one": one},
    )  # fmt: skip


@page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Every field of a record in one form."""
    entity, known = registry.at(plural), asked.key(key)
    write.rows.load(entity, known, current(), "change")
    record = orjson.loads(read.one(entity, known, expand=True))
    view = view_of(entity, record)
    names = list(dict.fromkeys(asks(entity, view) + _editable(entity, record)))
    values: dict[str, Any] = {name: facts.value_of(record, name) for name in names} | {"version": record["version"]}
    if "owner" in values:  # a queue stands in its place where it waits
        values["owner"] = facts.fact(entity.fields["owner"], record, False)["value"]
    values |= {name: record[name] for name in {entity.fields[each].money_currency for each in names} if name}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        typed = forms.posted(request, names, entity)
        version = request.POST.get("version", "")
        try:
            with write.operation() as done:
                changed = write.change(entity, known, typed, version=int(version) if version.isdecimal() else None)
            if _whole_page(request):
                return forms.done(request, entity.url(known))
            words = _("“%(title)s” saved") % {"title": forms.called(entity, changed)}
            return toast(HttpResponse(status=204), words, undo=done.id, changed=True)
        except Stale:
            # What was typed stays; sent again it is written over the newer state, knowingly.
            text = _("Somebody changed this meanwhile. Your text is kept; save again to overwrite theirs.")
            errors, values = {"": [text]}, {**values, **typed}
        except Problem as problem:
            errors, values = _at_home(forms.errors_of(problem), names, entity), {**values, **typed}
    fields = [*_controls(entity, names), {"name": "version", "kind": "hidden", "label": ""}]
    form = forms.form(f"{entity.url(known)}/edit", fields, values, errors)
    title = _("Edit “%(title)s”") % {"title": facts.title(entity, record, False)["shown"]}
    return _form(request, entity, view, form, title, _("Save"), cancel_url=entity.url(known))


def _editable(entity: Entity, record: dict[str, Any]) -> list[str]:
    laid_out = entity.arranged
    sections = [section for section in laid_out.sections if fits(section.only, record)]
    names = (*(name for section in sections for name in section.fields), *laid_out.left_out)
    return [name for name in names if not entity.fields[name].read_only]


def _writable(entity: Entity, name: str) -> bool:
    return name in entity.fields and not entity.fields[name].read_only


def _controls(entity: Entity, names: list[str]) -> list[dict[str, Any]]:
    fields = [forms.control(entity.fields[name], entity) for name in names]
    for each in fields:
        each["only"] = entity.arranged.rules.get(each["name"], ())
        each["required"] = each["required"] or each["name"] == entity.title
    if fields:
        fields[0]["autofocus"] = True
    return fields


def _defaults(entity: Entity, names: list[str]) -> dict[str, Any]:
    """What a new record starts with: its model's defaults, and its maker as owner."""
    found = {name: entity.fields[name].default for name in names if not callable(entity.fields[name].default)}
    if "owner" in names:
        found["owner"] = current().id
    return {name: value for name, value in found.items() if value not in (None, "")}


def _at_home(errors: dict[str, list[str]], names: list[str], entity: Entity) -> dict[str, list[str]]:
    """Errors at fields the form does not show stand at its first field when they concern the title."""
    if entity.title in errors and entity.title not in names and names:
        errors.setdefault(names[0], []).extend(errors.pop(entity.title))
    return errors


def _form(
    request: HttpRequest, entity: Entity, view: View, form: dict[str, Any], heading: str, submit: str, **more: Any
) -> HttpResponse:
    values = {"cancel_url": nav.address(entity, view), **more}
    crumbs = [(str(view.label), nav.address(entity, view)), (heading, request.path)]
    made = context(request, heading, form=form, heading=heading, submit=submit, crumbs=crumbs, **values)
    block = "form" if is_fragment(request) else None
    return render(request, "shell/form_page.jinja", made, block=block, status=422 if form["errors"] else 200)


def _open_page(request: HttpRequest) -> str:
    return urlsplit(request.headers.get("HX-Current-URL", "")).path


def _whole_page(request: HttpRequest) -> bool:
    """True when the form is the page itself and no dialog over another."""
    return not is_fragment(request) or _open_page(request) == request.path


def _made(request: HttpRequest, entity: Entity, record: Any, operation: str) -> HttpResponse:
    """Back to the list or card the dialog was opened from, which shows the new one; from elsewhere to its card."""
    url = entity.url(record.id)
    here = _open_page(request).strip("/")
    if _whole_page(request) or not (here == entity.plural or "/" in here):
        return forms.done(request, url)
    words = _("“%(title)s” created") % {"title": forms.called(entity, record)}
    return toast(HttpResponse(status=204), words, undo=operation, url=url, changed=True)
