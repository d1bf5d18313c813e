"""Queues, for administrators: made, named, with members, what waits in each, closed and opened again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.keys import parse_key
from rapport.records import registry
from rapport.records.errors import Problem
from rapport.records.queues import keeping
from rapport.shell import histories, queues
from rapport.shell.refusals import in_words
from rapport.shell.views import forms
from rapport.shell.views.access import WHERE, administers, shown, to


@administers
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every queue: how many people take from it, and what waits there."""
    found = keeping.listed()
    waits = queues.counted(queue["id"] for queue in found)
    told = [{**queue, "waits": waits.get(queue["id"], [])} for queue in found]
    return shown(request, "shell/access_queues.jinja", _("Queues"), "queues", queues=told)


@administers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A queue by its name; its members are chosen on its page."""
    name, errors = request.POST.get("name", "").strip(), dict[str, list[str]]()
    if request.method == "POST":
        try:
            return to(request, f"{WHERE}/queues/{keeping.add(name).id}", "made")
        except Problem as problem:
            errors = forms.errors_of(problem)
    return shown(
        request, "shell/access_queue_new.jinja", _("New queue"), "queues", status=422 if errors else 200,
        name=name, errors=errors,
    )  # fmt: skip


@administers
@require_GET
def queue(request: HttpRequest, key: str) -> HttpResponse:
    """One queue: its members, and what waits there."""
    return _shown(request, key)


def _shown(request: HttpRequest, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
    found = keeping.one(key)
    values: dict[str, Any] = {"errors": {}, **more}
    return shown(
        request, "shell/access_queue.jinja", found["name"], "queues", status=status, queue=found,
        members=list(keeping.members(key).values()), waits=queues.counted([key]).get(key, []),
        history={**histories.of(registry.get("team"), key), "next_url": None}, **values,
    )  # fmt: skip


@administers
@require_POST
def named(request: HttpRequest, key: str) -> HttpResponse:
    """Call it otherwise."""
    try:
        keeping.rename(keeping.one(key)["id"], request.POST.get("name", "").strip())
    except Problem as problem:
        return _shown(request, key, status=422, errors={"name": [in_words(problem)]})
    return to(request, f"{WHERE}/queues/{key}", "named")


@administers
@require_POST
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody takes from it from now on."""
    user = parse_key(request.POST.get("user", ""))
    if user is None:
        return _shown(request, key, status=422, errors={"user": [_("Choose somebody.")]})
    try:
        keeping.join(keeping.one(key)["id"], user)
    except Problem as problem:
        return _shown(request, key, status=422, errors={"user": [in_words(problem)]})
    return to(request, f"{WHERE}/queues/{key}", "joined")


@administers
@require_POST
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody takes from it no more."""
    keeping.leave(keeping.one(key)["id"], parse_key(request.POST.get("user", "")) or "")
    return to(request, f"{WHERE}/queues/{key}", "left")


@administers
@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Close it, when nothing waits there, or open it again."""
    closes = request.POST.get("closed") == "1"
    try:
        (keeping.close if closes else keeping.reopen)(keeping.one(key)["id"])
    except Problem as problem:
        return _shown(request, key, status=422, errors={"switch": [in_words(problem)]})
    return to(request, f"{WHERE}/queues/{key}", "closed" if closes else "opened")
