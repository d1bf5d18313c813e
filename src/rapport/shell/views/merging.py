"""Merging two or three records: side by side, whose value each field keeps, and what goes over."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from rapport.records import Entity, boards, read, write
from rapport.records.api import asked
from rapport.records.duplicates import choosing, merging, moving, pairs
from rapport.records.errors import BadQuery, Problem
from rapport.shell.refusals import in_words
from rapport.shell.views import duplicates, facts
from rapport.shell.views.frame import context, is_fragment, page, render, toast

MOST = 3


@page
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, plural: str) -> HttpResponse:
    """GET: the records side by side; POST: make them one."""
    entity = duplicates.entity_at(plural)
    given = request.POST.getlist("id") or asked.names(request, "ids") or request.GET.getlist("id")
    ids = list(dict.fromkeys(asked.key(each) for each in given))
    if not 1 < len(ids) <= MOST:
        raise BadQuery(_("Choose two or three records to merge."))
    winner = request.POST.get("winner", "")
    if request.method == "POST" and winner in ids:
        try:
            return _merged(request, entity, winner, [key for key in ids if key != winner])
        except Problem as problem:
            return _form(request, entity, ids, in_words(problem))
    return _form(request, entity, ids)


def _merged(request: HttpRequest, entity: Entity, winner: str, losers: list[str]) -> HttpResponse:
    posted = {name[6:]: value for name, value in request.POST.items() if name.startswith("field:")}
    with write.operation() as done:
        for loser in losers:
            sides = {winner: choosing.WINNER, loser: choosing.LOSER, choosing.BOTH: choosing.BOTH}
            choices = {name: sides.get(str(value), choosing.WINNER) for name, value in posted.items()}
            record = merging.merge(entity, winner, loser, choices)
    url = entity.url(winner)
    if not is_fragment(request) or request.headers.get("HX-Current-URL", "").partition("?")[0].endswith("/merge"):
        return _gone(request, url)
    words = ngettext("%(n)s record merged into “%(title)s”", "%(n)s records merged into “%(title)s”", len(losers))
    words %= {"n": len(losers), "title": entity.title_of(record)}
    return toast(HttpResponse(status=204), words, undo=done.id, url=url, changed=True)


def _gone(request: HttpRequest, url: str) -> HttpResponse:
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def _form(request: HttpRequest, entity: Entity, ids: list[str], problem: str = "") -> HttpResponse:
    records = {key: boards.dressed(entity, orjson.loads(read.one(entity, key, expand=True))) for key in ids}
    held = {key: merging.both(entity, ids[0], key)[1] if key != ids[0] else None for key in ids}
    held[ids[0]] = merging.both(entity, ids[1], ids[0])[1]
    # Who has most to say stays, of equals the one that was here first.
    winner = max(sorted(ids), key=lambda key: sum(value not in (None, "", [], {}) for value in records[key].values()))
    winner = request.POST.get("winner") or winner
    pair = pairs.between(entity, *ids) if len(ids) == 2 else None  # noqa: PLR2004 - a pair
    heading = _("Merge into one record")
    values = context(
        request, heading, heading=heading, problem=problem, ids=ids, winner=winner, entity=entity,
        sides=[{**duplicates.shown_of(entity, ids)[key], "moves": _moves(entity, key)} for key in ids],
        rows=_rows(entity, records, held, winner, request), action=f"/{entity.plural}/merge",
        reasons=[each.words for each in pair.reasons if each.speaks_for] if pair else [],
        cancel_url=f"/{entity.plural}/duplicates",
    )  # fmt: skip
    block = "form" if is_fragment(request) else None
    return render(request, "shell/merge.jinja", values, block=block, status=422 if problem else 200)


def _rows(
    entity: Entity, records: dict[str, dict[str, Any]], held: dict[str, Any], winner: str, request: HttpRequest
) -> list[dict[str, Any]]:
    """The fields in which they differ: each record's value, and whose is kept unless chosen otherwise."""
    rows = []
    for known in choosing.fields_of(entity):
        if known.name not in entity.fields:
            continue
        kept: str | None = None
        joinable = False
        for key in (each for each in held if each != winner):
            for choice in choosing.differing(entity, held[winner], held[key], {}):
                if choice.field.name == known.name:
                    joinable = joinable or choice.joinable
                    usual = {choosing.WINNER: winner, choosing.LOSER: key, choosing.BOTH: choosing.BOTH}[choice.kept]
                    kept = usual if kept in (None, winner) else kept
        if kept is None:
            continue
        shown = [(key, facts.fact(known, records[key], False)) for key in records]
        rows.append({
            "name": known.name, "label": known.heading, "values": shown, "joinable": joinable,
            "kept": request.POST.get(f"field:{known.name}") or kept,
        })  # fmt: skip
    return rows


def _moves(entity: Entity, key: str) -> list[tuple[str, int]]:
    """What would go over with a record, in words."""
    found = moving.counted(entity, key)
    return [(str(other.label if count == 1 else other.label_plural).lower(), count) for other, count in found]
