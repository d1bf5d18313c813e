"""Pages for what went wrong, in words that say what to do; problem details where a program asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rapport.records.api.answers import problem


def error_page(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    """A whole page for an error; works without a user."""
    theme = request.COOKIES.get("theme", "system")
    context = {"status": status, "heading": heading, "text": text, "title": heading, "theme": theme}
    return render(request, "shell/error.jinja", context, status=status)


def _answer(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return problem(status, text)
    return error_page(request, status, heading, text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere."""
    if request.path_info.startswith("/api/"):
        return problem(403, "Send the CSRF token with the session cookie, or use a token.", code="csrf")
    text = _("This form has expired or came from another site. Nothing was saved. Go back, reload and send it again.")
    return error_page(request, 403, _("Please send it again"), text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request itself cannot be understood."""
    return _answer(request, 400, _("That cannot be understood"), _("The browser sent something Rapport cannot read."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such address."""
    text = _("There is no page at this address. It may have moved, or the link is cut off.")
    return _answer(request, 404, _("Nothing here"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; the log of the server says what."""
    text = _("Something went wrong on our side. Nothing was half saved. Try again, or tell your administrator.")
    return _answer(request, 500, _("That should not have happened"), text)
