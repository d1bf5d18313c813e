"""Automations: what to begin with, the editor of a plan, trying it, switching it on and off."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.automation import log, recipes, trying
from rapport.automation.models import Automation
from rapport.automation.plan import steps
from rapport.automation.plan.checking import Checker
from rapport.platform.actor import LEVELS, current
from rapport.records import registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import Problem
from rapport.records.intake import place_for
from rapport.shell.automations import editor, form, outcomes, words
from rapport.shell.views import forms
from rapport.shell.views.frame import context, is_fragment, page, render, toast

EDITOR, NEW = "automations/editor.jinja", "automations/new.jinja"


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ready-made ones to begin with, or an empty one under a name."""
    entity = registry.get("automation")
    scope.level(entity, current(), "add")
    fields = [forms.control(entity.fields[name], entity) for name in entity.form]
    fields[0]["wide"] = False
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        values = forms.posted(request, entity.form, entity)
        try:
            made = write.create(entity, {name: each for name, each in values.items() if each})
            return forms.done(request, f"/automations/{made.id}/plan")
        except Problem as problem:
            errors = forms.errors_of(problem)
    shown = context(
        request, _("New automation"), form=forms.form("/automations/new", fields, values, errors),
        recipes=[_recipe(each) for each in recipes.offered()],
    )  # fmt: skip
    return render(request, NEW, shown, block="begin" if is_fragment(request) else None, status=422 if errors else 200)


def _recipe(recipe: recipes.Recipe) -> dict[str, Any]:
    entity = registry.get(recipe.entity)
    return {
        "key": recipe.key, "name": str(recipe.name), "teaches": str(recipe.teaches), "icon": recipe.icon,
        "about": str(entity.label_plural), "url": f"/automations/plan?recipe={recipe.key}",
    }  # fmt: skip


@page
@require_http_methods(["GET", "POST"])
def planned(request: HttpRequest, key: str = "") -> HttpResponse:
    """The editor: of a stored automation, or of one that is to be."""
    known = asked.key(key) if key else ""
    scope.level(registry.get("automation"), current(), "change" if known else "add")
    if request.method == "POST":
        return _saved(request, known)
    if known:
        stored = log.known(known)
        return _editor(request, known, _draft_of(stored), stored.is_active)
    return _editor(request, "", _begun(request), False)


def _draft_of(stored: Automation) -> form.Draft:
    return {
        "name": stored.name, "entity": stored.entity, "trigger": stored.when, "filter": stored.tree,
        "steps": stored.then, "all_rights": stored.all_rights,
    }  # fmt: skip


def _begun(request: HttpRequest) -> form.Draft:
    """What a recipe, or an object, in the address begins with."""
    recipe = next((each for each in recipes.offered() if each.key == request.GET.get("recipe")), None)
    if recipe is None:
        return form.blank(request.GET.get("entity", ""))
    plain = orjson.loads(orjson.dumps({"trigger": dict(recipe.trigger), "steps": recipe.plan()}))
    return {**form.blank(recipe.entity), **plain, "name": str(recipe.name), "filter": recipe.filter}


def _saved(request: HttpRequest, key: str) -> HttpResponse:
    draft, active = form.draft_of(request.POST), bool(request.POST.get("is_active"))
    entity, made = registry.get("automation"), form.cleaned(draft)
    try:
        stored = write.change(entity, key, {**made, "is_active": active}) if key else None
        stored = stored or write.create(entity, {**made, "is_active": active})
    except Problem as problem:
        return _editor(request, key, draft, active, {**_wrong(made), **forms.errors_of(problem)})
    return forms.done(request, entity.url(stored.id))


def _wrong(made: form.Draft) -> dict[str, list[str]]:
    """All that is wrong with a plan, also where something else was refused first."""
    if made["entity"] not in registry:
        return {}
    checker = Checker(registry.get(made["entity"]), current(), place_for(current()))
    found = steps.problems(checker, made["trigger"], made["filter"], made["steps"])
    return {each["field"]: [each["message"]] for each in found}


def _editor(
    request: HttpRequest, key: str, draft: form.Draft, active: bool, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    values = context(
        request, draft["name"] or _("New automation"), key=key, active=active, secret=log.secret(key) if key else "",
        free=current().level("*", "change") == LEVELS["all"],
        action=f"/automations/{key}/plan" if key else "/automations/plan", **editor.shown(draft, errors or {}),
    )  # fmt: skip
    block = "plan" if is_fragment(request) else None
    return render(request, EDITOR, values, block=block, status=422 if errors else 200)


@page
@require_POST
def drafted(request: HttpRequest) -> HttpResponse:
    """The plan as it stands in the form, after a choice or a button (``deed``); nothing is kept."""
    scope.level(registry.get("automation"), current(), "change")
    draft = form.rearranged(form.draft_of(request.POST), request.POST.get("deed", ""))
    key = request.POST.get("key", "")
    return _editor(request, asked.key(key) if key else "", draft, bool(request.POST.get("is_active")))


@page
@require_POST
def tried(request: HttpRequest) -> HttpResponse:
    """A dry run of the plan as it stands in the form."""
    scope.level(registry.get("automation"), current(), "change")
    draft = form.draft_of(request.POST)
    made, record = form.cleaned(draft), request.POST.get("try-record", "")
    trial = Automation(
        name=draft["name"], entity=draft["entity"], all_rights=draft["all_rights"],
        trigger=orjson.dumps(made["trigger"]).decode(), filter=_packed(made["filter"]), steps=_packed(made["steps"]),  # type: ignore[misc]
    )  # fmt: skip
    key = request.POST.get("key", "")
    try:
        if not trial.then:
            raise Problem(_("Say first what it does."), errors=[])
        found = trying.try_out(trial, asked.key(record) if record else "")
    except Problem as problem:
        response = _editor(request, asked.key(key) if key else "", draft, bool(request.POST.get("is_active")),
                           forms.errors_of(problem))  # fmt: skip
        response["HX-Retarget"], response["HX-Reswap"] = "#plan", "innerHTML"
        return response
    entity = registry.get(draft["entity"])
    told = {"tried": [outcomes.tried(entity, each, trial.then) for each in found], "most": trying.MOST}
    values = {"results": told, "about": {"one": str(entity.label), "many": str(entity.label_plural)}}
    if is_fragment(request):
        return render(request, EDITOR, values, block="tried")
    shown = context(
        request, draft["name"] or _("New automation"), key=key, active=bool(request.POST.get("is_active")),
        action=f"/automations/{key}/plan" if key else "/automations/plan", free=False,
        **{**editor.shown(draft, {}), "results": told},
    )  # fmt: skip
    return render(request, EDITOR, shown)


def _packed(tree: Any) -> str | None:
    return orjson.dumps(tree).decode() if tree else None


@page
@require_POST
def switched(request: HttpRequest, key: str) -> HttpResponse:
    """On or off."""
    known, on = asked.key(key), bool(request.POST.get("is_active"))
    with write.operation() as done:
        record = write.change(registry.get("automation"), known, {"is_active": on})
    if not is_fragment(request):
        return HttpResponseRedirect(f"/automations/{known}")
    said = _("“%(name)s” is switched on") if on else _("“%(name)s” is switched off")
    return toast(HttpResponse(status=204), said % {"name": record.name}, undo=done.id, changed=True)


def told(record: dict[str, Any]) -> dict[str, Any]:
    """A stored plan in words, for its card."""
    if record["entity"] not in registry:
        return {}
    entity = registry.get(record["entity"])
    return {
        "when": words.when(record["trigger"], entity), "if": words.condition(record["filter"], entity),
        "then": [words.step(entity, each) for each in steps.steps_of(record["steps"])],
    }  # fmt: skip
