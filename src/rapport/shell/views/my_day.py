"""My day: what is late, due today and soon, what stands still, and what one should have heard of."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rapport.automation import queries as approvals
from rapport.interactions import queries as tasks
from rapport.interactions.models.task import PRIORITIES
from rapport.interactions.phrases import understand
from rapport.platform.actor import current
from rapport.platform.clock import now, today
from rapport.records import notifications, read, registry
from rapport.records.errors import Problem
from rapport.records.read import Query
from rapport.sales import attention
from rapport.shell import queues
from rapport.shell.views.due_dates import here, utc
from rapport.shell.views.forms import errors_of
from rapport.shell.views.frame import context, is_fragment, page, render, toast
from rapport.shell.views.tasks import from_line

LATE, NOW, SOON, SOME, FEW = 6, 12, 6, 5, 4
LATE_COUNTED = 100
LAPSED_DAYS = 90


@page
@require_http_methods(["GET", "POST"])
def shown(request: HttpRequest) -> HttpResponse:
    """The day; POST adds the task of the line on top."""
    if request.method == "POST":
        return _added(request)
    values = context(request, _("My day"), topics=queues.topics(), **_day())
    return render(request, "shell/my_day.jinja", values, block="day" if is_fragment(request) else None)


def _added(request: HttpRequest) -> HttpResponse:
    try:
        operation, words = from_line(request)
    except Problem as problem:
        more = {"text": request.POST.get("text", ""), "problem": errors_of(problem)}
        if is_fragment(request):
            return render(
                request, "shell/my_day.jinja", context(request, _("My day"), **more), block="line", status=422
            )
        return render(request, "shell/my_day.jinja", context(request, _("My day"), **_day(), **more), status=422)
    if not is_fragment(request):
        return HttpResponseRedirect("/my-day")
    line = render(request, "shell/my_day.jinja", context(request, _("My day")), block="line")
    return toast(line, words, undo=operation, changed=True)


@page
@require_GET
def understood(request: HttpRequest) -> HttpResponse:
    """What is understood of the line so far, as chips that can be put right."""
    text = request.GET.get("text", "").strip()
    found = understand(text, here()) if text else None
    values: dict[str, Any] = {"phrase": found, "priorities": [(value, str(label)) for value, label in PRIORITIES]}
    if found and found.due:
        values |= {"due": found.due.isoformat(timespec="minutes"), "due_wire": utc(found.due).isoformat()}
    return render(request, "shell/my_day.jinja", context(request, _("My day"), **values), block="understood")


def _day() -> dict[str, Any]:
    """Every section, each no longer than one takes in at a glance."""
    actor = current()
    day = today(actor.time_zone)
    found: dict[str, Any] = {"day": day, "tasks": {}, "deals": {}}
    if actor.may("task", "view"):
        found["tasks"] = _tasks(day)
    if actor.may("deal", "view"):
        found["deals"] = {"stuck": attention.stuck(SOME + 1), "unplanned": attention.closing_unplanned(SOME + 1)}
    found["decisions"] = approvals.mine(NOW + 1) if actor.may("approval", "change") else []
    found["lapsed"] = _lapsed() if actor.may("party", "view") else []
    found["heard"] = _heard()
    found["queues"] = queues.mine()
    found["limits"] = {"late": LATE, "now": NOW, "soon": SOON, "some": SOME, "few": FEW}
    waits = (queue["waits"] for queue in found["queues"])
    shown = [*found["tasks"].values(), *found["deals"].values(), found["lapsed"], found["heard"], *waits]
    shown.append(found["decisions"])
    found["empty"] = not any(shown)
    return found


def _tasks(day: dt.date) -> dict[str, Any]:
    one = dt.timedelta(days=1)
    late = tasks.mine(None, day - one, LATE + 1)
    return {
        "late": late,
        "late_count": tasks.count_overdue(LATE_COUNTED) if len(late) > LATE else len(late),
        "today": tasks.mine(day, day, NOW + 1),
        "soon": tasks.mine(day + one, day + tasks.WEEK * one, SOON + 1),
        "undated": tasks.undated(FEW + 1),
        "waiting": tasks.waiting(FEW + 1),
    }


def _lapsed() -> list[dict[str, Any]]:
    """Organisations of mine with whom nobody has spoken for long, the longest first."""
    party = registry.get("party")
    if "last_contact_at" not in party.fields:
        return []
    tree = {
        "and": [
            {"field": "kind", "op": "eq", "value": "organisation"},
            {"field": "owner", "op": "eq", "value": "me"},
            {"field": "last_contact_at", "op": "lt", "value": (now() - dt.timedelta(days=LAPSED_DAYS)).isoformat()},
        ]
    }
    fields = ("name", "last_contact_at")
    return read.page(Query(party, tree, ("last_contact_at",), fields, limit=SOME + 1)).items()


def _heard() -> list[dict[str, Any]]:
    """The newest that is not read yet."""
    return notifications.read(limit=SOME + 1, only_unread=True).entries
