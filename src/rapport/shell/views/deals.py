"""Deals: the table, the form, the card."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import read, registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.records.read import Query
from rapport.sales import queries as sales
from rapport.sales.pipelines import pipelines, stage_info
from rapport.shell.views import board, facts, forms, timelines
from rapport.shell.views.deal_asked import bar, pipeline_of, totals_of, wanted_of
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

LIST = (
    "name", "party", "stage", "stage_since", "amount", "currency", "probability", "opened_on", "close_on", "closed_on",
    "owner", "status", "version",
)  # fmt: skip
SORTS = ("close_on", "amount", "created_at")
NEW = ("name", "party", "amount", "close_on", "stage", "owner")


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Deals as a board or a table."""
    return _table(request) if request.GET.get("as") == "table" else board.shown(request)


def _table(request: HttpRequest) -> HttpResponse:
    pipeline, wanted = pipeline_of(request), wanted_of(request)
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
        request, _("Deals"), **bar(request, pipeline, "table"), sort=sort, after=query.after,
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
                "totals": totals_of(columns),
            }
        else:
            counted = read.count(query, most=sales.COUNTED + 1)
            values |= {"count": min(counted, sales.COUNTED), "estimated": counted > sales.COUNTED}
    return render(request, "shell/deal_list.jinja", values, block="rows" if is_fragment(request) else None)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new deal."""
    entity = registry.get("deal")
    scope.level(entity, current(), "add")
    stages = [(stage.id, stage.name) for stage in pipeline_of(request).stages if stage.kind == "open"]
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


def card_of(request: HttpRequest, key: str, **more: Any) -> dict[str, Any]:
    entity = registry.get("deal")
    record = sales.dressed(orjson.loads(read.one(entity, key, expand=True)))
    owner, team = (record[name]["id"] if record[name] else None for name in ("owner", "team"))
    editable = scope.holds(entity, current(), "change", owner, team)
    found = timelines.timeline(entity, key, channel=request.GET.get("channel", ""))
    stages = pipelines()[record["pipeline"]["id"]].stages
    return context(
        request, record["name"], deal=record, sections=facts.sections(entity, record, editable), timeline=found,
        planned=timelines.planned(entity, key),
        stages=[{"id": s.id, "name": s.name, "kind": s.kind, "hue": sales.hue_of(s)} for s in stages], **more,
    )  # fmt: skip


@page
@require_GET
def card(request: HttpRequest, key: str) -> HttpResponse:
    """A deal on one screen."""
    values = card_of(request, asked.key(key))
    block = "peek" if request.GET.get("peek") else "card"
    return render(request, "shell/deal_card.jinja", values, block=block if is_fragment(request) else None)
