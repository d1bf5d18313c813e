"""View as: begin to look through a user's eyes, and stop."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.platform.actor import current
from rapport.platform.identity import access, accounts, viewing
from rapport.platform.keys import parse_key
from rapport.platform.web.visitor import visitor
from rapport.records import granting
from rapport.records.errors import Forbidden, NotFound
from rapport.shell.views.access import WHERE, administers
from rapport.shell.views.frame import page


@administers
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Look at Rapport as this user sees it."""
    entry = request.entry  # type: ignore[attr-defined]
    user = accounts.by_id(key) if parse_key(key) == key else None
    if user is None:
        raise NotFound(_("There is no such user."))
    if user.id == entry.user:
        raise Forbidden(_("You see Rapport as yourself already."))
    if not granting.sees_all_of(current(), access.actor_of(user)):
        raise Forbidden(_("This person may do something that you may not do everywhere."))
    viewing.begin(entry.session, entry.user, user.id, visitor(request))
    return HttpResponseRedirect("/")


@page
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    entry = request.entry  # type: ignore[attr-defined]
    seen = entry.actor.id
    viewing.end(entry.session, visitor(request))
    return HttpResponseRedirect(f"{WHERE}/people/{seen}" if entry.actor.viewer else "/")
