"""What is done to many rows of a list: bin, assign, add and take away; and taking the rows along as a file."""

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform.actor import current
from rapport.platform.clock import today
from rapport.records import kinds, registry, scope
from rapport.records.api import asked
from rapport.records.errors import BadQuery, NotFound
from rapport.records.transfer.export import files
from rapport.records.transfer.problems import Unusable
from rapport.shell.lists import layouts, selection
from rapport.shell.lists.state import State, among, state_of
from rapport.shell.views.frame import context, is_fragment, page, render, toast

KINDS = {"csv": "text/csv; charset=utf-8"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """GET: what a deed asks (whom to assign to); POST: do it to the rows named ``id``."""
    entity = registry.at(plural)
    scope.level(entity, current())
    if request.method == "GET":
        return _asking(request, plural, request.GET.get("do", ""), request.GET.getlist("id"))
    deed = request.POST.get("do", "")
    if deed != "bin" and "value" not in request.POST and not is_fragment(request):
        return _asking(request, plural, deed, request.POST.getlist("id"))
    done = selection.carry_out(
        entity, deed, selection.keys_of(request.POST.getlist("id")), request.POST.getlist("value")
    )
    text = selection.words(entity, deed, done)
    if not is_fragment(request):
        return HttpResponseRedirect(request.headers.get("Referer") or f"/{plural}")
    undo = done.operation if done.changed else None
    return toast(HttpResponse(status=204), text, undo=undo, bad=not done.changed and done.left > 0, changed=True)


def _asking(request: HttpRequest, plural: str, deed: str, ids: list[str]) -> HttpResponse:
    entity = registry.at(plural)
    if deed not in selection.deeds(entity) or deed == "bin":
        raise NotFound(_("There is nothing to ask."))
    verb, _colon, name = deed.partition(":")
    known = entity.fields["owner" if verb == "assign" else name]
    many = verb != "assign"
    values: dict[str, Any] = {
        "deed": deed, "verb": verb, "label": known.heading, "entity": entity,
        "options": selection.options(known) if many else [], "relation": selection.source(known),
        "names": verb == "add" and isinstance(known.kind, kinds.TagsKind) and current().may("tag", "add"),
        "ids": ids, "csrf": get_token(request),
    }  # fmt: skip
    if not is_fragment(request):
        values = context(request, values["label"], **values)
    return render(request, "shell/list_deed.jinja", values, block="ask" if is_fragment(request) else None)


@page  # type: ignore[arg-type]
@require_GET
def export(request: HttpRequest, plural: str) -> HttpResponseBase:
    """The rows of the list (or those named ``ids``) with its columns, as CSV or as a sheet."""
    entity = registry.at(plural)
    scope.level(entity, current(), "export")
    state = state_of(entity, request.GET)
    names = [each.name for each in layouts.chosen(state)]
    query = state.query()
    if request.GET.get("ids"):
        among(query, [asked.key(each) for each in asked.names(request, "ids")])
    name = f"{plural}-{today(current().time_zone)}"
    try:
        if request.GET.get("format") == "xlsx":
            return _sheet(state, names, query, f"{name}.xlsx")
        fields = files.chosen(entity, names)
        lines = files.csv_lines(fields, files.records(entity, fields, titles=True, query=query))
        return _streamed(lines, f"{name}.csv")
    except Unusable as problem:
        raise BadQuery(str(problem)) from problem


def _streamed(lines: Iterator[str], name: str) -> HttpResponseBase:
    first = next(lines, "")  # read within the reader's scope, which ends with this function
    response = StreamingHttpResponse(chain([first], lines), content_type=KINDS["csv"])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sheet(state: State, names: list[str], query: Any, name: str) -> HttpResponseBase:
    """A sheet is packed as a whole, so it is made in a file that goes away with the answer."""
    folder = tempfile.TemporaryDirectory(prefix="rapport-export-")
    path = Path(folder.name) / name
    files.export(state.entity, path, names, query=query)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=SHEET)
    response._resource_closers.append(folder.cleanup)  # type: ignore[attr-defined]
    return response
