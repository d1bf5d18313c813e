"""What is measured against: a hello with one indexed SELECT, and raw SQL with JSON made in Python."""

import datetime as dt
import uuid

import orjson
from django.http import HttpRequest, HttpResponse

from rapport.parties.models import Party
from rapport.platform import db

# One statement per list row: the columns that the API sends, sorted and filtered alike, without rights or paging.
LISTS = {
    "parties": """SELECT * FROM party t WHERE t.binned_at IS NULL AND t.kind = 'person'
                  ORDER BY t.name_key, t.id LIMIT 50""",
    "deals": """SELECT * FROM deal t WHERE t.binned_at IS NULL AND t.status = 'open'
                ORDER BY t.close_on, t.id LIMIT 50""",
    "tasks": """SELECT * FROM task t WHERE t.binned_at IS NULL AND t.status = 'open'
                ORDER BY t.due_at, t.id LIMIT 50""",
}


def hello(request: HttpRequest, key: str) -> HttpResponse:
    """The yardstick: Django, one row by its key."""
    party = Party.objects.get(pk=key)
    return HttpResponse(f"<!doctype html><title>Hello</title><p>Hello {party.name}", content_type="text/html")


def raw(request: HttpRequest, name: str) -> HttpResponse:
    """The floor of a list: the driver's rows, named and dumped."""
    with db.connection().cursor() as cursor:
        cursor.execute(LISTS[name])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return HttpResponse(orjson.dumps({"items": rows}, default=_plain), content_type="application/json")


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.isoformat() if isinstance(value, dt.date) else str(value)
