"""What the address of a deals screen asks for, and the bar that board and table share."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.platform.actor import current
from rapport.platform.identity.organisation import organisation
from rapport.records import search_read
from rapport.sales import queries as sales
from rapport.sales.pipelines import PipelineInfo, pipelines
from rapport.shell.views.frame import with_query

CLOSED = {
    "quarter": gettext_lazy("this quarter"),
    "year": gettext_lazy("this year"),
    "all": gettext_lazy("all time"),
}
FOUND = 500


def pipeline_of(request: HttpRequest) -> PipelineInfo:
    known = pipelines()
    chosen = known.get(request.GET.get("pipeline", ""))
    return chosen or next(iter(known.values()))


def wanted_of(request: HttpRequest) -> sales.Wanted:
    """Which deals the address asks for."""
    closed = request.GET.get("closed", "quarter")
    wanted = sales.Wanted(closed=closed if closed in CLOSED else "quarter", cursor=request.GET.get("after"))
    if request.GET.get("owner") == "me":
        wanted.owner = current().id
    if q := request.GET.get("q", "").strip():
        wanted.found = [hit.id for hit in search_read.search(q, entities=("deal",), limit=FOUND)]
    return wanted


def totals_of(columns: list[sales.Column]) -> dict[str, Any]:
    """What is open over all columns."""
    still = [column for column in columns if column.stage.kind == "open"]
    return {
        "sum": sales.money(sum(column.base for column in still)),
        "weighted": sales.money(sum(column.weighted for column in still)),
        "currency": organisation().base_currency,
    }


def bar(request: HttpRequest, pipeline: PipelineInfo, view: str) -> dict[str, Any]:
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
