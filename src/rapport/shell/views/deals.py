"""Deals: the board, the table, the card, and moving from stage to stage."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import read, registry, scope, search_read, write
from rapport.records.api import asked
from rapport.records.errors import Problem, Refused, Stale
from rapport.records.read import Query
from rapport.sales import queries as sales
from rapport.sales.pipelines import PipelineInfo, pipelines, stage_info
from rapport.shell.views import facts, forms, timelines
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

LIST = (
    "name", "party", "stage", "stage_since", "amount", "currency", "probability", "opened_on", "close_on", "closed_on",
    "owner", "status", "version",
)  # fmt: skip
SORTS = ("close_on", "amount", "created_at")
NEW = ("name", "party", "amount", "close_on", "stage", "owner")
CLOSED = {
    "quarter": gettext_lazy("this quarter"),
    "year": gettext_lazy("this year"),
    "all": gettext_lazy("all time"),
}
FOUND = 500


def _pipeline(request: HttpRequest) -> PipelineInfo:
    known = pipelines()
    chosen = known.get(request.GET.get("pipeline", ""))
    return chosen or next(iter(known.values()))


def _wanted(request: HttpRequest) -> sales.Wanted:
    """Which deals the address asks for."""
    closed = request.GET.get("closed", "quarter")
    wanted = sales.Wanted(closed=closed if closed in CLOSED else "quarter", cursor=request.GET.get("after"))
    if request.GET.get("owner") == "me":
        wanted.owner = current().id
    if q := request.GET.get("q", "").strip():
        wanted.found = [hit.id for hit in search_read.search(q, entities=("deal",), limit=FOUND)]
    return wanted


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


def _totals(columns: list[sales.Column]) -> dict[str, Any]:
    """What is open over all columns."""
    still = [column for column in columns if column.stage.kind == "open"]
    return {
        "sum": sales.money(sum(column.base for column in still)),
        "weighted": sales.money(sum(column.weighted for column in still)),
        "currency": organisation().base_currency,
    }


def _bar(request: HttpRequest, pipeline: PipelineInfo, view: str) -> dict[str, Any]:
    """What the bar above board and table needs: pipelines, filters in force and those to add."""
    owner, closed = request.GET.get("owner", ""), request.GET.get("closed", "quarter")
    closed = closed if closed in CLOSED else "quarter"
    filters, menu = [], []
    if owner == "me":
        filters.append(
            {
                "label": _("Owner"),
                "op": _("is"),
                "value": _("me"),
                "remove_url": with_query(request, owner=None),
            }
        )
    else:
        menu.append({"label": _("Owner is me"), "url": with_query(request, owner="me"), "icon": "user-round"})
    if view == "board":
        if closed != "quarter":
            words, url = str(CLOSED[closed]), with_query(request, closed=None)
            filters.append({"label": _("Closed"), "op": "", "value": words, "remove_url": url})
        for name, label in CLOSED.items():
            if name != closed:
                menu.append(
                    {
                        "label": _("Closed: %(period)s") % {"period": label},
                        "url": with_query(request, closed=name),
                        "icon": "calendar",
                    }
                )
    return {
        "as": view, "pipeline": {"id": pipeline.id, "title": pipeline.name}, "owner": owner,
        "closed": closed if closed != "quarter" else "", "q": request.GET.get("q", "").strip(),
        "pipelines": [{"id": each.id, "title": each.name} for each in pipelines().values()],
        "board_url": with_query(request, **{"as": None, "sort": None}),
        "table_url": with_query(request, **{"as": "table", "closed": None}),
        "filters": filters, "filter_menu": menu,
    }  # fmt: skip


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Deals as a board or a table."""
    return _table(request) if request.GET.get("as") == "table" else _board(request)


def _board(request: HttpRequest) -> HttpResponse:
    pipeline, wanted = _pipeline(request), _wanted(request)
    wanted.cursor = None
    columns = sales.board(pipeline, wanted)
    values = context(
        request, _("Deals"), **_bar(request, pipeline, "board"), totals=_totals(columns),
        columns=[_column(request, column, wanted) for column in columns],
    )  # fmt: skip
    return render(request, "shell/deal_board.jinja", values, block="board" if is_fragment(request) else None)


def _table(request: HttpRequest) -> HttpResponse:
    pipeline, wanted = _pipeline(request), _wanted(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "-created_at"
    query = Query(registry.get("deal"), fields=LIST, sort=(sort,), after=wanted.cursor, expand=True)
    query.where.append(("t.pipeline_id = %s", [db.key(pipeline.id)]))
    if wanted.owner:
        query.where.append(("t.owner_id = %s", [db.key(wanted.owner)]))
    if party := request.GET.get("party"):
        query.where.append(("t.party_id = %s AND t.status = 'open'", [db.key(asked.key(party))]))
    if wanted.found is not None:
        places = ", ".join(["%s"] * len(wanted.found)) or "NULL"
        query.where.append((f"t.id IN ({places})", [db.key(key) for key in wanted.found]))
    found = read.page(query)
    values = context(
        request, _("Deals"), **_bar(request, pipeline, "table"), sort=sort, after=query.after,
        rows=[sales.dressed(row) for row in found.items()],
        sorts={name: with_query(request, sort=f"-{name}" if sort == name else name) for name in SORTS},
        next_url=with_query(request, after=found.next) if found.next else None,
    )  # fmt: skip
    if not query.after:
        plain = wanted.found is None and not party
        if plain:
            wanted.closed = "all"
            columns = sales.board(pipeline, wanted, cards=False)
            values |= {
                "count": sum(column.in_all for column in columns),
                "estimated": False,
                "totals": _totals(columns),
            }
        else:
            counted = read.count(query, most=sales.COUNTED + 1)
            values |= {"count": min(counted, sales.COUNTED), "estimated": counted > sales.COUNTED}
    return render(request, "shell/deal_list.jinja", values, block="rows" if is_fragment(request) else None)


@page
@require_GET
def column(request: HttpRequest, stage: str) -> HttpResponse:
    """Further cards of a column."""
    info, wanted = stage_info(asked.key(stage)), _wanted(request)
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
    parts.append(render(request, "shell/deal_board.jinja", {"totals": _totals(columns)}, block="totals"))
    return "".join(part.content.decode() for part in parts)


def _wanted_of_board(request: HttpRequest) -> sales.Wanted:
    """The board's own address decides what its heads count."""
    board = HttpRequest()
    query = request.headers.get("HX-Current-URL", "").partition("?")[2]
    board.GET = type(request.GET)(query)
    return _wanted(board)


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


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new deal."""
    entity = registry.get("deal")
    scope.level(entity, current(), "add")
    stages = [(stage.id, stage.name) for stage in _pipeline(request).stages if stage.kind == "open"]
    fields = [forms.control(entity.fields[name]) for name in NEW]
    by_name = {each["name"]: each for each in fields}
    by_name["stage"] |= {"kind": "choice", "options": stages, "required": True}
    by_name["name"]["autofocus"] = True
    values: dict[str, Any] = {name: request.GET[name] for name in NEW if name in request.GET}
    values.setdefault("stage", stages[0][0] if stages else "")
    values.setdefault("owner", current().id)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        values = forms.posted(request, (*NEW, "currency"), entity)
        info = stage_info(values.get("stage", ""))
        if info:
            values["pipeline"] = info.pipeline
        try:
            with write.operation() as done:
                deal = write.create(entity, {name: value for name, value in values.items() if value})
            return _made(request, deal, done.id)
        except Problem as problem:
            errors = forms.errors_of(problem)
    made = context(request, _("New deal"), form=forms.form("/deals/new", fields, values, errors))
    block = "form" if is_fragment(request) else None
    return render(request, "shell/deal_form.jinja", made, block=block, status=422 if errors else 200)


def _made(request: HttpRequest, deal: Any, operation: str) -> HttpResponse:
    """Back to where the dialog was opened, which shows the new deal; without scripts to its card."""
    if not is_fragment(request):
        return HttpResponseRedirect(registry.get("deal").url(deal.id))
    words = _("“%(deal)s” created") % {"deal": deal.name}
    return toast(HttpResponse(status=204), words, undo=operation, url=f"/deals/{deal.id}", changed=True)


def _card(request: HttpRequest, key: str, **more: Any) -> dict[str, Any]:
    entity = registry.get("deal")
    record = sales.dressed(orjson.loads(read.one(entity, key, expand=True)))
    owner, team = (record[name]["id"] if record[name] else None for name in ("owner", "team"))
    editable = scope.holds(entity, current(), "change", owner, team)
    found = timelines.timeline(entity, key, channel=request.GET.get("channel", ""))
    stages = pipelines()[record["pipeline"]["id"]].stages
    return context(
        request, record["name"], deal=record, sections=facts.sections(entity, record, editable), timeline=found,
        stages=[{"id": s.id, "name": s.name, "kind": s.kind, "hue": sales.hue_of(s)} for s in stages], **more,
    )  # fmt: skip


@page
@require_GET
def card(request: HttpRequest, key: str) -> HttpResponse:
    """A deal on one screen."""
    values = _card(request, asked.key(key))
    block = "peek" if request.GET.get("peek") else "card"
    return render(request, "shell/deal_card.jinja", values, block=block if is_fragment(request) else None)


@page
@require_GET
def timeline(request: HttpRequest, key: str) -> HttpResponse:
    """The deal's timeline, or older entries of it."""
    entity, known = registry.get("deal"), asked.key(key)
    found = timelines.timeline(entity, known, channel=request.GET.get("channel", ""), after=request.GET.get("after"))
    if not is_fragment(request):
        return render(request, "shell/deal_card.jinja", _card(request, known) | {"timeline": found})
    values = context(request, "", timeline=found, deal={"id": known})
    return render(request, "shell/deal_card.jinja", values, block="entries" if request.GET.get("after") else "timeline")


@page
@require_POST
def log(request: HttpRequest, key: str) -> HttpResponse:
    """What the composer says about a deal; its customer hears it too."""
    entity, known = registry.get("deal"), asked.key(key)
    deal = orjson.loads(read.one(entity, known, fields=("party",)))
    try:
        operation, words = timelines.log(request, deal["party"], {"entity": "deal", "id": known})
    except Problem as problem:
        written = timelines.composer(request, problem)
        if not is_fragment(request):
            return render(request, "shell/deal_card.jinja", _card(request, known, composer=written), status=422)
        values = context(request, "", deal={"id": known}, composer=written)
        return render(request, "shell/deal_card.jinja", values, block="composer", status=422)
    if not is_fragment(request):
        return timelines.back(entity, known)
    values = context(request, "", timeline=timelines.timeline(entity, known), deal={"id": known})
    return toast(render(request, "shell/deal_card.jinja", values, block="logged"), words, undo=operation)
