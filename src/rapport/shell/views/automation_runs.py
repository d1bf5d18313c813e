"""What automations did: the log of one, that of one record; a run tried again, given up, undone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.automation import fitting, log
from rapport.automation.models import STATES
from rapport.platform.actor import current
from rapport.records import registry, rows
from rapport.records.api import asked
from rapport.records.errors import NotFound
from rapport.shell.automations import outcomes
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

SHOWN = 40
TEMPLATE = "automations/runs.jinja"


@page
@require_GET
def listed(request: HttpRequest, key: str) -> HttpResponse:
    """The runs of an automation, the newest first; ``status`` narrows them."""
    known, status = log.known(asked.key(key)), request.GET.get("status", "")
    found = log.runs(known.id, limit=SHOWN, after=request.GET.get("after"), status=status)
    base = f"/automations/{known.id}"
    tabs = [{"label": _("All"), "url": f"{base}/runs", "current": not status}]
    tabs += [
        {"label": label, "url": f"{base}/runs?status={value}", "current": status == value} for value, label in STATES
    ]
    values = context(
        request, _("What “%(name)s” did") % {"name": known.name}, base=base, tabs=tabs, heading=known.name,
        crumbs=[(known.name, base), (_("What it did"), request.path)],
        **_page(request, found), by_record=False, back=base,
    )  # fmt: skip
    return render(request, TEMPLATE, values, block="rows" if is_fragment(request) else None)


@page
@require_GET
def of_record(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """The runs for one record, of all automations."""
    entity, known = registry.at(plural), asked.key(key)
    record = rows.load(entity, known, current(), binned=True)
    found = log.runs_for(entity, known, limit=SHOWN, after=request.GET.get("after"))
    back, title = entity.url(known), entity.title_of(record)
    values = context(
        request, _("Automations for “%(title)s”") % {"title": title}, base=back, tabs=[], heading=title, by_record=True,
        crumbs=[(title, back), (_("Automations"), request.path)],
        **_page(request, found), back=back,
    )  # fmt: skip
    return render(request, TEMPLATE, values, block="rows" if is_fragment(request) else None)


def _page(request: HttpRequest, found: log.Page) -> dict[str, Any]:
    named: dict[str, str] = {}
    for key in {each["entity"] for each in found.entries if each["entity"] in registry}:
        if current().may(key, "view"):
            keys = {each["record"] for each in found.entries if each["entity"] == key}
            named |= fitting.titles(registry.get(key), keys)
    return {
        "rows": [outcomes.run(each, named.get(each["record"], "")) for each in found.entries],
        "after": request.GET.get("after"), "next_url": with_query(request, after=found.next) if found.next else None,
    }  # fmt: skip


@page
@require_GET
def one(request: HttpRequest, key: str, run: str) -> HttpResponse:
    """What one run did, step by step."""
    known = log.known(asked.key(key))
    found = log.one(known.id, asked.key(run))
    names = fitting.titles(registry.get(found["entity"]), {found["record"]}) if found["entity"] in registry else {}
    base = f"/automations/{known.id}"
    values = context(
        request, _("A run of “%(name)s”") % {"name": known.name}, base=base, back=f"{base}/runs",
        crumbs=[(_("What it did"), f"{base}/runs"), (_("A run"), request.path)],
        run=outcomes.run(found, names.get(found["record"], "")),
        changes=[outcomes.change(each) for each in log.changes(found)],
    )  # fmt: skip
    return render(request, "automations/run.jinja", values, block="told" if is_fragment(request) else None)


@page
@require_POST
def deed(request: HttpRequest, key: str, run: str, deed: str) -> HttpResponse:
    """Try a run again, give it up, or undo it; back to where one was."""
    known, number = asked.key(key), asked.key(run)
    said = {"retry": _("It is tried again in a moment"), "cancel": _("Given up"), "undo": _("Undone")}
    if deed not in said:
        raise NotFound(_("There is no such deed."))
    words = said[deed]
    if deed == "undo":
        outcome = log.undo(known, number)
        if outcome.failed:
            words = outcome.failed[0][1]
        elif outcome.kept_changed:
            words = _("Undone, except what was changed again meanwhile.")
    else:
        {"retry": log.again, "cancel": log.cancel}[deed](known, number)
    if not is_fragment(request):
        return HttpResponseRedirect(f"/automations/{known}/runs")
    return toast(HttpResponse(status=204), words, changed=True)
