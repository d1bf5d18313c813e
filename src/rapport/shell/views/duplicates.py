"""Records that may be one: the queue of pairs, looking for them, saying that two are two, and the warning in forms."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.jobs import cancel, look
from rapport.records import Entity, read, registry, scope
from rapport.records.api import asked
from rapport.records.duplicates import jobs, merging, nearby, pairs
from rapport.records.errors import NotFound
from rapport.records.models import ImportRun
from rapport.records.read import Query
from rapport.records.transfer.runs import desk
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

SHOWN = 40


def entity_at(plural: str) -> Entity:
    """The entity, when its duplicates are looked for."""
    entity = registry.at(plural)
    if not merging.is_mergeable(entity):
        raise NotFound(_("Of these no duplicates are looked for."))
    return entity


@page
@require_GET
def queue(request: HttpRequest, plural: str) -> HttpResponse:
    """Pairs that may be one, the most certain first."""
    entity = entity_at(plural)
    scope.level(entity, current(), "view")
    after, dismissed = request.GET.get("after"), request.GET.get("show") == "dismissed"
    state = pairs.DISMISSED if dismissed else pairs.OPEN
    run = _run(request, entity)
    made_by = run.operation if run else None
    found, following = pairs.queue(entity, state=state, limit=SHOWN, after=after, made_by=made_by)
    base, only = f"/{entity.plural}/duplicates", f"&import={run.id}" if run else ""
    job = jobs.at_work(entity)
    standing = look(job) if job else None
    tabs = [
        {"label": _("To review"), "url": f"{base}?import={run.id}" if run else base, "current": not dismissed},
        {"label": _("Not duplicates"), "url": f"{base}?show=dismissed{only}", "current": dismissed},
    ]
    values = context(
        request, _("Duplicates"), base=base, tabs=tabs, dismissed=dismissed, after=after,
        entity={"key": entity.key, "plural": entity.plural, "label_plural": str(entity.label_plural)},
        rows=_rows(entity, found), next_url=with_query(request, after=following) if following else None,
        work=standing if standing and standing.status in ("waiting", "running") else None,
        run=run and {"file": run.file.replace("\\", "/").rpartition("/")[2], "url": f"/imports/{run.id}"},
        tick=request.GET.get("tick", "0"), merges=merging.may_merge(entity, current()),
        finds=current().may(entity.key, "change"),
    )  # fmt: skip
    block = None if not is_fragment(request) else "rows" if after else "queue"
    return render(request, "shell/duplicates.jinja", values, block=block)


def _run(request: HttpRequest, entity: Entity) -> ImportRun | None:
    """The import of whose records the queue is; None: of all."""
    key = request.GET.get("import")
    run = desk.one(asked.key(key)) if key else None
    if run and run.entity != entity.key:
        raise NotFound(_("There is no import here."))
    return run


def _rows(entity: Entity, found: list[pairs.Pair]) -> list[dict[str, Any]]:
    keys = list(dict.fromkeys(key for pair in found for key in (pair.first, pair.second)))
    shown = shown_of(entity, keys)
    return [
        {
            "id": pair.id, "sides": (shown[pair.first], shown[pair.second]), "percent": int(100 * pair.score),
            "reasons": [each.words for each in pair.reasons if each.speaks_for],
            "against": [each.words for each in pair.reasons if not each.speaks_for],
            "merge": f"/{entity.plural}/merge?ids={pair.first},{pair.second}",
        }
        for pair in found
        if pair.first in shown and pair.second in shown
    ]  # fmt: skip


def shown_of(entity: Entity, keys: list[str]) -> dict[str, dict[str, Any]]:
    """Records by id with their titles and what tells them apart at a glance."""
    if not keys:
        return {}
    query = Query(entity, fields=("id", entity.title, "created_at", *entity.seen(entity.found_by)), limit=len(keys))
    marks = ", ".join(["%s"] * len(keys))
    query.where.append((f"t.id IN ({marks})", [db.key(key) for key in keys]))
    return {
        item["id"]: {
            "id": item["id"], "title": item[entity.title], "url": entity.url(item["id"]),
            "created_at": item["created_at"], "detail": nearby.glance(entity, item),
        }
        for item in read.page(query).items()
    }  # fmt: skip


@page
@require_GET
def of_record(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """With what a record can be merged: those found to be like it, and any other."""
    entity, known = entity_at(plural), asked.key(key)
    shown = shown_of(entity, [known])
    if known not in shown:
        raise NotFound(_("It is no longer there, or not yours to see."))
    found, _after = pairs.queue(entity, limit=SHOWN, of=known)
    heading = _("Merge “%(title)s” with") % {"title": shown[known]["title"]}
    picker = {"name": "id", "kind": "relation", "relation": entity.plural, "autofocus": True}
    values = context(
        request, heading, heading=heading, record=shown[known], rows=_rows(entity, found), picker=picker,
        base=f"/{entity.plural}/duplicates", action=f"/{entity.plural}/merge", label=str(entity.label),
    )  # fmt: skip
    return render(request, "shell/merge_with.jinja", values, block="form" if is_fragment(request) else None)


@page
@require_POST
def find(request: HttpRequest, plural: str) -> HttpResponse:
    """Look for duplicates behind the scenes."""
    entity = entity_at(plural)
    scope.level(entity, current(), "change")
    jobs.start(entity)
    return HttpResponseRedirect(f"/{entity.plural}/duplicates")


@page
@require_POST
def stop(request: HttpRequest, plural: str) -> HttpResponse:
    """Stop looking."""
    entity = entity_at(plural)
    scope.level(entity, current(), "change")
    if job := jobs.at_work(entity):
        cancel(job)
    return HttpResponseRedirect(f"/{entity.plural}/duplicates")


@page
@require_POST
def dismiss(request: HttpRequest, plural: str, pair: str) -> HttpResponse:
    """These two are two; ``back``: perhaps not."""
    entity, back = entity_at(plural), bool(request.POST.get("back"))
    pairs.dismiss(entity, pair, back=back)
    if not is_fragment(request):
        return HttpResponseRedirect(f"/{entity.plural}/duplicates")
    words = _("Back among those to review") if back else _("Not a duplicate: it will not be asked again")
    return toast(HttpResponse(status=200), words)


@page
@require_POST
def alike(request: HttpRequest, plural: str) -> HttpResponse:
    """What the form being filled may be about already."""
    entity = entity_at(plural)
    typed = forms.posted(request, [name for name in entity.fields if name in request.POST], entity)
    return render(request, "shell/alike.jinja", {"found": nearby.nearby(entity, typed), "entity": entity})
