"""Signing in with an account of the organisation's provider."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.identity import accounts, oidc, sign_ins, vouching
from rapport.platform.identity.models import User
from rapport.platform.web.visitor import visitor
from rapport.records import registry, write
from rapport.records.errors import Problem
from rapport.shell.views.account import local
from rapport.shell.views.entering import enter, gate, proceed

log = logging.getLogger("rapport.sign_in")
COOKIE, PATH = "rapport_provider", "/sign-in"
METHOD = "provider"


def _back(request: HttpRequest) -> str:
    base = settings.URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    return base + "/sign-in/provider/back"


@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider (from a link: the content policy lets no form lead elsewhere)."""
    held = oidc.provider()
    if held is None:
        return HttpResponseRedirect("/sign-in")
    try:
        where, kept = oidc.begin(held, _back(request), local(request.GET.get("next") or "/"))
    except oidc.ProviderFailed as problem:
        log.warning("sign-in with %s: %s", held.name, problem)
        return _again(request, held, _("%(provider)s does not answer. Try again later."))
    response = HttpResponseRedirect(where)
    response.set_cookie(
        COOKIE, kept, max_age=oidc.PATIENCE, path=PATH, httponly=True, samesite="Lax", secure=settings.SECURE
    )
    return response


@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """The browser comes back. (That this opens a session on a GET is how the protocol goes; ``state`` guards it.)"""
    held = oidc.provider()
    if held is None:
        return HttpResponseRedirect("/sign-in")
    kept, state = request.COOKIES.get(COOKIE, ""), request.GET.get("state", "")
    try:
        person, onward = oidc.finish(held, _back(request), kept, state, request.GET.get("code", ""))
    except oidc.ProviderFailed as problem:
        return _refused(request, held, problem, _("Signing in with %(provider)s did not work. Try again."))
    user = vouching.known(person) or _made(request, held, person)
    if user is None:
        words = _("%(provider)s knows you, but there is no account for you here. Ask an administrator.")
        return _refused(request, held, f"{person.email or person.subject} has no account", words, person.email)
    response = (enter if person.strongly else proceed)(request, user, onward, METHOD)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _made(request: HttpRequest, held: oidc.Provider, person: oidc.Person) -> User | None:
    """An account for somebody new, where the settings name a role for such."""
    if not held.role or not person.email or vouching.is_taken(person):
        return None
    values = {"email": person.email, "name": person.name or person.email.split("@")[0]}
    try:
        with as_system(f"first sign-in with {held.name}"), db.transaction():
            user: User = write.create(registry.get("user"), values)
            accounts.give_role(user, held.role)
            vouching.link(user, person)
            sign_ins.record("account_made", user.id, visitor(request), about=held.name)
    except (Problem, KeyError) as problem:
        log.error("no account for %s: %s", person.email, problem)
        return None
    return user


def _refused(request: HttpRequest, held: oidc.Provider, problem: object, words: str, account: str = "") -> HttpResponse:
    log.warning("sign-in with %s: %s", held.name, problem)
    sign_ins.record("provider_refused", None, visitor(request), account=account, about=held.name)
    return _again(request, held, words)


def _again(request: HttpRequest, held: oidc.Provider, words: str) -> HttpResponse:
    form = {"values": {"email": ""}, "errors": {"": [words % {"provider": held.name}]}}
    response = gate(request, "shell/sign_in.jinja", _("Sign in"), 403, form=form, next="/")
    response.delete_cookie(COOKIE, path=PATH)
    return response
