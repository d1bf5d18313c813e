"""Deals: the form and the card."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform.actor import current
from rapport.records import read, registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.sales import queries as sales
from rapport.sales.pipelines import pipelines, stage_info
from rapport.shell.views import facts, forms, timelines
from rapport.shell.views.deal_asked import pipeline_of
from rapport.shell.views.frame import context, is_fragment, page, render, toast

NEW = ("name", "party", "amount", "close_on", "stage", "owner")


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
        stages=[{"id": s.id, "name": s.name, "kind": s.kind, "hue": sales.hue_of(s)} for s in stages], **more,
    )  # fmt: skip


@page
@require_GET
def card(request: HttpRequest, key: str) -> HttpResponse:
    """A deal on one screen."""
    values = card_of(request, asked.key(key))
    block = "peek" if request.GET.get("peek") else "card"
    return render(request, "shell/deal_card.jinja", values, block=block if is_fragment(request) else None)
