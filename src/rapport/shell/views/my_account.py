"""One's own account: name, time zone, password; and showing again that it is oneself."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current, trusted
from rapport.platform.identity import accounts, sessions, sign_ins, throttle
from rapport.platform.identity.models import User
from rapport.platform.web.visitor import visitor
from rapport.records import registry, write
from rapport.records.errors import NotFound, Problem
from rapport.shell.views import forms
from rapport.shell.views.account import in_a_while, local
from rapport.shell.views.frame import View, context, page, render

TABS = (("profile", "/account"), ("security", "/account/security"), ("tokens", "/account/tokens"))


def me() -> User:
    """The account of whoever is acting."""
    user = accounts.by_id(str(current().id))
    if user is None:
        raise NotFound(_("This account is no longer active."))
    return user


def shown(request: HttpRequest, template: str, title: str, tab: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """A page of the account."""
    labels = {"profile": _("Profile"), "security": _("Security"), "tokens": _("API tokens")}
    tabs = [{"label": labels[key], "url": url, "current": key == tab} for key, url in TABS]
    return render(request, template, context(request, title, tabs=tabs, **more), status=status)


def proven(view: View) -> View:
    """A page for somebody who has lately shown that it is he: a session left open is not enough."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if sessions.is_fresh(request.entry.session):  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)
        onward = request.path if request.method == "GET" else "/account/security"
        return HttpResponseRedirect("/account/confirm?" + urlencode({"next": onward}))

    return guarded


def back(where: str, done: str) -> HttpResponse:
    """On to a page that says what was done."""
    return HttpResponseRedirect(f"{where}?{urlencode({'done': done})}")


@page
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone, password."""
    return _profile(request)


def _profile(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user, zone = me(), registry.get("user").fields["time_zone"]
    values = {"name": user.name, "time_zone": current().time_zone}
    given: dict[str, Any] = {"values": values, "errors": {}, "password_errors": {}, "done": request.GET.get("done")}
    return shown(
        request, "shell/account_profile.jinja", _("Your account"), "profile", status=status, user=user,
        zones=forms.control(zone)["options"], roles=[role.name for role in user.roles.order_by("name")],
        **given | more,
    )  # fmt: skip


@page
@require_POST
def keep_profile(request: HttpRequest) -> HttpResponse:
    """Change one's own name and time zone."""
    values = {name: request.POST.get(name, "").strip() for name in ("name", "time_zone")}
    try:
        with trusted("one's own account"):
            write.change(registry.get("user"), me().id, values)
    except Problem as problem:
        return _profile(request, 422, values=values, errors=forms.errors_of(problem))
    return back("/account", "profile")


@page
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password ends the other sessions."""
    user, new = me(), request.POST.get("new_password", "")
    wrong = accounts.password_problem(new, user.email or "", user.name)
    if wrong:
        return _profile(request, 422, password_errors={"new_password": [wrong]})
    try:
        if not accounts.is_password(user, request.POST.get("password", ""), visitor(request)):
            return _profile(request, 422, password_errors={"password": [_("This is not your password.")]})
    except throttle.Wait as slow:
        return _profile(request, 429, password_errors={"password": [in_a_while(slow)]})
    number = request.entry.session  # type: ignore[attr-defined]
    accounts.set_password(user, new)
    sessions.end_all(user.id, but=number)
    sessions.proved(number)
    sign_ins.record("password_changed", user.id, visitor(request))
    return back("/account", "password")


@page
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password again before something that matters."""
    user, onward = me(), local(request.POST.get("next") or request.GET.get("next") or "/account/security")
    errors, status = {}, 200
    if request.method == "POST":
        try:
            if accounts.is_password(user, request.POST.get("password", ""), visitor(request)):
                sessions.proved(request.entry.session)  # type: ignore[attr-defined]
                return HttpResponseRedirect(onward)
            errors, status = {"password": [_("This is not your password.")]}, 422
        except throttle.Wait as slow:
            errors, status = {"password": [in_a_while(slow)]}, 429
    return shown(
        request, "shell/account_confirm.jinja", _("Confirm it is you"), "security", status=status, next=onward,
        errors=errors, has_password=bool(user.password),
    )  # fmt: skip
