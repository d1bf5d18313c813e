"""Tasks: written in the composer or in one line, put off, and their card."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.interactions.models import Task
from rapport.interactions.phrases import understand
from rapport.records import read, registry, write
from rapport.records.api import asked
from rapport.records.errors import Invalid
from rapport.shell.views.commanding import carry_out
from rapport.shell.views.due_dates import PICKS, here, picked, reminder, utc
from rapport.shell.views.frame import context, is_fragment, page, render

ASKED = ("title", "due", "due_at", "assignee", "remind", "priority")


def from_composer(request: HttpRequest, party: str | None, about: dict[str, str] | None) -> tuple[str, str]:
    """The task that the composer describes; (operation, words for the toast). Raises Problem."""
    given = {name: request.POST.get(name, "").strip() for name in ASKED}
    if not given["title"]:
        raise Invalid.at("title", _("Say what is to be done."), "required")
    values: dict[str, Any] = {"title": given["title"], "description": request.POST.get("body", "").strip()}
    values["due_at"] = picked(given["due"], given["due_at"])
    values |= {"assignee": given["assignee"], "priority": given["priority"], "party": party, "about": about}
    values["remind_at"] = reminder(given["remind"], values["due_at"])
    return _create(values)


def from_line(request: HttpRequest) -> tuple[str, str]:
    """The task typed in one line; what was put right in the chips counts. (Operation, words for the toast.)"""
    text = request.POST.get("text", "").strip()
    if not text:
        raise Invalid.at("text", _("Say what is to be done."), "required")
    found = understand(text, here())
    due = utc(found.due) if found.due else None
    if "due_at" in request.POST:  # the chip was shown: it counts, emptied too
        due = picked("", request.POST["due_at"])
    values = {"title": found.title, "due_at": due, "assignee": request.POST.get("assignee", "")}
    values["priority"] = request.POST.get("priority") or found.priority
    return _create(values)


def _create(values: dict[str, Any]) -> tuple[str, str]:
    with write.operation() as done:
        task = write.create(registry.get("task"), {name: value for name, value in values.items() if value})
        return done.id, _("“%(title)s” planned") % {"title": task.title}


@page
@require_http_methods(["GET", "POST"])
def put_off(request: HttpRequest, key: str) -> HttpResponse:
    """The dates a task can be put off to; POST does it."""
    known = asked.key(key)
    if request.method == "POST":
        due = picked(request.POST.get("due", ""), request.POST.get("due_at", ""))
        if due is None:
            raise Invalid.at("due_at", _("Give a date and a time."))
        return carry_out(request, registry.get("task"), known, Task.snooze, {"due_at": due})
    task = orjson.loads(read.one(registry.get("task"), known, fields=("title", "due_at")))
    values = context(request, _("Put off"), task=task, picks=[(value, str(label)) for value, label in PICKS])
    return render(request, "shell/put_off.jinja", values, block="form" if is_fragment(request) else None)
