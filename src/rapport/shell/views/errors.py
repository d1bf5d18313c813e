"""Pages for what went wrong, in words that say what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rapport.records.api.answers import problem


def error_page(request: HttpRequest, status: int, heading: str, text: str, do: str = "") -> HttpResponse:
    """A whole page (or a fragment) for an error."""
    context = {"status": status, "heading": heading, "text": text, "do": do, "title": heading}
    return render(request, "shell/error.jinja", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere."""
    if request.path_info.startswith("/api/"):
        return problem(403, "Send the CSRF token with the session cookie, or use a token.", code="csrf")
    text = _("This form has expired or came from another site. Nothing was saved.")
    return error_page(request, 403, _("Please send it again"), text, _("Go back, reload the page and send it again."))
