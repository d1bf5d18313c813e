"""What belongs to webhooks beside the doors of every entity: their secret, what they were told, telling it again."""

from django.http import HttpRequest, HttpResponse

from rapport.records.api import asked
from rapport.records.api.answers import guarded, json
from rapport.records.webhooks import log


@guarded("GET")
def deliveries(request: HttpRequest, key: str) -> HttpResponse:
    """What a webhook was told, the newest first."""
    asked.only(request, "limit", "after", "status")
    limit, status = asked.number(request, "limit", 50, 200), request.GET.get("status", "")
    found = log.deliveries(asked.key(key), limit=limit, after=request.GET.get("after"), status=status)
    return json({"items": found.entries, "next": found.next})


@guarded("POST")
def replay(request: HttpRequest, key: str, delivery: str) -> HttpResponse:
    """Tell it once more."""
    asked.only(request)
    return json(log.replay(asked.key(key), asked.key(delivery)))


@guarded("GET")
def secret(request: HttpRequest, key: str) -> HttpResponse:
    """What signatures are checked with."""
    asked.only(request)
    return json({"secret": log.secret(asked.key(key))})
