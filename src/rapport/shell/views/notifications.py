"""What one should hear of: the list, and calling it read."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.records import notifications
from rapport.records.errors import BadQuery
from rapport.shell.views.frame import context, is_fragment, page, render, with_query

SHOWN = 40


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Notifications by day, the newest first."""
    return _page(request)


@page
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Call some (``id``) or all (``all``) read."""
    keys = [_number(each) for each in request.POST.getlist("id")]
    notifications.mark_read(None if request.POST.get("all") else keys)
    return _page(request) if is_fragment(request) else HttpResponseRedirect("/notifications")


def _page(request: HttpRequest) -> HttpResponse:
    after = request.GET.get("after")
    only = request.GET.get("show") == "unread"
    found = notifications.read(limit=SHOWN, before=_number(after) if after else None, only_unread=only)
    days = [(_day(day), list(entries)) for day, entries in groupby(found.entries, key=_local_day)]
    values = context(
        request, _("Notifications"), days=days, after=after, only_unread=only, unread=notifications.unread(),
        next_url=with_query(request, after=str(found.next)) if found.next else None,
    )  # fmt: skip
    block = ("entries" if after else "list") if is_fragment(request) else None
    return render(request, "shell/notifications.jinja", values, block=block)


def _local_day(entry: dict[str, Any]) -> dt.date:
    return timezone.localtime(dt.datetime.fromisoformat(entry["at"])).date()


def _day(day: dt.date) -> dict[str, Any]:
    near = {0: _("Today"), 1: _("Yesterday")}
    return {"word": near.get((timezone.localdate() - day).days), "day": day}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadQuery(_("There is no such notification."))
    return int(text)
