"""What the API sends: JSON, and problem details (RFC 9457) for everything that went wrong."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from rapport.platform import db
from rapport.records.api import limits
from rapport.records.errors import Problem

TITLES = {
    400: "Bad request", 401: "Sign in first", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 412: "Changed meanwhile", 413: "Too large", 415: "JSON expected", 422: "Not accepted",
    429: "Too many requests", 503: "Busy",
}  # fmt: skip
Door = Callable[..., HttpResponseBase]


def json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer; bytes are JSON already."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    response = HttpResponse(body, content_type="application/json", status=status)
    for name, text in (headers or {}).items():
        response[name] = text
    return response


def problem(
    status: int, detail: str, *, code: str = "", errors: list[dict[str, str]] | None = None, **more: Any
) -> HttpResponse:
    """Problem details."""
    return _sent(_details(status, detail, code, errors or [], more))


def of(found: Problem) -> HttpResponse:
    """The answer for a Problem raised by the engine."""
    return _sent(details(found))


def details(found: Problem) -> dict[str, Any]:
    """A Problem raised by the engine, as problem details."""
    return _details(found.status, found.detail, found.code, found.errors, found.more)


def _details(
    status: int, detail: str, code: str, errors: list[dict[str, str]], more: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    return {
        "type": f"urn:rapport:problem:{code or status}", "title": TITLES.get(status, "Problem"), "status": status,
        "detail": detail, "errors": errors, **more,
    }  # fmt: skip


def _sent(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), content_type="application/problem+json", status=body["status"])


def guarded(*methods: str) -> Callable[[Door], Door]:
    """A door of the API: known visitors only, the given methods only, every Problem as problem details."""

    def wrap(view: Door) -> Door:
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if getattr(request, "entry", None) is None:
                refused = problem(401, "Send “Authorization: Bearer TOKEN”, or sign in.", code="unauthenticated")
                refused["WWW-Authenticate"] = "Bearer"
                return refused
            passes, headers = limits.of(request)
            found = _answered(request, methods, view, args, kwargs) if passes else _too_often()
            for name, text in headers.items():
                found[name] = text
            return found

        answer.csrf_exempt = getattr(view, "csrf_exempt", False)  # type: ignore[attr-defined]
        return answer

    return wrap


def _too_often() -> HttpResponse:
    return problem(429, "Too many requests; “Retry-After” says when to go on.", code="too_often")


def _answered(
    request: HttpRequest, methods: tuple[str, ...], view: Door, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:  # fmt: skip
    if request.method not in methods:
        refused = problem(405, f"This address takes {', '.join(methods)}.")
        refused["Allow"] = ", ".join(methods)
        return refused
    try:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.API_LARGEST:
            raise RequestDataTooBig
        return view(request, *args, **kwargs)
    except Problem as found:
        return of(found)
    except RequestDataTooBig:
        return problem(413, f"A request holds at most {settings.API_LARGEST >> 20} MB.", code="too_large")
    except db.OperationalError as error:
        if "lock" not in str(error).lower():
            raise
        busy = problem(503, "The database is busy; try again.", code="busy")
        busy["Retry-After"] = "1"
        return busy
