"""Deals as a table."""

from django.http import HttpRequest, HttpResponse

from rapport.platform import db
from rapport.records import Entity, boards, read
from rapport.records.read import Query
from rapport.shell.views import board
from rapport.shell.views.frame import context, is_fragment, render, with_query

LIST = (
    "name", "party", "stage", "stage_since", "amount", "currency", "probability", "opened_on", "close_on", "closed_on",
    "owner", "status", "version",
)  # fmt: skip
SORTS = ("close_on", "amount", "created_at")


def table(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The list."""
    track, wanted = board.track_of(entity, request.GET), board.wanted_of(entity, request.GET)
    sort = request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "-created_at"
    query = Query(entity, fields=LIST, sort=(sort,), after=wanted.cursor, expand=True)
    query.where.append(("t.pipeline_id = %s", [db.key(track)]))
    if wanted.owner:
        query.where.append(("t.owner_id = %s", [db.key(wanted.owner)]))
    if wanted.found is not None:
        places = ", ".join(["%s"] * len(wanted.found)) or "NULL"
        query.where.append((f"t.id IN ({places})", [db.key(key) for key in wanted.found]))
    found = read.page(query)
    values = context(
        request, str(entity.label_plural), **board.bar(request, entity, "table", track), sort=sort, after=query.after,
        rows=[boards.dressed(entity, row) for row in found.items()], q=request.GET.get("q", ""), filters=[],
        sorts={name: with_query(request, sort=f"-{name}" if sort == name else name) for name in SORTS},
        next_url=with_query(request, after=found.next) if found.next else None, filter_menu=[],
    )  # fmt: skip
    if not query.after:
        counted = read.count(query, most=boards.COUNTED + 1)
        values |= {"count": min(counted, boards.COUNTED), "estimated": counted > boards.COUNTED}
    return render(request, "shell/deal_list.jinja", values, block="rows" if is_fragment(request) else None)
