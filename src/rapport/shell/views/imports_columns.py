"""The mapping screen: which column fills which field, with a preview that follows each choice."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.platform.actor import current
from rapport.records import registry
from rapport.records.api import asked
from rapport.records.entity import Field
from rapport.records.errors import Problem
from rapport.records.models import ImportRun
from rapport.records.transfer.run import ON_MATCH
from rapport.records.transfer.runs import desk, jobs, mappings, new_fields, preview, proposal
from rapport.records.transfer.runs.sample import Sample, sample_of
from rapport.shell.views import imports_choices as choices
from rapport.shell.views.frame import context, is_fragment, page, render


@page
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, key: str) -> HttpResponse:
    """Choose; every change is kept, so that one may leave and come back."""
    run = desk.one(asked.key(key))
    if run.status not in ("uploaded", "checked") or run.entity not in registry:
        return HttpResponseRedirect(f"/imports/{run.id}")
    problem = _take(run, request.POST) if request.method == "POST" else run.problem
    if "rest" in request.POST and not problem:
        proposal.take_rest(run)
        desk.store(run, mapping=run.mapping)
        return HttpResponseRedirect(f"/imports/{run.id}/columns")
    kept = _mapped(run, request.POST)
    values = _screen(request, run, problem) | {"kept": kept}
    if "check" in request.POST and not values["problem"]:
        try:
            new_fields.make(run)
            desk.check(run)
            return HttpResponseRedirect(f"/imports/{run.id}")
        except Problem as refused:
            values = _screen(request, run, refused.detail) | {"kept": kept}
    return render(request, "shell/import_columns.jinja", values, block="mapping" if is_fragment(request) else None)


def _mapped(run: ImportRun, post: QueryDict) -> dict[str, Any]:
    """The mappings that are kept; one is kept, taken or deleted where the form says so, and what came of it told."""
    said, problem, entity = "", "", registry.get(run.entity)
    try:
        if "keep" in post:
            said = _("Kept as “%(name)s”.") % {"name": mappings.keep(run, post.get("mapping_name", "")).name}
        elif "use" in post:
            said = _("Mapped as “%(name)s”.") % {"name": mappings.use(run, post.get("mapping", "")).name}
            desk.store(run, mapping=run.mapping, options=run.options, status="uploaded", problem="")
        elif "drop" in post:
            mappings.drop(post.get("mapping", ""))
            said = _("The mapping is deleted.")
    except Problem as refused:
        problem = refused.detail
    known = [(each.id, each.name) for each in mappings.kept(entity)]
    chosen, name = post.get("mapping", ""), "" if "keep" in post and not problem else post.get("mapping_name", "")
    return {"known": known, "chosen": chosen, "name": name, "said": said, "problem": problem}


def _take(run: ImportRun, post: QueryDict) -> str:
    """Keep what the form says; returns what is wrong with the file read so."""
    chosen = {name: str(post[name]) for name in ("sheet", "encoding") if post.get(name)}
    if any(run.options.get(name, "") != value for name, value in chosen.items() if name != "sheet") or (
        "sheet" in chosen and chosen["sheet"] != (run.options.get("sheet") or run.sample["sheets"][0])
    ):
        return _read_anew(run, chosen)
    entity = registry.get(run.entity)
    run.mapping = choices.mapping_of(run, entity, post)
    if "dates" not in post:
        decimal = run.mapping["decimal"]
        proposal.spell(run)
        run.mapping["decimal"] = post.get("decimal", run.mapping["decimal"] or decimal)
    on_match = post.get("on_match", "update")
    run.options = {**run.options, "match": choices.match_of(run, post), "on_match": on_match}
    if on_match not in ON_MATCH:
        run.options["on_match"] = "update"
    desk.store(run, mapping=run.mapping, options=run.options, status="uploaded", problem="")
    return ""


def _read_anew(run: ImportRun, chosen: dict[str, str]) -> str:
    """Another sheet or encoding is another table."""
    before = run.options
    run.options = {**before, **chosen}
    try:
        desk.look_into(run)
    except Problem as problem:
        run.options = before
        return problem.detail
    proposal.propose(run)
    desk.store(
        run, options=run.options, sample=run.sample, headings=run.headings, mapping=run.mapping, status="uploaded"
    )
    return ""


def _screen(request: HttpRequest, run: ImportRun, problem: str) -> dict[str, Any]:
    entity, sample = registry.get(run.entity), sample_of(run)
    shown: list[Field] = []
    found: list[preview.Row] = []
    if not problem:
        try:
            binding = jobs.bound(run, sample)
            shown, found = preview.rows(run, binding, sample)
        except Problem as refused:
            problem = choices.in_words(run, entity, refused)
    states = [row.state for row in found]
    filled = [proposal.field_of(run, column) for column in sample.header]
    return context(
        request, run.file, run=run, entity_label=str(entity.label_plural), step=2, sample=sample, earlier=_earlier(run),
        columns=list(choices.columns(run, entity, sample)), fields=choices.fields(entity),
        part_targets=choices.part_targets(entity, filled), sheets=sample.sheets,
        blanks=", ".join(run.mapping.get("blanks") or ()), rest=len(proposal.rest(run)),
        defaults=choices.defaults(run, entity), matches=choices.matches(run, entity),
        spelling=choices.spelling(run, entity),
        problem=problem, shown=shown, rows=found, here=f"/imports/{run.id}/columns",
        states={state: states.count(state) for state in ("new", "update", "same", "error")},
        may_change=current().may(entity.key, "change"), unused=_unused(run, sample),
    )  # fmt: skip


def _earlier(run: ImportRun) -> dict[str, Any] | None:
    """What this mapping was taken over from: an import, or a mapping that is kept."""
    found = proposal.known_before(run)
    if not found or not found.mapping["columns"].items() >= run.mapping["columns"].items():
        return None
    return {
        "file": found.file if isinstance(found, ImportRun) else "",
        "name": getattr(found, "name", ""),
        "at": found.at,
    }


def _unused(run: ImportRun, sample: Sample) -> int:
    return sum(not proposal.field_of(run, column) for column in sample.header)
