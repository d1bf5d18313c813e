"""What a webhook was told, and telling it again."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.records import read, registry
from rapport.records.api import asked
from rapport.records.errors import NotFound
from rapport.records.models.webhooks import STATES
from rapport.records.webhooks import log
from rapport.shell.views.frame import context, is_fragment, page, render, toast, with_query

SHOWN = 50
TONES = {
    "waiting": ("info", "hourglass"),
    "sent": ("good", "circle-check"),
    "failed": ("bad", "circle-x"),
    "skipped": ("", "circle"),
}


@page
@require_GET
def deliveries(request: HttpRequest, key: str) -> HttpResponse:
    """Its log, the newest first; ``status`` narrows it."""
    return _page(request, asked.key(key))


@page
@require_POST
def replay(request: HttpRequest, key: str, delivery: str) -> HttpResponse:
    """Send one once more."""
    known = asked.key(key)
    log.replay(known, asked.key(delivery))
    if not is_fragment(request):
        return HttpResponseRedirect(f"/webhooks/{known}/deliveries")
    return toast(_page(request, known), _("It will be sent again in a moment"))


def _page(request: HttpRequest, key: str) -> HttpResponse:
    status, after = request.GET.get("status", ""), request.GET.get("after")
    found = log.deliveries(key, limit=SHOWN, after=after, status=status)
    base = f"/webhooks/{key}"
    webhook = orjson.loads(read.one(registry.get("webhook"), key, binned=True))
    tabs = [{"label": _("All"), "url": f"{base}/deliveries", "current": not status}]
    tabs += [
        {"label": label, "url": f"{base}/deliveries?status={value}", "current": status == value}
        for value, label in STATES
    ]
    values = context(
        request, _("What “%(name)s” was told") % {"name": webhook["name"]}, rows=[_row(each) for each in found.entries],
        webhook=webhook, base=base, tabs=tabs, after=after, secret=log.secret(key),
        next_url=with_query(request, after=found.next) if found.next else None,
    )  # fmt: skip
    return render(request, "shell/webhook_log.jinja", values, block="rows" if is_fragment(request) else None)


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    label = str(dict(STATES)[entry["status"]])
    tone, icon = TONES[entry["status"]]
    return {**entry, "state": {"label": label, "tone": tone, "icon": icon}, "url": _address(entry)}


def _address(entry: dict[str, Any]) -> str | None:
    try:
        return registry.get(entry["entity"]).url(entry["record"]) if entry["record"] else None
    except (KeyError, NotFound):
        return None
