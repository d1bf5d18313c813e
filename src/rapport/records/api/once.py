"""Idempotency-Key: a repeated POST gets the first answer again."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import answered
from rapport.records.errors import Conflict

KEPT = ("ETag", "Location")


def once(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do ``work`` unless this actor's key has been answered; the answer is stored in the same transaction."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return work()
    actor = current().id
    mark = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
    try:
        with db.transaction():
            return _replayed(actor, key, mark) or _kept(actor, key, mark, work())
    except answered.Taken:  # the same request came twice at one moment, and the other was done first
        with db.transaction():
            return _replayed(actor, key, mark) or _kept(actor, key, mark, work())


def _replayed(actor: str | None, key: str, mark: str) -> HttpResponse | None:
    known = answered.find(actor, key)
    if known is None:
        return None
    if known.fingerprint != mark:
        raise Conflict("This Idempotency-Key was used for another request.")
    replayed = HttpResponse(
        known.body, status=known.status, headers={**known.headers, "Content-Type": "application/json"}
    )
    replayed["Idempotency-Replayed"] = "true"
    return replayed


def _kept(actor: str | None, key: str, mark: str, response: HttpResponse) -> HttpResponse:
    if response.status_code < 500:
        headers = {name: response[name] for name in KEPT if name in response}
        answered.keep(actor, key, mark, response.status_code, headers, response.content.decode())
    return response
