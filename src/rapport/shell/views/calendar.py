"""A calendar of any entity that has one: a month, a week or a day of its list, and moving from day to day."""

import datetime as dt
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rapport.platform.actor import current
from rapport.platform.clock import today
from rapport.records import Entity, calendars, read, registry, scope, write
from rapport.records.api import asked
from rapport.records.errors import BadQuery, Problem, Refused, Stale
from rapport.records.kinds import MomentKind
from rapport.records.layout import fits, value_of
from rapport.shell.lists import chips
from rapport.shell.lists.state import State
from rapport.shell.views import board
from rapport.shell.views.frame import context, is_fragment, page, render, toast

TEMPLATE = "shell/calendar.jinja"
SPANS = {"month": gettext_lazy("Month"), "week": gettext_lazy("Week"), "day": gettext_lazy("Day")}
SHOWN = {"month": 3, "week": 40, "day": 200}
EARLIEST, LATEST = dt.date(1000, 2, 1), dt.date(9998, 11, 1)
WHOLE_DAY = dt.time(23, 59)  # what is due on a day, at no time of it


def shown(request: HttpRequest, state: State) -> HttpResponse:
    """The calendar of an entity."""
    span, day = span_of(state), day_of(state)
    problem, found = "", list[calendars.Day]()
    try:
        query = state.query(calendars.fields_of(state.entity))
        found = calendars.days(query, _dates(span, day), SHOWN[span])
    except BadQuery as refused:
        problem = refused.detail
    values = context(
        request, str(state.entity.label_plural), topics=(state.entity.key,), **board.bar(request, state, None),
        state=state, q=state.q, groups=chips.chips(state), days=_days(state, found, span, day), problem=problem,
        span=span, spans=[_span(state, name, span) for name in SPANS], period=_period(span, day),
        weekdays=[dateformat.format(each, "D") for each in calendars.week(day)], **_ways(state, span, day),
        field=calendars.field_of(state.entity).heading,
    )  # fmt: skip
    return render(request, TEMPLATE, values, block="calendar" if is_fragment(request) else None)


def span_of(state: State) -> str:
    """Month, week or day, as the address says."""
    span = dict(state.beside).get("span", "")
    return span if span in SPANS else "month"


def day_of(state: State) -> dt.date:
    """A day of the time that the address asks for; today's when it says none."""
    try:
        day = dt.date.fromisoformat(dict(state.beside).get("on", ""))
    except ValueError:
        day = today(current().time_zone)
    return min(max(day, EARLIEST), LATEST)


def _dates(span: str, day: dt.date) -> list[dt.date]:
    return [day] if span == "day" else calendars.week(day) if span == "week" else calendars.month(day)


def _at(state: State, span: str, day: dt.date | None) -> str:
    """The address of another time of the same list; the usual goes without saying."""
    on = day.isoformat() if day and day != today(current().time_zone) else ""
    return state.but(beside=(("span", span if span != "month" else ""), ("on", on))).url()


def _span(state: State, name: str, chosen: str) -> dict[str, Any]:
    return {"label": str(SPANS[name]), "url": _at(state, name, day_of(state)), "current": name == chosen}


def _ways(state: State, span: str, day: dt.date) -> dict[str, Any]:
    """The addresses of the time before, of the time after, and of now."""
    if span == "month":
        first = day.replace(day=1)
        before, after = (first - dt.timedelta(days=1)).replace(day=1), (first + dt.timedelta(days=31)).replace(day=1)
    else:
        step = dt.timedelta(days=7 if span == "week" else 1)
        before, after = day - step, day + step
    return {
        "before_url": _at(state, span, before), "after_url": _at(state, span, after),
        "now_url": _at(state, span, None),
    }  # fmt: skip


def _period(span: str, day: dt.date) -> str:
    """What the time shown is called."""
    if span == "month":
        return dateformat.format(day, "F Y")
    if span == "day":
        return dateformat.format(day, "l, j F Y")
    first, last = calendars.week(day)[0], calendars.week(day)[-1]
    start = dateformat.format(first, "j" if first.month == last.month else "j M")
    return f"{start} – {dateformat.format(last, 'j M Y')}"


def _days(state: State, found: list[calendars.Day], span: str, day: dt.date) -> list[dict[str, Any]]:
    """Days as the template takes them."""
    entity, now = state.entity, today(current().time_zone)
    rows = [row for each in found for row in each.rows]
    owned = [(row["id"], *((row.get(name) or {}).get("id") for name in ("owner", "team"))) for row in rows]
    movable = scope.changeable(entity, current(), owned) if _moves(entity) else set()
    adds = current().may(entity.key, "add") and not calendars.field_of(entity).read_only
    return [
        {
            "id": each.date.isoformat(), "number": each.date.day, "name": dateformat.format(each.date, "j F"),
            "label": dateformat.format(each.date, "l, j F"), "short": dateformat.format(each.date, "D j M"),
            "today": each.date == now, "weekend": each.date.weekday() > 4, "count": each.count, "more": each.more,
            "other": span == "month" and each.date.month != day.month, "left": each.count - len(each.rows),
            "url": _at(state, "day", each.date), "entries": [_entry(entity, row, movable) for row in each.rows],
            "new_url": f"/{entity.plural}/new?{_given(entity, each.date)}" if adds else None,
        }
        for each in found
    ]  # fmt: skip


def _given(entity: Entity, day: dt.date) -> str:
    known = calendars.field_of(entity)
    return f"{known.name}={calendars.on_day(None, known, day).replace('+00:00', 'Z')}"


def _moves(entity: Entity) -> bool:
    return not calendars.field_of(entity).read_only


def _entry(entity: Entity, row: dict[str, Any], movable: set[str]) -> dict[str, Any]:
    known, beside = calendars.field_of(entity), value_of(row, calendars.beside(entity))
    time = calendars.local(str(value_of(row, known.name))).time() if isinstance(known.kind, MomentKind) else None
    return {
        "id": row["id"], "version": row["version"], "title": row[entity.title], "url": entity.url(row["id"]),
        "time": time.strftime("%H:%M") if time and time.replace(second=0, microsecond=0) != WHOLE_DAY else "",
        "beside": beside["title"] if beside else "", "fixed": row["id"] not in movable,
        "faint": bool(entity.calendar and not fits(entity.calendar.live, row)),
    }  # fmt: skip


@page
@require_POST
def move(request: HttpRequest, plural: str, key: str) -> HttpResponse:
    """Put a record on another day; the screen reads itself anew."""
    entity, known_key = registry.at(plural), asked.key(key)
    known = calendars.field_of(entity)
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
    except ValueError as error:
        raise Refused(_("Give a date.")) from error
    row = orjson.loads(read.one(entity, known_key, fields=(known.name, "version")))
    version = request.POST.get("version", "")
    try:
        with write.operation() as done:
            values = {known.name: calendars.on_day(value_of(row, known.name), known, day)}
            record = write.change(
                entity, known_key, values, version=int(version) if version.isdecimal() else row["version"]
            )
    except Stale:
        return board.refused(request, Refused(_("Somebody else has changed this meanwhile. Look at it again.")))
    except Problem as problem:
        return board.refused(request, problem)
    if not is_fragment(request):
        return HttpResponseRedirect(f"/{entity.plural}?view=calendar&on={day.isoformat()}")
    words = _("“%(title)s” moved to %(day)s") % {
        "title": entity.title_of(record), "day": dateformat.format(day, "l, j F"),
    }  # fmt: skip
    return toast(HttpResponse("", headers={board.VERSION: record.version}), words, undo=done.id, changed=True)
