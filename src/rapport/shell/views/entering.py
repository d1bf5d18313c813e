"""From a proven password or key to a session: the second factor where it is needed, and what the browser remembers."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token, rotate_token
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from rapport.platform.identity import access, accounts, devices, factors, organisation, providers, sign_ins
from rapport.platform.identity.models import User
from rapport.platform.identity.passkeys import Site
from rapport.platform.web.middleware import set_session
from rapport.platform.web.visitor import visitor
from rapport.shell.views.frame import theme_of

PENDING, PENDING_SECONDS = "rapport_pending", 600
SALT = "rapport.pending"


def gate(request: HttpRequest, template: str, title: str, status: int = 200, **more: object) -> HttpResponse:
    """A page before the frame."""
    context = {
        "title": title,
        "csrf": get_token(request),
        "theme": theme_of(request),
        "organisation": organisation.stored_name(),
        "providers": providers.offered(),
        **more,
    }
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def site(request: HttpRequest) -> Site:
    """This site as the browser sees it."""
    return Site(request.get_host().rpartition("@")[2].split(":")[0], f"{request.scheme}://{request.get_host()}")


def elsewhere(email: str, user: User | None = None) -> str:
    """Where somebody signs in instead, in words, when people of his domain must use a provider; empty when he need not.

    The words are the same whoever he is, but for the one who keeps his password (``user``, once he is known).
    """
    held = providers.forced_for(email)
    if held is None or (user is not None and providers.is_keeper(held, user)):
        return ""
    words = _("People of %(domain)s sign in with %(provider)s.")
    return words % {"domain": providers.domain_of(email), "provider": held.label}


def device_of(request: HttpRequest) -> devices.Device:
    """What this browser keeps of earlier visits."""
    return devices.read(request.COOKIES.get(devices.COOKIE, ""))


def proceed(request: HttpRequest, user: User, onward: str, method: str) -> HttpResponse:
    """The password was right: in, or on to the second factor."""
    standing = factors.standing(user.id)
    if standing.on and device_of(request).trusts(user.id, standing.trust):
        return enter(request, user, onward, method)
    if not (standing.on or standing.needed):
        return enter(request, user, onward, method)
    where = "/sign-in/code" if standing.on or standing.passkeys else "/sign-in/set-up"
    response = HttpResponseRedirect(where)
    held = signing.dumps([user.id, onward, method, _stamp(user)], salt=SALT)
    _set(response, PENDING, held, PENDING_SECONDS, "/sign-in")
    return response


def pending(request: HttpRequest) -> tuple[User, str, str] | None:
    """(user, where he goes, how he came) of a sign-in that waits for its second factor."""
    try:
        held: Any = signing.loads(request.COOKIES.get(PENDING, ""), salt=SALT, max_age=PENDING_SECONDS)
    except signing.BadSignature:
        return None
    key, onward, method, stamp = held
    user = accounts.by_id(key)
    return (user, onward, method) if user is not None and stamp == _stamp(user) else None


def enter(
    request: HttpRequest, user: User, where: str, method: str = "password", *, trust: int = 0, about: str = ""
) -> HttpResponse:
    """Open a session and go on. ``trust``: the generation of trust to give this device."""
    return seat(request, HttpResponseRedirect(where), user, method, trust=trust, about=about)


def seat(
    request: HttpRequest, response: HttpResponse, user: User, method: str, *, trust: int = 0, about: str = ""
) -> HttpResponse:
    """Give the browser its session with this answer."""
    rotate_token(request)
    who = visitor(request)
    set_session(response, access.open_session(user, who.address, who.agent, method))
    device = device_of(request).met(user.id, trust)
    _set(response, devices.COOKIE, device.text(), devices.KNOWN_DAYS * 86400, "/")
    response.delete_cookie(PENDING, path="/sign-in")
    sign_ins.record("signed_in", user.id, who, about=about or method)
    return response


def _stamp(user: User) -> str:
    """A new password ends what waits."""
    return salted_hmac(SALT, user.password, algorithm="sha256").hexdigest()[:16]


def _set(response: HttpResponse, name: str, value: str, seconds: int, path: str) -> None:
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=settings.SECURE)
