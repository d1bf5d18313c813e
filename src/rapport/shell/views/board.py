"""A board of any entity that has one: columns, further cards, and moving from step to step."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import current
from rapport.records import Entity, boards, read, registry, search_read, write
from rapport.records.api import asked
from rapport.records.errors import Problem, Refused, Stale
from rapport.shell import tiles
from rapport.shell.lists import chips
from rapport.shell.lists.state import FOUND, State, state_of
from rapport.shell.lists.tabs import tabs
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

CLOSED = {"quarter": gettext_lazy("this quarter"), "year": gettext_lazy("this year"), "all": gettext_lazy("all time")}
TEMPLATE = "shell/board.jinja"
MINE = {"field": "owner", "op": "eq", "value": "me"}  # answered by the kept totals
VERSION = "Rapport-Version"  # a header: of the record as it is now, for the next move before anything is read again


def track_of(entity: Entity, given: QueryDict) -> str | None:
    """The order of steps (pipeline) the address asks for, else the first."""
    known = [key for key, _title in boards.tracks(entity)]
    chosen = given.get("track") or given.get("pipeline", "")
    return chosen if chosen in known else next(iter(known), None)


def wanted_of(entity: Entity, given: QueryDict) -> boards.Wanted:
    """Which records the address asks for."""
    closed = given.get("closed", "quarter")
    wanted = boards.Wanted(closed=closed if closed in CLOSED else "quarter", cursor=given.get("after"))
    wanted.filter = state_of(entity, given).tree
    if given.get("owner") == "me" or wanted.filter == MINE:
        wanted.owner, wanted.filter = current().id, wanted.filter if wanted.filter != MINE else None
    if q := given.get("q", "").strip():
        wanted.found = [hit.id for hit in search_read.search(q, entities=(entity.key,), limit=FOUND)]
        wanted.cut = len(wanted.found) >= FOUND
    return wanted


def _column(request: HttpRequest, entity: Entity, column: boards.Column, wanted: boards.Wanted) -> dict[str, Any]:
    """A column as the component takes it."""
    board, step, note = boards.board_of(entity), column.step, ""
    if step.kind != "open" and wanted.closed != "all" and board.since and wanted.found is None:
        note = str(CLOSED[wanted.closed])
    following = None
    if column.next:
        following = with_query(request, after=column.next)
        following = following.replace(request.path, f"/{entity.plural}/columns/{step.id}", 1)
    has_sum = bool(board.total) and not column.estimated
    return {
        "id": step.id, "name": step.name, "hue": column.hue, "kind": step.kind, "probability": step.probability,
        "count": column.count, "estimated": column.estimated,
        "sum": boards.said(entity, column.base) if has_sum else None,
        "weighted": boards.said(entity, column.weighted) if has_sum and column.weighted is not None else None,
        "currency": boards.currency(entity), "value": step.stored, "note": note, "tiles": tiles.of(entity, column.rows),
        "next_url": following,
    }  # fmt: skip


def totals_of(entity: Entity, columns: list[boards.Column]) -> dict[str, Any] | None:
    """What is open over all columns."""
    still = [column for column in columns if column.step.kind == "open"]
    if not boards.board_of(entity).total or any(column.estimated for column in still):
        return None
    return {
        "sum": boards.said(entity, sum(column.base for column in still)),
        "weighted": boards.said(entity, sum(column.weighted or 0 for column in still)),
        "weighs": any(column.weighted is not None for column in still),
        "currency": boards.currency(entity),
    }


def shown(request: HttpRequest, state: State) -> HttpResponse:
    """The board of an entity."""
    entity = state.entity
    track, wanted = track_of(entity, request.GET), wanted_of(entity, request.GET)
    wanted.cursor = None
    columns = boards.columns(entity, track, wanted, cards=tiles.fields_of(entity))
    values = context(
        request, str(entity.label_plural), topics=(entity.key,), **bar(request, state, track), state=state,
        columns=[_column(request, entity, column, wanted) for column in columns], q=request.GET.get("q", "").strip(),
        totals=totals_of(entity, columns), groups=chips.chips(state), **_narrowed(request, entity),
    )  # fmt: skip
    return render(request, TEMPLATE, values, block="board" if is_fragment(request) else None)


def bar(request: HttpRequest, state: State, track: str | None) -> dict[str, Any]:
    """The bar above: the entity's named lists as tabs, its pipelines, what can be made."""
    entity = state.entity
    known = boards.tracks(entity) if entity.board and entity.seen([entity.board.by]) else []
    listed, more = tabs(state)
    return {
        "entity": {"key": entity.key, "plural": entity.plural, "label": str(entity.label), "icon": entity.icon},
        "heading": state.saved.name if state.saved else str(entity.label_plural), "track": track,
        "tracks": [{"id": key, "title": title, "url": with_query(request, track=key)} for key, title in known],
        "tabs": listed, "more_views": more,
        "new_url": f"/{entity.plural}/new" if current().may(entity.key, "add") else None,
        "new_label": _("New %(one)s") % {"one": str(entity.label).lower()},
        "by": entity.board.by if entity.board else None,
    }  # fmt: skip


def _narrowed(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """What the board alone knows of: the period of what is closed; and whose it is, as links of before say it."""
    filters = []
    if request.GET.get("owner") == "me":
        url = with_query(request, owner=None)
        filters.append({"label": _("Owner"), "op": _("is"), "value": _("me"), "remove_url": url})
    closed = request.GET.get("closed", "quarter")
    closed = closed if closed in CLOSED else "quarter"
    periods = [
        {"label": str(label), "url": with_query(request, closed=name if name != "quarter" else None),
         "current": name == closed}
        for name, label in CLOSED.items()
    ]  # fmt: skip
    shown = bool(boards.board_of(entity).since)
    return {"filters": filters, "periods": periods if shown else [], "closed": str(CLOSED[closed])}


@page
@require_GET
def column(request: HttpRequest, plural: str, step: str) -> HttpResponse:
    """Further cards of a column."""
    entity = registry.at(plural)
    info, wanted = boards.step_of(entity, step), wanted_of(entity, request.GET)
    if info is None:
        raise Refused(_("There is no such column any more; reload the board."))
    if not is_fragment(request):
        return HttpResponseRedirect(f"/{entity.plural}")
    found = boards.Column(info, boards.hue_of(info))
    boards.fill(entity, found, wanted, tiles.fields_of(entity))
    values = {"column": _column(request, entity, found, wanted), "entity": {"plural": entity.plural}}
    return render(request, TEMPLATE, values, block="cards")


@page
@require_POST
def move(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Put a record into another column: the touched heads and the card come back, or the reason why not."""
    entity, known = registry.at(plural), asked.key(key)
    by = entity.field(boards.board_of(entity).by)
    sent = {name: str(value) for name, value in request.POST.items() if value and name in entity.fields}
    version = sent.pop("version", "")
    if "step" in request.POST:
        sent[by.name] = request.POST["step"]
    if by.mark is not None and (step := boards.step_of(entity, sent.get(by.name, ""))):
        sent[by.name] = step.stored
    try:
        with write.operation() as done:
            old = write.rows.load(entity, known, current())
            left, was = getattr(old, by.attname), old.version
            record = write.change(entity, known, sent, version=int(version) if version.isdecimal() else None)
    except Stale:
        return refused(request, Refused(_("Somebody else has moved or changed this meanwhile. Look at it again.")))
    except Problem as problem:
        if problem.more.get("demands"):
            return _demand(request, entity, known, sent, version, problem)
        return refused(request, problem)
    if not is_fragment(request):
        return HttpResponseRedirect(entity.url(known))
    step = boards.step_at(entity, getattr(record, by.attname))
    words = _("“%(title)s” moved to %(step)s") % {"title": entity.title_of(record), "step": step.name if step else ""}
    on_board = urlsplit(request.headers.get("HX-Current-URL", "")).path == f"/{entity.plural}"
    steps = (boards.step_at(entity, value) for value in (left, getattr(record, by.attname)))
    touched = {found.id for found in steps if found}
    response = HttpResponse(_touched(request, entity, known, touched) if on_board else "")
    response[VERSION] = str(record.version)
    return response if record.version == was else toast(response, words, undo=done.id, changed=not on_board)


def refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Why a record does not move, in words for the corner."""
    if is_fragment(request):
        words = " ".join(each["message"] for each in problem.errors) or problem.detail
        status = 422 if problem.status == 409 else problem.status
        return toast(HttpResponse(words, status=status, content_type="text/plain"), words, bad=True)
    raise problem


def _touched(request: HttpRequest, entity: Entity, key: str, steps: set[str]) -> str:
    """The parts of the board that a move changes, each replacing itself."""
    given = QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    wanted = wanted_of(entity, given)
    track = next((step.track for each in steps if (step := boards.step_of(entity, each))), None)
    columns = boards.columns(entity, track, wanted)
    row = boards.dressed(entity, orjson.loads(read.one(entity, key, fields=tiles.fields_of(entity), expand=True)))
    tile = tiles.of(entity, [row])[0]
    shared = {"entity": {"plural": entity.plural}}
    parts = [render(request, TEMPLATE, {"tile": tile, "step": tile["step"]["id"], **shared}, block="tile")]
    for each in columns:
        if each.step.id in steps:
            made = {"column": _column(request, entity, each, wanted), **shared}
            parts.append(render(request, TEMPLATE, made, block="column_head"))
    parts.append(render(request, TEMPLATE, {"totals": totals_of(entity, columns)}, block="totals"))
    return "".join(part.content.decode() for part in parts)


def _demand(
    request: HttpRequest, entity: Entity, key: str, sent: dict[str, str], version: str, refused: Problem
) -> HttpResponse:
    """The step demands fields: ask for them in the move."""
    by = boards.board_of(entity).by
    demands = refused.more["demands"]
    fields = [forms.control(entity.fields[name], entity, required=True, autofocus=True) for name in demands]
    fields += [{"name": name, "kind": "hidden", "label": ""} for name in (by, "version")]
    errors = forms.errors_of(refused) if any(name in request.POST for name in demands) else {}
    form = forms.form(f"{entity.url(key)}/move", fields, {**sent, "version": version}, errors)
    step = boards.step_of(entity, sent.get(by, ""))
    heading = _("Move to %(step)s") % {"step": step.name if step else ""}
    values = context(request, heading, form=form, heading=heading, submit=_("Move"), cancel_url=f"/{entity.plural}")
    block = "form" if is_fragment(request) else None
    return render(request, "shell/form_page.jinja", values, block=block, status=422)
