"""Deeds on everything that a filter finds: begun with the number that is expected, looked at, stopped, taken back."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from rapport.platform.actor import current
from rapport.records import scope
from rapport.records.api import asked, once
from rapport.records.api.answers import Door, guarded, json
from rapport.records.bulk import asking, runs, telling
from rapport.records.entity import Entity, registry
from rapport.records.models import BulkRun

MOST = 1000


@guarded("GET", "POST")
def collection(request: HttpRequest, plural: str) -> HttpResponse:
    """GET: the newest runs; POST: begin one (202), or with ``dry_run`` say how many records it would touch."""
    entity = registry.at(plural)
    scope.level(entity, current())
    if request.method == "POST":
        asked.only(request)
        return once.once(request, lambda: _begun(request, entity))
    asked.only(request, "limit", "after")
    limit, after = asked.number(request, "limit", 50, 200), request.GET.get("after")
    found = runs.listed(entity, limit, asked.key(after) if after else None)
    following = found[limit - 1].id if len(found) > limit else None
    return json({"items": [telling.told(run) for run in found[:limit]], "next": following})


def _begun(request: HttpRequest, entity: Entity) -> HttpResponse:
    wanted = asking.understood(entity, asked.body(request))
    if wanted.dry_run:
        return json({"count": wanted.count(), "some": wanted.some()})
    run = asking.begin(wanted)
    return json(telling.told(run), 202, {"Location": f"/api/v1/{entity.plural}/bulk-runs/{run.id}"})


@guarded("GET")
def one(request: HttpRequest, plural: str, run: str) -> HttpResponse:
    """How a run stands."""
    asked.only(request)
    return json(telling.told(runs.one(asked.key(run), registry.at(plural))))


@guarded("GET")
def left(request: HttpRequest, plural: str, run: str) -> HttpResponse:
    """What was left alone, with the reasons."""
    asked.only(request, "limit", "after")
    found = runs.one(asked.key(run), registry.at(plural))
    limit = asked.number(request, "limit", 50, MOST)
    items, following = telling.left_alone(found, limit, request.GET.get("after"))
    return json({"items": items, "next": following})


def _step(act: Callable[[BulkRun], bool]) -> Door:
    """An address that moves a run on."""

    @guarded("POST")
    def moved(request: HttpRequest, plural: str, run: str) -> HttpResponse:
        asked.only(request)
        entity, key = registry.at(plural), asked.key(run)
        return once.once(request, lambda: _moved(entity, key, act))

    return moved


def _moved(entity: Entity, key: str, act: Callable[[BulkRun], bool]) -> HttpResponse:
    runs.change(runs.one(key, entity), act)
    return json(telling.told(runs.one(key, entity)))


stop = _step(runs.cancel)
go_on = _step(runs.go_on)
undo = _step(runs.undo)
