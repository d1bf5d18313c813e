"""The list of an entity."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from rapport.records import registry
from rapport.records.errors import NotFound
from rapport.shell.views import board, deals, parties
from rapport.shell.views.frame import page


@page
@require_GET
def listed(request: HttpRequest, plural: str) -> HttpResponse:
    """Records as a table or a board."""
    entity = registry.at(plural)
    views = entity.lists
    view = views.get(request.GET.get("view", "")) or next(iter(views.values()))
    if view.shape == "board" and request.GET.get("as") != "table":
        return board.shown(request, entity, view.key)
    if entity.key == "deal":
        return deals.table(request, entity)
    if entity.key == "party":
        return parties.listed(request)
    raise NotFound("No list yet.")
