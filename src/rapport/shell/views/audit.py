"""For administrators: who changed, took out and opened what."""

import datetime as dt
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.platform.actor import LEVELS, current
from rapport.platform.clock import today
from rapport.platform.keys import parse_key
from rapport.platform.web.visitor import address
from rapport.records import registry, tallies
from rapport.records.api import asked
from rapport.records.audit import deeds, runs, stream, unusual
from rapport.records.errors import BadQuery, Forbidden, NotFound
from rapport.records.transfer.export import trace
from rapport.records.transfer.export.trace import Taking
from rapport.shell import histories
from rapport.shell.audit import asking, file, names, words
from rapport.shell.views.frame import context, is_fragment, page, render, with_query

WHERE, READING = "/audit", "/audit/reading"
SHOWN = 50


def _auditor() -> None:
    """Who looks after users reads the audit: to see every record is not enough."""
    if current().level("user", "change") < LEVELS["all"]:
        raise Forbidden(_("Only administrators read the audit."))


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What happened, newest first, as narrowed by the address."""
    _auditor()
    given, after = asking.given(request), request.GET.get("after")
    found = stream.page(asking.wanted(given), after, SHOWN)
    told = words.lines(found.lines)
    last = told[-1]["day"] if told else request.GET.get("day", "")
    more = asking.url(WHERE, given, after=found.next, day=last) if found.next else None
    values: dict[str, Any] = {
        "days": words.by_day(told, request.GET.get("day", "")), "next_url": more, "after": after,
        "reached": found.reached, "given": given,
    }  # fmt: skip
    if after and is_fragment(request):
        return render(request, "audit/stream.jinja", context(request, _("Audit"), **values), block="lines")
    first = not after and not given
    return _shown(
        request, "stream", **values, form=asking.form(given), file_url=asking.url(f"{WHERE}/file", given),
        unusual=unusual.found() if first else [],
    )  # fmt: skip


def _shown(request: HttpRequest, tab: str, **more: Any) -> HttpResponse:
    tabs = [
        {"label": label, "url": url, "current": key == tab}
        for key, label, url in (("stream", _("What happened"), WHERE), ("reading", _("Programs"), READING))
    ]
    return render(request, f"audit/{tab}.jinja", context(request, _("Audit"), tabs=tabs, **more))


@page
@require_GET
def deed(request: HttpRequest, key: str) -> HttpResponse:
    """One deed: every record that it changed."""
    _auditor()
    known = asked.key(key)
    found = deeds.one(known)
    if found is None:
        raise NotFound(_("There is no such deed."))
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadQuery(_("There is no such place in this list."))
    steps, following = deeds.steps(known, int(after), SHOWN)
    line = stream.Line("deed", known, found.at, found)
    told = iter(histories.together([(registry.get(each.entity), each.change) for each in steps if each.change]))
    shown = [(each, next(told) if each.change else None) for each in steps]
    more = f"{WHERE}/deeds/{known}?after={following}" if following else None
    values = context(
        request, _("Audit"), line=words.lines([line])[0], steps=[_step(*each) for each in shown], next_url=more,
        after=int(after), at=found.at, work=runs.of([known]).get(known),
    )  # fmt: skip
    return render(request, "audit/deed.jinja", values, block="steps" if is_fragment(request) and int(after) else None)


def _step(step: deeds.Step, entry: dict[str, Any] | None) -> dict[str, Any]:
    """One record of a deed; what is new with what it began with."""
    entity = registry.get(step.entity) if step.entity in registry else None
    lines = entry["lines"] if entry else []
    if entity and step.change and step.verb == "created":
        lines = histories.begun(entity, step.change)
    label = str(entity.label) if entity else step.entity
    return {"title": names.title(step), "url": step.url, "label": label, "entry": entry, "lines": lines}


@page
@require_GET
def reading(request: HttpRequest) -> HttpResponse:
    """What programs read: per day, person, token and kind of record."""
    _auditor()
    after, person = _line_of(request.GET.get("after", "")), parse_key(request.GET.get("person", "")) or ""
    found = tallies.kept(SHOWN + 1, after, person)
    for each in found:
        each["what"], each["door"] = names.plural(each["entity"]), str(histories.SOURCES.get(each["source"], ""))
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    more = with_query(request, after=f"{last['day']}.{last['id']}") if last else None
    values = {"rows": found[:SHOWN], "next_url": more, "after": after}
    if after and is_fragment(request):
        return render(request, "audit/reading.jinja", context(request, _("Audit"), **values), block="rows")
    return _shown(request, "reading", **values)


def _line_of(text: str) -> tuple[dt.date, int] | None:
    day, _dot, number = text.partition(".")
    if not text:
        return None
    try:
        return dt.date.fromisoformat(day), int(number[:18])
    except ValueError as error:
        raise BadQuery(_("There is no such place in this list.")) from error


@page  # type: ignore[arg-type]
@require_GET
def taken(request: HttpRequest) -> HttpResponseBase:
    """The audit as a file. That it was taken out is part of it."""
    _auditor()
    given = asking.given(request)
    wanted = asking.wanted(given)
    said = [f"{each['label']}: {_said(each)}" for each in asking.form(given) if each["value"]]
    run = trace.begin(names.AUDIT, (), None, Taking("csv", address(request), said=tuple(said)))
    found = trace.followed(run, file.lines(wanted, current()))
    first = next(found, b"")  # within the request: from now on the trace knows its end
    response = StreamingHttpResponse(chain([file.head(), first], found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{today(current().time_zone)}.csv"'
    response._resource_closers.append(found.close)  # type: ignore[attr-defined]
    return response


def _said(control: dict[str, Any]) -> str:
    value = control["value"]
    return str(value["title"] if isinstance(value, dict) else dict(control.get("options", ())).get(value, value))
