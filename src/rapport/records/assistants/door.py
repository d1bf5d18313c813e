"""The Model Context Protocol over HTTP: one message per POST, answered at once; no session, no stream.

Only tokens come in: a page of another site cannot send one along, as it would send a cookie.
"""

from dataclasses import replace

import orjson
from django.http import HttpRequest, HttpResponse

from rapport.platform import lazy
from rapport.platform.actor import acting_as, current
from rapport.records.api.answers import guarded, problem

protocol = lazy("rapport.records.assistants.protocol")
SOURCE = "assistant"


@guarded("POST")
def door(request: HttpRequest) -> HttpResponse:
    """Answer one message."""
    origin = request.headers.get("Origin")
    if origin and origin.partition("//")[2] != request.get_host():
        return problem(403, "Assistants of other sites do not speak from a browser.", code="origin")
    with acting_as(replace(current(), source=SOURCE)):
        try:
            reply = protocol.answer(orjson.loads(request.body), request.headers)
        except orjson.JSONDecodeError:
            reply = protocol.unreadable()
    if reply.body is None:
        return HttpResponse(status=reply.status)
    return HttpResponse(orjson.dumps(reply.body), content_type="application/json", status=reply.status)
