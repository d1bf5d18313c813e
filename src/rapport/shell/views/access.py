"""People, roles and rights, for administrators: what these screens share."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS, current
from rapport.platform.identity import sessions
from rapport.records.errors import Forbidden
from rapport.shell.views.account import local
from rapport.shell.views.frame import View, context, is_fragment, page, render

WHERE = "/access"
TABS = (
    ("people", f"{WHERE}/people"), ("roles", f"{WHERE}/roles"), ("queues", f"{WHERE}/queues"),
    ("territories", f"{WHERE}/territories"), ("compare", f"{WHERE}/compare"),
)  # fmt: skip


def administers(view: View) -> View:
    """A screen for those who change users and roles; a deed wants that they have lately shown that it is they."""

    @page
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any(current().level(key, "change") < LEVELS["all"] for key in ("user", "role")):
            raise Forbidden(_("Only administrators look after people and roles."))
        if request.method != "GET" and not sessions.is_fresh(request.entry.session):  # type: ignore[attr-defined]
            return confirm(request)
        return view(request, *args, **kwargs)

    return guarded


def confirm(request: HttpRequest) -> HttpResponse:
    """First the password again, then back to the page that the deed was on."""
    onward = local(urlsplit(request.headers.get("Referer", "")).path or WHERE)
    return to(request, "/account/confirm?" + urlencode({"next": onward}))


def to(request: HttpRequest, where: str, done: str = "") -> HttpResponse:
    """On to a page; ``done``: what it says was done."""
    where = f"{where}?{urlencode({'done': done})}" if done else where
    if not is_fragment(request):
        return HttpResponseRedirect(where)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = where
    return response


def shown(
    request: HttpRequest, template: str, title: str, tab: str, *, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    """A page of this area."""
    labels = {
        "people": _("People"), "roles": _("Roles"), "queues": _("Queues"), "territories": _("Territories"),
        "compare": _("Compare"),
    }  # fmt: skip
    tabs = [{"label": labels[key], "url": url, "current": key == tab} for key, url in TABS]
    values = context(request, title, tabs=tabs, done=request.GET.get("done"), **more)
    return render(request, template, values, status=status)
