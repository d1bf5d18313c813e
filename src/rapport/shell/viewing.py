"""While somebody looks through another's eyes nothing is written, and what is that person's own stays shut."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from rapport.records.api.answers import problem
from rapport.shell.views.errors import error_page
from rapport.shell.views.frame import is_fragment, toast

SHUT = ("/account", "/security", "/access", "/join", "/sign-in")
OPEN = ("/view-as/stop", "/sign-out", "/theme")


class Viewing:
    """Middleware: refuses whatever is not looking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        entry = request.entry  # type: ignore[attr-defined]
        if entry is None or not entry.actor.viewer or request.path_info in OPEN:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            return _refused(
                request,
                _("You look at Rapport as %(name)s sees it: nothing can be changed. Stop first.")
                % {"name": entry.actor.name},
            )
        if f"/{request.path_info.split('/')[1]}" in SHUT:
            words = _("This belongs to %(name)s alone, or to administrators. Stop looking through these eyes first.")
            return _refused(request, words % {"name": entry.actor.name})
        return self.get_response(request)


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return problem(403, words, code="viewing")
    if is_fragment(request):
        return toast(HttpResponse(status=403), words, bad=True)
    return error_page(request, 403, _("Only looking"), words)
