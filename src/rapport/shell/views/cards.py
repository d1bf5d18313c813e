"""The card of any record: head, facts, timeline and panels; the peek beside a list; the deeds its menu offers."""

from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.automation import queries
from rapport.platform.actor import current
from rapport.records import Entity, boards, read, registry, write
from rapport.records.actions import actions_of
from rapport.records.api import asked
from rapport.records.duplicates import merging
from rapport.records.errors import NotFound
from rapport.records.layout import fits
from rapport.shell import histories, nav, panels
from rapport.shell.views import automations, facts, forms, timelines
from rapport.shell.views.frame import context, is_fragment, page, render, toast
from rapport.ui.engine import engine


@cache
def template_of(entity: Entity) -> str:
    """A card made by hand, where there is one, else the engine's own."""
    by_hand = f"cards/{entity.key}.jinja"
    return by_hand if by_hand in engine().env.list_templates() else "shell/card.jinja"


@cache
def actions_of_its_own(entity: Entity) -> str:
    """The template of buttons that only this kind of record has; empty where there is none."""
    by_hand = f"cards/{entity.key}_actions.jinja"
    return by_hand if by_hand in engine().env.list_templates() else ""


# What a card made by hand shows beside the record, worked out from it.
BESIDE = {"automation": automations.told, "approval": queries.dressed}


def context_of(request: HttpRequest, entity: Entity, key: str, **more: Any) -> dict[str, Any]:
    """Everything the templates of a card take."""
    record, binned = _read(entity, key)
    rights = facts.rights(entity, record)
    if binned:
        rights = dict.fromkeys(rights, False)
    view = next((each for each in entity.lists.values() if fits(each.new, record)), None)
    listed = view or next(iter(entity.lists.values()))
    named = facts.title(entity, record, rights["change"])
    return context(
        request, str(named["shown"]), record=record, base=entity.url(key), rights=rights,
        entity={"key": entity.key, "plural": entity.plural, "label": str(entity.label), "icon": entity.icon,
            "tells": entity.is_record and entity.tells_itself},
        list={"label": str(listed.label), "url": nav.address(entity, listed), "icon": listed.icon or entity.icon},
        binned=binned, merges=merging.may_merge(entity, current()) and rights["delete"],
        topics=(f"{entity.key}:{key}",), heading=named["shown"], named=named, road=_road(entity, record),
        sections=facts.sections(entity, record, rights["change"]),
        chips=[facts.fact(entity.fields[name], record, False) for name in _header(entity, record)],
        own_head=entity.arranged.plan.header is not None, **_happened(request, entity, key),
        composes=entity.card.composer and rights["log"], panels=panels.of(entity, record),
        actions=_actions(entity, record, rights), own_actions=actions_of_its_own(entity),
        beside=BESIDE[entity.key](record) if entity.key in BESIDE else None, **more,
    )  # fmt: skip


def _read(entity: Entity, key: str) -> tuple[dict[str, Any], bool]:
    """The record, and whether it lies in the bin."""
    binned = False
    try:
        found = read.one(entity, key, expand=True)
    except NotFound:
        found, binned = read.one(entity, key, expand=True, binned=True), True
    record = boards.dressed(entity, orjson.loads(found))
    if record["step"] and record["step"]["id"] == boards.NONE:  # on no step yet: the head says nothing of it
        record["step"] = None
    return record, binned


def _happened(request: HttpRequest, entity: Entity, key: str) -> dict[str, Any]:
    """The timeline; what has none of its own shows its changes."""
    if not entity.is_record:
        return {"timeline": None, "history": None}
    if entity.tells_itself and request.GET.get("channel") != timelines.CHANGES:
        planned = timelines.planned(entity, key) if entity.card.composer else []
        return {"timeline": timelines.asked(request, entity, key), "history": None, "planned": planned}
    return {"timeline": None, "history": histories.of(entity, key, narrowed=histories.asked(request))}


def _header(entity: Entity, record: dict[str, Any]) -> list[str]:
    by = entity.board.by if entity.board else None
    own = (by, entity.title)  # told by the head itself
    return [
        name
        for name in entity.arranged.header
        if name not in own and facts.value_of(record, name) not in (None, "", [])
    ]


def _road(entity: Entity, record: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of the board the record is on, in order."""
    step = boards.step_of(entity, record["step"]["id"]) if record["step"] else None
    if step is None:
        return []
    found = [each for each in boards.steps(entity, step.track) if each.id != boards.NONE]
    return [{"id": each.id, "name": each.name, "kind": each.kind, "hue": boards.hue_of(each)} for each in found]


def _actions(entity: Entity, record: dict[str, Any], rights: dict[str, bool]) -> list[dict[str, Any]]:
    """Deeds that are buttons: to take what waits, and those of the model that govern no field of their own and fit the
    record's state."""
    url, own = entity.url(record["id"]), actions_of(entity.model)
    found = [
        {"verb": name, "label": str(method.label), "url": f"{url}/act/{name}", "asks": bool(method.asks)}  # type: ignore[attr-defined]
        for name, method in own.items()
        if rights.get(method.right) and name not in entity.verbs.values() and fits(method.when, record)  # type: ignore[attr-defined]
    ]
    if rights["take"] and "take" not in own:
        found.insert(0, {"verb": "take", "label": _("Take"), "url": f"{url}/take", "asks": False})
    return found


@page
@require_GET
def card(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """A record on one screen; ``?peek=1`` the preview beside the list."""
    entity, known = registry.at(plural), asked.key(key)
    if other := merging.heir(entity, known):
        return HttpResponsePermanentRedirect(f"{entity.url(other)}{'?peek=1' if request.GET.get('peek') else ''}")
    values = context_of(request, entity, known)
    block = "peek" if request.GET.get("peek") else "card"
    return render(request, template_of(entity), values, block=block if is_fragment(request) else None)


@page
@require_POST
def put_in_bin(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Bin a record; the toast takes it back."""
    entity, known = registry.at(plural), asked.key(key)
    with write.operation() as done:
        record = write.put_in_bin(entity, known)
    words = _("“%(title)s” is in the bin") % {"title": forms.called(entity, record)}
    return _done(request, entity, known, words, done.id)


@page
@require_POST
def restore(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Take a record out of the bin."""
    entity, known = registry.at(plural), asked.key(key)
    with write.operation() as done:
        record = write.restore(entity, known)
    return _done(request, entity, known, _("“%(title)s” is back") % {"title": forms.called(entity, record)}, done.id)


def _done(request: HttpRequest, entity: Entity, key: str, words: str, operation: str) -> HttpResponse:
    if not is_fragment(request):
        return HttpResponseRedirect(entity.url(key))
    return toast(HttpResponse(status=200), words, undo=operation, changed=True)
