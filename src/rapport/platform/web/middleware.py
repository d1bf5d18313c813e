"""What every request passes: the shield (headers), then the entrance (who is it)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation

from rapport.platform import actor as acting
from rapport.platform.identity import access, seen

Answer = Callable[[HttpRequest], HttpResponseBase]
SESSION_COOKIE = "rapport_session"
ASSISTANTS = "/mcp"  # by token only: no cookie counts there
PROBES = ("/healthz", "/readyz")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # pages hold what only this visitor may see
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Shield:
    """Security headers on every answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.SECURE:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response


class Entrance:
    """Finds out who came, by cookie or by token, and acts as him for the whole request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES:
            request.get_host()  # a name that is not ours: 400
        entry = _entry(request)
        request.entry = entry  # type: ignore[attr-defined]
        if entry is None:
            return self.get_response(request)
        if entry.stale:
            seen.note(entry.actor.source, entry.number)
        with on_behalf_of(entry.actor):
            return self.get_response(request)


@contextmanager
def on_behalf_of(actor: acting.Actor) -> Iterator[None]:
    """Act as ``actor``, in his time zone and language."""
    with acting.acting_as(actor), timezone.override(actor.time_zone):
        if actor.language == settings.LANGUAGE_CODE:
            yield
        else:
            with translation.override(actor.language):
                yield


def _entry(request: HttpRequest) -> access.Entry | None:
    bearer = request.META.get("HTTP_AUTHORIZATION", "")
    assists = request.path_info == ASSISTANTS
    if assists or request.path_info.startswith("/api/"):
        kind, _space, secret = bearer.partition(" ")
        if kind.lower() == "bearer":
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
            return access.by_token(secret.strip())
    if assists:
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return None
    secret = request.COOKIES.get(SESSION_COOKIE, "")
    entry = access.by_session(secret) if secret else None
    if entry is None and request.path_info.startswith("/api/"):
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # nobody came in: the door says 401
    return entry


def set_session(response: HttpResponse, secret: str) -> None:
    """Give the browser its session cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=access.SESSION_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
