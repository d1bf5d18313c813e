"""Imports on screens: the list, the upload, one run from its file to its undoing."""

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.records import registry
from rapport.records.api import asked
from rapport.records.errors import Forbidden, NotFound, Problem
from rapport.records.transfer.runs import desk, files
from rapport.shell.views import imports_shown
from rapport.shell.views.errors import error_page
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

ENVELOPE = 1_000_000  # what a form adds to its file


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Who imported what, when, and what came of it."""
    after = request.GET.get("after")
    found = desk.listed(asked.key(after) if after else None)
    rows = found[: desk.LISTED]
    more = with_query(request, after=rows[-1].id) if len(found) > desk.LISTED else None
    values = context(
        request, _("Imports"), rows=imports_shown.rows(rows), after=after, next_url=more,
        may_import=bool(desk.importable(current())),
    )  # fmt: skip
    return render(request, "shell/import_list.jinja", values, block="rows" if is_fragment(request) and after else None)


@csrf_exempt
def new(request: HttpRequest) -> HttpResponse:
    """Choose a file. Its size is looked at before the form is read, then the form is protected as any other."""
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > files.LARGEST + ENVELOPE:
        text = _("At most %(most)s MB are taken. Split the file and import its parts.")
        most = files.LARGEST // files.MEGABYTE
        return error_page(request, 413, _("This file is too large"), text % {"most": most})
    answer: HttpResponse = _new(request)
    return answer


@csrf_protect
@page
@require_http_methods(["GET", "POST"])
def _new(request: HttpRequest) -> HttpResponse:
    entities = desk.importable(current())
    if not entities:
        raise Forbidden(_("You may not import anything. An administrator can give you the right to add records."))
    chosen = (request.POST if request.method == "POST" else request.GET).get("entity", "")
    errors: dict[str, str] = {}
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None or not upload.name:
            errors["file"] = _("Choose a file.")
        elif chosen not in registry:
            errors["entity"] = _("Choose what the file holds.")
        else:
            try:
                run = desk.receive(registry.get(chosen), upload.name, upload.size or 0, upload.chunks())
                return HttpResponseRedirect(f"/imports/{run.id}")
            except Problem as problem:
                errors["file"] = problem.detail
    options = [(entity.key, str(entity.label_plural)) for entity in entities]
    values = context(
        request, _("Import a file"), entities=options, chosen=chosen or options[0][0], errors=errors,
        limits=_limits(), largest=files.LARGEST, accept=",".join(files.LIMITS),
    )  # fmt: skip
    return render(request, "shell/import_new.jinja", values, status=422 if errors else 200)


def _limits() -> list[tuple[str, int]]:
    most = files.LIMITS
    return [("CSV", most[".csv"]), ("Excel, OpenDocument", most[".xlsx"]), ("vCard", most[".vcf"])]


@page
@require_GET
def run(request: HttpRequest, key: str) -> HttpResponse:
    """Where a run stands. Asked again and again by the page itself while something is at work."""
    found = desk.one(asked.key(key))
    if found.status == "uploaded":
        answer = HttpResponse(status=200) if is_fragment(request) else HttpResponseRedirect(f"/imports/{key}/columns")
        if is_fragment(request):
            answer["HX-Redirect"] = f"/imports/{key}/columns"
        return answer
    values = context(request, found.file, **imports_shown.whole(found))
    response = render(request, "shell/import_run.jinja", values, block="run" if is_fragment(request) else None)
    if is_fragment(request) and found.status not in desk.AT_WORK:
        toast(response, values["ended"], of=found.id)  # it may be asked twice at once
    return response


def _step(act: Callable[[Any], None], back: str = "") -> Callable[..., HttpResponse]:
    """A button of a run's page: do it, show the run."""

    @page
    @require_POST
    def carried_out(request: HttpRequest, key: str) -> HttpResponse:
        act(desk.one(asked.key(key)))
        return HttpResponseRedirect(back or f"/imports/{key}")

    return carried_out


start = _step(desk.start)
cancel = _step(desk.cancel)
go_on = _step(desk.go_on)
undo = _step(desk.undo)
discard = _step(desk.discard, back="/imports")


@page
@require_GET
def errors(request: HttpRequest, key: str) -> HttpResponse:
    """The rows that failed, to correct and import again."""
    found = desk.one(asked.key(key))
    path = files.errors_of(found)
    if not found.counts.get("failed") or not path.exists():
        raise NotFound(_("There is no error file: no row failed, or it is older than a month."))
    name = f"{found.file.rpartition('.')[0] or found.file} - errors.csv"
    return FileResponse(  # type: ignore[return-value]
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )
