"""Signing in, second step: the code of the app, a recovery code or a passkey; setting it up where a role demands it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.platform.identity import factors, passkeys, sign_ins, throttle
from rapport.platform.identity.models import User
from rapport.platform.web.visitor import visitor
from rapport.shell.qr import drawing
from rapport.shell.views.account import in_a_while, local
from rapport.shell.views.entering import device_of, elsewhere, enter, gate, pending, seat, site

WRONG = 422


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the app, or a recovery code."""
    waiting = pending(request)
    if waiting is None:
        return HttpResponseRedirect("/sign-in")
    user, onward, method = waiting
    standing = factors.standing(user.id)
    if request.method == "POST" and standing.on:
        counted = f"code {user.id} {device_of(request).id if device_of(request).knows(user.id) else ''}"
        try:
            throttle.begin(counted, visitor(request).address)
        except throttle.Wait as slow:
            return _code(request, user, standing, in_a_while(slow), slow.seconds)
        how = factors.check(user.id, request.POST.get("code", ""))
        if how:
            throttle.succeeded(counted)
            if how == "recovery":
                sign_ins.record("recovery_code_used", user.id, visitor(request))
                onward = "/account/security"
            trust = standing.trust if request.POST.get("trust") and how == "app" else 0
            return enter(request, user, onward, method, trust=trust, about=f"{method}+{how}")
        sign_ins.record("wrong_code", user.id, visitor(request))
        return _code(request, user, standing, _("This code is not right, or has been used. Take the newest one."))
    return _code(request, user, standing)


def _code(
    request: HttpRequest, user: User, standing: factors.Standing, problem: str = "", wait: int = 0
) -> HttpResponse:
    status = 429 if wait else WRONG if problem else 200
    response = gate(
        request, "shell/sign_in_code.jinja", _("Second step"), status, email=user.email, problem=problem,
        by_code=standing.on, by_passkey=standing.passkeys > 0,
    )  # fmt: skip
    if wait:
        response["Retry-After"] = str(wait)
    return response


def first_code(request: HttpRequest, user: User) -> tuple[list[str] | None, str, int]:
    """Switch the second factor on by the first code, where one was sent: (recovery codes, what is wrong, status)."""
    if request.method != "POST":
        return None, "", 200
    try:
        throttle.begin(f"code {user.id} ", visitor(request).address)
        codes = factors.confirm(user.id, request.POST.get("code", ""))
    except throttle.Wait as slow:
        return None, in_a_while(slow), 429
    if codes is None:
        return None, _("This code is not right. Wait for the next one and try again."), WRONG
    throttle.succeeded(f"code {user.id} ")
    sign_ins.record("second_factor_on", user.id, visitor(request))
    return codes, "", 200


@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set the second factor up before the first page, because a role of the user demands it."""
    waiting = pending(request)
    if waiting is None:
        return HttpResponseRedirect("/sign-in")
    user, onward, method = waiting
    standing = factors.standing(user.id)
    if standing.on or standing.passkeys or not standing.needed:
        return HttpResponseRedirect("/sign-in/code")
    codes, problem, status = first_code(request, user)
    if codes is not None:
        done = gate(request, "shell/sign_in_codes.jinja", _("Recovery codes"), codes=codes, onward=onward)
        return seat(request, done, user, method, about=f"{method}+app")
    secret = factors.prepare(user.id)
    return gate(
        request, "shell/sign_in_set_up.jinja", _("Second step"), status, problem=problem,
        app=drawing(secret, user.email or user.name),
    )  # fmt: skip


@require_POST
def passkey_asked(request: HttpRequest) -> HttpResponse:
    """What the browser needs to offer its passkeys."""
    asked = passkeys.ask_to_sign_in(site(request))
    return JsonResponse({"options": asked.options, "state": asked.state})


@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey: it is both factors at once."""
    onward = local(request.POST.get("next") or "/")
    wait = 0
    try:
        user, key = passkeys.sign_in(
            site(request), request.POST.get("state", ""), request.POST.get("credential", ""), visitor(request).address
        )
        problem = elsewhere(user.email or "", user)
        if not problem:
            return enter(request, user, onward, "passkey", about=f"passkey {key.name}")
        sign_ins.record("password_refused", user.id, visitor(request), about=problem)
    except passkeys.Unusable:
        sign_ins.record("failed", None, visitor(request), about="passkey")
        problem = _("This passkey opens no account here. Sign in with your password.")
    except throttle.Wait as slow:
        wait, problem = slow.seconds, in_a_while(slow)
    form = {"values": {"email": ""}, "errors": {"": [problem]}}
    response = gate(request, "shell/sign_in.jinja", _("Sign in"), 429 if wait else WRONG, form=form, next=onward)
    if wait:
        response["Retry-After"] = str(wait)
    return response
