"""Who else has a record open."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import read, registry
from rapport.records.api import asked
from rapport.records.live import presence, sight
from rapport.records.read import Query
from rapport.shell.views.frame import page, render

KNOWN = 40


@page
@require_GET
def here(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The pictures of those who have this record open; nobody for those who may not see it."""
    entity, known, me = registry.at(plural), asked.key(key), current()
    others = [user for user in presence.at(entity.key, known) if user != me.id][:KNOWN]
    people = []
    if others and sight.visible(entity, me, {known}):
        query = Query(registry.get("user"), fields=("name",), sort=("name",), limit=KNOWN)
        query.where.append((f"t.id IN ({', '.join(['%s'] * len(others))})", [db.key(user) for user in others]))
        people = read.page(query).items()
    values = {"people": [{"id": one["id"], "title": one["name"]} for one in people]}
    return render(request, "shell/here.jinja", values)
