"""Every answer names the operations it carried out, so that a page knows its own deeds when they come back to it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from rapport.records.operation import performed

HEADER = "Rapport-Operation"


class OwnOperations:
    """Middleware: the header ``Rapport-Operation`` on answers to writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return self.get_response(request)
        with performed() as done:
            response = self.get_response(request)
        if done:
            response.headers[HEADER] = ",".join(done[-20:])
        return response
