"""The first administrator, signing in and out, the theme."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.platform.clock import known_zone
from rapport.platform.identity import accounts, organisation, sessions, sign_ins, viewing
from rapport.platform.identity.models import User
from rapport.platform.identity.throttle import Wait
from rapport.platform.web.middleware import SESSION_COOKIE
from rapport.platform.web.visitor import visitor
from rapport.records import registry, write
from rapport.records.errors import Problem
from rapport.shell.views.entering import device_of, elsewhere, enter, gate, proceed
from rapport.shell.views.forms import currencies
from rapport.shell.views.frame import THEMES, is_fragment

YEAR = 365 * 86400
ASKED = ("organisation", "currency", "name", "email", "time_zone")
CURRENCY_OF = {
    "US": "USD", "GB": "GBP", "CH": "CHF", "JP": "JPY", "KZ": "KZT", "UZ": "UZS", "AZ": "AZN", "PH": "PHP", "RU": "RUB",
    "CN": "CNY", "IN": "INR", "PL": "PLN", "CZ": "CZK", "SE": "SEK", "NO": "NOK", "DK": "DKK", "CA": "CAD", "AU": "AUD",
    "BR": "BRL", "MX": "MXN", "TR": "TRY", "UA": "UAH", "HU": "HUF", "RO": "RON", "BG": "EUR", "HR": "EUR",
}  # fmt: skip


def welcome(request: HttpRequest) -> HttpResponse:
    """The first visit of an empty installation makes the administrator; afterwards this door is shut."""
    if accounts.anybody():
        return HttpResponseRedirect("/")
    if request.method != "POST":
        return _welcome(request, {"values": {"currency": _likely_currency(request)}, "errors": {}})
    values = {name: request.POST.get(name, "").strip() for name in ASKED}
    values["currency"] = values["currency"] or _likely_currency(request)
    password = request.POST.get("password", "")
    errors = {name: [_("This is needed.")] for name, value in values.items() if not value and name != "time_zone"}
    if problem := accounts.password_problem(password, values["email"], values["name"]):
        errors["password"] = [problem]
    if not errors:
        try:
            user = _first(values, password)
        except ValueError as error:
            errors = {"currency": [str(error)]}
        except Problem as problem:
            errors = {each["field"]: [each["message"]] for each in problem.errors} or {"email": [problem.detail]}
        else:
            return enter(request, user, "/")
    return _welcome(request, {"values": values, "errors": errors}, 422)


def _welcome(request: HttpRequest, form: dict[str, object], status: int = 200) -> HttpResponse:
    return gate(request, "shell/welcome.jinja", _("Welcome"), status, form=form, currencies=currencies())


def _likely_currency(request: HttpRequest) -> str:
    """The currency of the country that the browser's language names; the euro where only a language is told."""
    for part in request.headers.get("Accept-Language", "").split(","):
        language, _dash, region = part.split(";")[0].strip().partition("-")
        if region.upper() in CURRENCY_OF:
            return CURRENCY_OF[region.upper()]
        if language in ("de", "fr", "it", "es", "nl", "lv", "fi", "pt", "sk", "sl", "et", "lt", "el"):
            return "EUR"
    return "USD"


def _first(values: dict[str, str], password: str) -> User:
    with as_system("first visit"), db.transaction():
        organisation.alone()
        if accounts.anybody():
            raise Problem(_("Somebody else was quicker; sign in."))
        user: User = write.create(registry.get("user"), {"name": values["name"], "email": values["email"]})
        accounts.set_password(user, password)
        accounts.give_role(user, "admin")
        zone = values["time_zone"] if known_zone(values["time_zone"]) else ""
        organisation.set_up(name=values["organisation"], currency=values["currency"], time_zone=zone)
        return user


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with e-mail and password."""
    if not accounts.anybody():
        return HttpResponseRedirect("/welcome")
    onward = local(request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        return gate(request, "shell/sign_in.jinja", _("Sign in"), next=onward)
    email = request.POST.get("email", "")
    wait, problem = 0, _("This e-mail address and password do not fit together.")
    try:
        user = accounts.sign_in(email, request.POST.get("password", ""), visitor(request), device_of(request))
        problem = elsewhere(email, user) or problem
        if user is not None and not elsewhere(email, user):
            return proceed(request, user, onward, "password")
        if user is not None:
            sign_ins.record("password_refused", user.id, visitor(request), about=problem)
    except Wait as slow:
        wait, problem = slow.seconds, in_a_while(slow)
    form = {"values": {"email": email}, "errors": {"": [problem]}}
    response = gate(request, "shell/sign_in.jinja", _("Sign in"), 429 if wait else 422, form=form, next=onward)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def in_a_while(slow: Wait) -> str:
    """When the next try will be heard."""
    words = ngettext(
        "Too many tries. Wait %(n)s second, then try again.", "Too many tries. Wait %(n)s seconds, then try again.",
        slow.seconds,
    )  # fmt: skip
    return words % {"n": slow.seconds}


def local(address: str) -> str:
    """Only addresses of this site are gone to after signing in."""
    parts = urlsplit(address)
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if safe and "\\" not in address else "/"


def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.method != "POST":
        return HttpResponseRedirect("/")
    entry = request.entry  # type: ignore[attr-defined]
    if entry is not None:
        viewing.end(entry.session, visitor(request))
        sessions.end(entry.user, entry.session)
        sign_ins.record("signed_out", entry.user, visitor(request))
    response = HttpResponseRedirect("/sign-in")
    response.delete_cookie(SESSION_COOKIE)
    return response


def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in this browser."""
    chosen = request.POST.get("value", "system")
    onward = HttpResponseRedirect(local(request.POST.get("next", "/")))
    response = HttpResponse(status=204) if is_fragment(request) else onward
    if request.method == "POST" and chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax")
    return response
