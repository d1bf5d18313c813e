"""The board of deals: columns, further cards, and moving from stage to stage."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import read, registry, write
from rapport.records.api import asked
from rapport.records.errors import Problem, Refused, Stale
from rapport.sales import queries as sales
from rapport.sales.pipelines import pipelines, stage_info
from rapport.shell.views import forms
from rapport.shell.views.deal_asked import CLOSED, bar, pipeline_of, totals_of, wanted_of
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query


def _column(request: HttpRequest, column: sales.Column, wanted: sales.Wanted) -> dict[str, Any]:
    """A column as the component takes it."""
    stage, note = column.stage, ""
    if stage.kind != "open" and wanted.closed != "all":
        note = str(CLOSED[wanted.closed])
        if wanted.found is None:
            note = _("%(period)s · %(count)s in all") % {"period": note, "count": f"{column.in_all:,}"}
    following = None
    if column.next:
        following = with_query(request, after=column.next).replace(request.path, f"/deals/columns/{stage.id}", 1)
    return {
        "id": stage.id, "name": stage.name, "hue": column.hue, "kind": stage.kind, "probability": stage.probability,
        "count": column.count, "estimated": column.estimated, "sum": sales.money(column.base),
        "weighted": sales.money(column.weighted), "currency": organisation().base_currency, "note": note,
        "deals": column.deals, "next_url": following,
    }  # fmt: skip


def shown(request: HttpRequest) -> HttpResponse:
    pipeline, wanted = pipeline_of(request), wanted_of(request)
    wanted.cursor = None
    columns = sales.board(pipeline, wanted)
    values = context(
        request, _("Deals"), topics=("deal",), **bar(request, pipeline, "board"), totals=totals_of(columns),
        columns=[_column(request, column, wanted) for column in columns],
    )  # fmt: skip
    return render(request, "shell/deal_board.jinja", values, block="board" if is_fragment(request) else None)


@page
@require_GET
def column(request: HttpRequest, stage: str) -> HttpResponse:
    """Further cards of a column."""
    info, wanted = stage_info(asked.key(stage)), wanted_of(request)
    if info is None:
        raise Refused(_("There is no such stage any more; reload the board."))
    found = sales.Column(info, sales.hue_of(info))
    sales.fill(found, wanted)
    if not is_fragment(request):
        return HttpResponseRedirect("/deals")
    return render(request, "shell/deal_board.jinja", {"column": _column(request, found, wanted)}, block="cards")


@page
@require_POST
def move(request: HttpRequest, key: str) -> HttpResponse:
    """Put a deal into another stage: the touched column heads and the card come back, or the reason why not."""
    entity, known = registry.get("deal"), asked.key(key)
    args = {name: request.POST[name] for name in ("stage", "lost_reason") if request.POST.get(name)}
    version = request.POST.get("version", "")
    try:
        with write.operation() as done:
            old = write.rows.load(entity, known, current())
            left, was = old.stage_id, old.version
            deal = write.act(entity, known, "move_to", args, version=int(version) if version.isdecimal() else None)
    except Stale:
        problem = Refused(_("Somebody else has moved or changed this deal meanwhile. Look at it again."))
        return _refused(request, problem)
    except Refused as refused:
        if refused.more.get("demands"):
            return _demand(request, known, args, version, refused)
        return _refused(request, refused)
    if not is_fragment(request):
        return HttpResponseRedirect(entity.url(known))
    info = stage_info(deal.stage_id)
    words = _("“%(deal)s” moved to %(stage)s") % {"deal": deal.name, "stage": info.name if info else ""}
    on_board = urlsplit(request.headers.get("HX-Current-URL", "")).path == "/deals"
    response = HttpResponse(_touched(request, known, {left, deal.stage_id}) if on_board else "")
    if deal.version == was:
        return response
    return toast(response, words, undo=done.id, changed=not on_board)


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    if is_fragment(request):
        return toast(HttpResponse(problem.detail, status=422, content_type="text/plain"), problem.detail, bad=True)
    raise problem


def _touched(request: HttpRequest, key: str, stages: set[str]) -> str:
    """The parts of the board that a move changes, each replacing itself."""
    wanted = _wanted_of_board(request)
    pipeline = pipelines()[next(info.pipeline for info in map(stage_info, stages) if info)]
    columns = sales.board(pipeline, wanted, cards=False)
    deal = sales.dressed(orjson.loads(read.one(registry.get("deal"), key, fields=sales.SHOWN, expand=True)))
    parts = [render(request, "shell/deal_board.jinja", {"deal": deal, "stage": deal["stage"]["id"]}, block="deal")]
    for column in columns:
        if column.stage.id in stages:
            made = {"column": _column(request, column, wanted)}
            parts.append(render(request, "shell/deal_board.jinja", made, block="column_head"))
    parts.append(render(request, "shell/deal_board.jinja", {"totals": totals_of(columns)}, block="totals"))
    return "".join(part.content.decode() for part in parts)


def _wanted_of_board(request: HttpRequest) -> sales.Wanted:
    """The board's own address decides what its heads count."""
    board = HttpRequest()
    query = request.headers.get("HX-Current-URL", "").partition("?")[2]
    board.GET = type(request.GET)(query)
    return wanted_of(board)


def _demand(request: HttpRequest, key: str, args: dict[str, str], version: str, refused: Refused) -> HttpResponse:
    """The stage demands fields: ask for them in the move."""
    entity = registry.get("deal")
    fields = [forms.control(entity.fields[name], required=True, autofocus=True) for name in refused.more["demands"]]
    fields += [{"name": name, "kind": "hidden", "label": ""} for name in ("stage", "version")]
    asked_before = "lost_reason" in request.POST
    errors = forms.errors_of(refused) if asked_before else {}
    form = forms.form(f"/deals/{key}/move", fields, {**args, "version": version}, errors)
    info = stage_info(args.get("stage", ""))
    form |= {"heading": _("Move to %(stage)s") % {"stage": info.name if info else ""}, "submit": _("Move")}
    if is_fragment(request):
        return render(request, "shell/deal_board.jinja", context(request, "", form=form), block="move_form", status=422)
    values = context(request, form["heading"], form=form, heading=form["heading"])
    return render(request, "shell/move_form.jinja", values, status=422)
