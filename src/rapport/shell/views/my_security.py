"""One's own security: second factor, recovery codes, passkeys, sessions, and what happened lately."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.platform.identity import factors, organisation, passkeys, sessions, sign_ins
from rapport.platform.web.visitor import visitor
from rapport.shell import happenings
from rapport.shell.qr import drawing
from rapport.shell.views.entering import site
from rapport.shell.views.frame import page
from rapport.shell.views.my_account import back, me, proven, shown
from rapport.shell.views.second_step import first_code

WHERE = "/account/security"


@page
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that keeps the account safe."""
    user = me()
    number = request.entry.session  # type: ignore[attr-defined]
    return shown(
        request, "shell/account_security.jinja", _("Security"), "security",
        factor=factors.standing(user.id), passkeys=passkeys.of(user.id),
        sessions=[happenings.session(each, each.id == number) for each in sessions.of(user.id)],
        happened=[happenings.told(each) for each in sign_ins.of(user.id)], done=request.GET.get("done"),
    )  # fmt: skip


@page
@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's sessions."""
    user = str(current().id)
    ended = sessions.end(user, number)
    if ended is not None:
        sign_ins.record("session_ended", user, visitor(request), about=happenings.device(ended.agent))
    return back(WHERE, "session")


@page
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions but this one."""
    user = str(current().id)
    if sessions.end_all(user, but=request.entry.session):  # type: ignore[attr-defined]
        sign_ins.record("sessions_ended", user, visitor(request))
    return back(WHERE, "sessions")


@page
@proven
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set the authenticator app up: a picture, then the first code."""
    user = me()
    if factors.standing(user.id).on:
        return HttpResponseRedirect(WHERE)
    codes, problem, status = first_code(request, user)
    if codes is not None:
        return _codes(request, codes)
    app = drawing(factors.prepare(user.id), user.email or user.name)
    return shown(
        request, "shell/account_factor.jinja", _("Second factor"), "security", status=status, app=app, problem=problem
    )


@page
@proven
@require_POST
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Without a second factor from now on, unless a role demands it."""
    user = str(current().id)
    if factors.standing(user).needed:
        return back(WHERE, "needed")
    if factors.switch_off(user):
        sign_ins.record("second_factor_off", user, visitor(request))
    return back(WHERE, "off")


@page
@proven
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    user = str(current().id)
    if not factors.standing(user).on:
        return HttpResponseRedirect(WHERE)
    sign_ins.record("recovery_codes_made", user, visitor(request))
    return _codes(request, factors.new_codes(user))


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return shown(request, "shell/account_codes.jinja", _("Recovery codes"), "security", codes=codes)


@page
@proven
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Register a passkey under a name."""
    values: dict[str, Any] = {"name": request.POST.get("name", "").strip()[:60]}
    problem = ""
    if request.method == "POST":
        user = me()
        name = values["name"] or happenings.device(visitor(request).agent)
        try:
            state, answer = request.POST.get("state", ""), request.POST.get("credential", "")
            passkeys.add(user, site(request), name, state, answer)
            sign_ins.record("passkey_added", user.id, visitor(request), about=name)
            return back(WHERE, "passkey")
        except passkeys.Unusable:
            problem = _("That did not work. Try again.")
    return shown(
        request, "shell/account_passkey.jinja", _("Add a passkey"), "security", status=422 if problem else 200,
        problem=problem, name=values["name"] or happenings.device(visitor(request).agent),
    )  # fmt: skip


@page
@proven
@require_POST
def passkey_asked(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a passkey."""
    asked = passkeys.ask_to_add(me(), site(request), organisation.stored_name())
    return JsonResponse({"options": asked.options, "state": asked.state})


@page
@proven
@require_POST
def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Forget a passkey."""
    user = str(current().id)
    gone = passkeys.remove(user, number)
    if gone is not None:
        sign_ins.record("passkey_removed", user, visitor(request), about=gone.name)
    return back(WHERE, "passkey_removed")
