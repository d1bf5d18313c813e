"""The command palette's server side: the list of commands, those of one record, and carrying an action out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.platform.actor import current
from rapport.records import read, registry, rows, write
from rapport.records.actions import actions_of
from rapport.records.api import asked
from rapport.records.entity import Entity
from rapport.records.errors import NotFound, Problem
from rapport.records.queues import taking
from rapport.shell import commands, deeds
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

YEAR = 31_536_000


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every command of this reader. The address names the content, so it may be kept while it is right."""
    offered = commands.offer(current())
    response = HttpResponse(offered.body, content_type="application/json")
    fresh = request.GET.get("v", "") == offered.url.partition("=")[2]
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable" if fresh else "no-store"
    response["Vary"] = "Cookie"
    return response


@page
@require_GET
def of_record(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """What can be done with one record; ``?verb=`` the choices of one action."""
    entity, known = registry.at(plural), asked.key(key)
    record = orjson.loads(read.one(entity, known, expand=True))
    verb = request.GET.get("verb")
    found = deeds.choices(entity, record, _action(entity, verb)) if verb else deeds.of(entity, record)
    response = JsonResponse({"title": str(record.get(entity.title) or ""), "commands": found})
    response["Cache-Control"] = "no-store"
    return response


def _action(entity: Entity, verb: str) -> Any:
    method = actions_of(entity.model).get(verb)
    if method is None:
        raise NotFound(_("There is no such action."))
    return method


@page
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, plural: str, key: str, verb: str) -> HttpResponse:
    """Carry out an action; where it takes or demands more, its form comes first."""
    entity, known = registry.at(plural), asked.key(key)
    method = _action(entity, verb)
    if request.method == "GET":
        return _ask(request, entity, known, method, method.takes)
    args = {name: value for name in method.takes if (value := request.POST.get(name, "").strip())}
    try:
        return carry_out(request, entity, known, method, args)
    except Problem as problem:
        if problem.status not in (409, 422) or not _can_be_mended(problem, method):
            raise
        return _ask(request, entity, known, method, problem.more.get("demands") or method.takes, problem)


def _can_be_mended(problem: Problem, method: Any) -> bool:
    """Whether other arguments could help: the refusal asks for some, or is about one, or there are always some."""
    named = {each["field"] for each in problem.errors}
    return bool(problem.more.get("demands") or method.asks or named & set(method.takes))


def carry_out(request: HttpRequest, entity: Entity, known: str, method: Any, args: dict[str, Any]) -> HttpResponse:
    """The deed, and a toast that takes it back; without scripts back to the page it came from. Raises Problem."""
    with write.operation() as done:
        was = rows.load(entity, known, current()).version
        act: Callable[..., Any] = partial(write.act, verb=method.__name__)
        if entity.is_queueable and method.__name__ == "take":  # it tells who was quicker
            act = taking.take
        record = act(entity, known, args=args)
    if not is_fragment(request):
        return HttpResponseRedirect(back_to(request, entity.url(known)))
    if record.version == was:
        return toast(HttpResponse(status=204), _("Nothing to change."))
    words = deeds.told(entity, orjson.loads(read.one(entity, known, expand=True)), method)
    undo = None if method.final else done.id
    return toast(HttpResponse(status=204), words, undo=undo, url=entity.url(known), changed=True)


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form said to go on (an address of this site), else ``otherwise``."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else otherwise


def _ask(
    request: HttpRequest, entity: Entity, key: str, method: Any, names: Sequence[str], problem: Problem | None = None
) -> HttpResponse:
    """The form of what an action takes, or still needs; what was given before goes along."""
    demanded = (problem.more.get("demands") if problem else None) or method.asks
    fields = [forms.control(entity.fields[name], entity, required=name in demanded) for name in names]
    fields[0]["autofocus"] = True
    given = {name: request.POST[name] for name in method.takes if name in request.POST}
    fields += [{"name": name, "kind": "hidden", "label": ""} for name in given if name not in names]
    # Said again only to somebody who has seen the form.
    errors = forms.errors_of(problem) if problem and any(name in request.POST for name in names) else {}
    form = forms.form(f"{entity.url(key)}/act/{method.__name__}", fields, given, errors)
    label = str(method.label)
    made = context(request, label, form=form, heading=label, submit=label, cancel_url=entity.url(key))
    block = "form" if is_fragment(request) else None
    return render(request, "shell/form_page.jinja", made, block=block, status=422 if problem else 200)
