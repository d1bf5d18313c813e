"""What is done to many rows of a list: bin, assign, add and take away; and taking the rows along as a file."""

import tempfile
from collections.abc import Generator, Iterator
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
from rapport.platform.web.visitor import address
from rapport.records import read, registry, scope
from rapport.records.api import asked
from rapport.records.bulk import runs
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.transfer.export import files
from rapport.records.transfer.export.trace import Taking
from rapport.records.transfer.problems import Unusable
from rapport.shell.lists import chips, layouts, selection
from rapport.shell.lists.state import State, among, asked_for, state_of
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

KINDS = {"csv": "text/csv; charset=utf-8"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, plural: str) -> HttpResponse:
    """GET: what a deed asks (whom to assign to); POST: do it to the rows named ``id``, or to ``all`` of the list."""
    state = asked_for(request, plural)
    entity, given = state.entity, request.GET if request.method == "GET" else request.POST
    name, every = given.get("do", ""), given.get("all") == "1"
    verb, known = selection.asked(entity, name)
    if name not in selection.offered(state) and verb != "set":
        raise BadQuery(_("That cannot be done here."))
    if request.method == "GET" or (known and "asked" not in given and not is_fragment(request)):
        return _asking(request, state, name, every, given.getlist("id"))
    data = forms.posted(request, _names(known), entity) if known and verb in ("set", "move") else {}
    values, empty = given.getlist("value"), given.get("empty") == "1"
    keys = selection.of_list(state) if every else selection.keys_of(given.getlist("id"))
    deed = selection.deed_of(entity, name, values, data, empty=empty)
    if keys is None:
        return _redirect(request, f"/bulk/{runs.begin(entity, deed, state.whole, binned=state.binned).id}")
    done = selection.carry_out(entity, deed, keys)
    text = selection.words(verb, done)
    if not is_fragment(request):
        return HttpResponseRedirect(request.headers.get("Referer") or f"/{plural}")
    undo = done.operation if done.changed else None
    return toast(HttpResponse(status=204), text, undo=undo, bad=not done.changed and done.left > 0, changed=True)


def _names(known: Field) -> list[str]:
    """What the control of a field posts."""
    return [known.name, known.money_currency] if known.money_currency else [known.name]


def _redirect(request: HttpRequest, where: str) -> HttpResponse:
    if not is_fragment(request):
        return HttpResponseRedirect(where)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = where
    return answer


def _asking(request: HttpRequest, state: State, name: str, every: bool, ids: list[str]) -> HttpResponse:
    entity = state.entity
    verb, known = selection.asked(entity, name)
    values: dict[str, Any] = {
        "deed": name, "verb": verb, "entity": entity, "every": every, "ids": ids, "csrf": get_token(request),
        "label": known.heading if known else "", "action": state.url("bulk"), "fields": [], "control": None,
        "count": read.count(state.but(sorts=("created_at",)).query(("id",))) if every else len(ids),
        "names": verb == "add" and known is not None and known.name == "tags" and current().may("tag", "add"),
    }  # fmt: skip
    if known is None and verb == "set":
        values["fields"] = [
            {"label": each.heading, "icon": chips.icon(each), "url": _further(state, f"set:{each.name}", every)}
            for each in selection.settable(entity)
        ]
    elif known and verb in ("set", "move"):
        values["control"] = forms.control(known, None if verb == "set" else entity, required=False, autofocus=True)
        values["can_empty"] = verb == "set" and known.nullable and known.name not in entity.required
    elif known:
        values["control"] = _chooser(entity, known, verb)
    if not is_fragment(request):
        values = context(request, values["label"] or str(entity.label_plural), **values)
    return render(request, "shell/list_deed.jinja", values, block="ask" if is_fragment(request) else None)


def _further(state: State, name: str, every: bool) -> str:
    return state.url("bulk", do=name, all="1" if every else "")


def _chooser(entity: Entity, known: Field, verb: str) -> dict[str, Any]:
    """The control by which values are chosen, or the one who shall have the records."""
    if verb == "assign":
        return {"name": "value", "kind": "relation", "relation": f"users?of={entity.key}.owner", "autofocus": True}
    options = selection.options(known)
    return {"name": "value", "kind": "checks" if options else "text", "options": options, "autofocus": True}


@page  # type: ignore[arg-type]
@require_GET
def export(request: HttpRequest, plural: str) -> HttpResponseBase:
    """The rows of the list (or those named ``ids``) with its columns, as CSV or as a sheet."""
    entity = registry.at(plural)
    scope.level(entity, current(), "export")
    state = state_of(entity, request.GET)
    names = [each.name for each in layouts.chosen(state)]
    query, chosen = state.query(), [asked.key(each) for each in asked.names(request, "ids")]
    if chosen:
        among(query, chosen)
    name = f"{plural}-{today(current().time_zone)}"
    form = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    taking = Taking(
        form, address(request), state.saved.name if state.saved else state.view.key, state.q, len(chosen), state.binned
    )
    try:
        if form == "xlsx":
            return _sheet(state, names, query, f"{name}.xlsx", taking)
        fields = files.chosen(entity, names)
        found = files.records(entity, fields, taking, titles=True, query=query)
        return _streamed(files.csv_lines(fields, found), found, f"{name}.csv")
    except Unusable as problem:
        raise BadQuery(str(problem)) from problem


def _streamed(lines: Iterator[str], found: Generator[bytes, None, None], name: str) -> HttpResponseBase:
    first = next(lines, "")  # read within the reader's scope, which ends with this function
    response = StreamingHttpResponse(chain([first], lines), content_type=KINDS["csv"])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response._resource_closers.append(found.close)  # type: ignore[attr-defined]  # a reader who goes away ends it
    return response


def _sheet(state: State, names: list[str], query: Any, name: str, taking: Taking) -> HttpResponseBase:
    """A sheet is packed as a whole, so it is made in a file that goes away with the answer."""
    folder = tempfile.TemporaryDirectory(prefix="rapport-export-")
    path = Path(folder.name) / name
    files.export(state.entity, path, names, query=query, taking=taking)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=SHEET)
    response._resource_closers.append(folder.cleanup)  # type: ignore[attr-defined]
    return response
