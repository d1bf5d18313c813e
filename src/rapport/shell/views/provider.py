"""Signing in with an account of a provider: away to it, and back from it (OpenID Connect and SAML)."""

import logging
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.identity import oidc, providers, sign_ins, throttle
from rapport.platform.identity.providers import OIDC, SAML, Provider
from rapport.platform.identity.saml import answering, speaking
from rapport.platform.identity.vouched import Person, ProviderFailed
from rapport.platform.web.visitor import visitor
from rapport.shell import arriving
from rapport.shell.views import provider_trial as trial
from rapport.shell.views.account import in_a_while, local
from rapport.shell.views.entering import enter, gate, proceed

log = logging.getLogger("rapport.sign_in")
# What the browser keeps while it is away, and what it was told there, from one page of ours to the next.
COOKIE, ANSWER, PATH = "rapport_provider", "rapport_answer", "/sign-in"
SALT, ANSWER_SALT = "rapport.provider.away", "rapport.provider.answer"
METHOD, SOON = "provider", 60


def base(request: HttpRequest) -> str:
    """This site as providers know it."""
    return settings.URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"


def _back(request: HttpRequest, held: Provider) -> str:
    return base(request) + held.leave + "/back"


def _held(key: str, kind: str = "") -> Provider | None:
    """The provider, when it may be used: one that is off only to be tried."""
    held = providers.one(key)
    return held if held is not None and kind in ("", held.kind) else None


@require_GET
def leave(request: HttpRequest, key: str = providers.ENVIRONMENT) -> HttpResponse:
    """Send the browser to the provider (from a link: the content policy lets no form lead elsewhere)."""
    held = _held(key)
    tries = trial.who(request) if request.GET.get("try") else ""
    if held is None or not (held.is_active or tries):
        return HttpResponseRedirect("/sign-in")
    try:
        where, kept = _question(request, held, local(request.GET.get("next") or "/"), tries)
    except ProviderFailed as problem:
        log.warning("sign-in with %s: %s", held.name, problem)
        if tries:
            return trial.failed(held, problem)
        return _again(request, held, _("%(provider)s does not answer. Try again later."))
    response = HttpResponseRedirect(where)
    _keep(response, COOKIE, kept, oidc.PATIENCE)
    return response


def _question(request: HttpRequest, held: Provider, onward: str, tries: str) -> tuple[str, str]:
    """(where to, what the browser keeps meanwhile)."""
    if held.kind == SAML:
        where, number = speaking.ask(held, base(request), bool(tries))
        return where, signing.dumps([held.key, onward, tries, number], salt=SALT)
    where, inner = oidc.begin(oidc.client_of(held), _back(request, held), onward)
    return where, signing.dumps([held.key, onward, tries, inner], salt=SALT)


@require_GET
def back(request: HttpRequest, key: str = providers.ENVIRONMENT) -> HttpResponse:
    """The browser is back. (That this opens a session on a GET is how the protocol goes; what it kept guards it.)"""
    held = _held(key)
    if held is None:
        return HttpResponseRedirect("/sign-in")
    counted = f"provider {held.key} {request.GET.get('state', '')[:60]}"
    try:
        throttle.begin(counted, visitor(request).address)
        person, onward, tries = _told(request, held)
        throttle.succeeded(counted)
    except throttle.Wait as slow:
        return _slowed(request, slow)
    except ProviderFailed as problem:
        key, _onward, tries, _inner = _kept(request)
        if tries and tries == trial.who(request) and key == held.key:
            return trial.failed(held, problem)
        return _failed(request, held, problem)
    if tries:
        return trial.came(request, held, tries, person)
    if not held.is_active:
        return HttpResponseRedirect("/sign-in")
    return _in(request, held, person, onward)


def _told(request: HttpRequest, held: Provider) -> tuple[Person, str, str]:
    """(who it is, where he goes, who tries it): the answer belongs to the question that this browser has asked."""
    key, onward, tries, inner = _kept(request)
    if held.kind == OIDC:
        if key != held.key:
            raise ProviderFailed("no sign-in is under way in this browser", "browser")
        state, code = request.GET.get("state", ""), request.GET.get("code", "")
        person, onward = oidc.finish(oidc.client_of(held), _back(request, held), inner, state, code)
        return person, onward, tries
    try:
        told = signing.loads(request.COOKIES.get(ANSWER, ""), salt=ANSWER_SALT, max_age=SOON)
    except signing.BadSignature as error:
        raise ProviderFailed("the provider has told this browser nothing", "browser") from error
    if not throttle.once(f"answer {told['mark']}"):
        raise ProviderFailed("what the provider told has been used", "once")
    if told["provider"] != held.key:
        raise ProviderFailed("the answer is another provider's", "browser")
    if told["asked"]:
        if key != held.key or inner != told["asked"]:
            raise ProviderFailed("another browser has asked for this answer", "browser")
    else:
        onward, tries = told["onward"], ""
    return Person(**told["person"]), onward, tries


def _kept(request: HttpRequest) -> tuple[str, str, str, str]:
    """What the browser has kept: (provider, where he goes, who tries it, what its protocol needs)."""
    try:
        key, onward, tries, inner = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=oidc.PATIENCE)
    except signing.BadSignature:
        return "", "/", "", ""
    return key, onward, tries, inner


@csrf_exempt
@require_POST
def consume(request: HttpRequest, key: str) -> HttpResponse:
    """The provider's answer, brought by the browser from the provider's page.

    Cookies of ours do not come along from there. So the answer is judged here, and what it says goes on, signed, with
    the browser to a page that sees what the browser has kept.
    """
    held = _held(key, SAML)
    if held is None:
        return HttpResponseRedirect("/sign-in", status=303)
    told = speaking.heard(held, base(request), request.POST.get("SAMLResponse", ""))
    counted = f"provider {held.key} {secrets.token_hex(8)}"
    try:
        throttle.begin(counted, visitor(request).address)
        kept = _judged(request, held, told)
        throttle.succeeded(counted)
    except throttle.Wait as slow:
        return _slowed(request, slow)
    except ProviderFailed as problem:
        if speaking.is_trial(held, told.asked):
            return trial.failed(held, problem, told.passed)
        return _failed(request, held, problem)
    response = HttpResponseRedirect(_back(request, held), status=303)
    _keep(response, ANSWER, kept, SOON)
    return response


def _judged(request: HttpRequest, held: Provider, told: answering.Answer) -> str:
    """What goes on with the browser, of an answer that is good; raises ProviderFailed."""
    answering.go_through(told)
    onward = _onward(request, request.POST.get("RelayState", ""))
    person = speaking.person(held, told)
    tries = speaking.is_trial(held, told.asked)
    if not (held.is_active or tries):
        raise ProviderFailed("the provider is switched off", "off")
    speaking.once(held, told)
    if tries:
        trial.note(held, person, told.passed)
    named = str(held.about.get("role_attribute") or "")
    wanted = {value for value, _role in held.about.get("role_map") or ()}
    said = {named: [value for value in person.said.get(named, ()) if value in wanted]} if named else {}
    kept = {
        "issuer": person.issuer, "subject": person.subject, "email": person.email, "name": person.name,
        "strongly": person.strongly, "said": said,
    }  # fmt: skip
    goes_on = {
        "provider": held.key, "asked": told.asked, "onward": onward, "person": kept, "mark": secrets.token_hex(16),
    }  # fmt: skip
    return signing.dumps(goes_on, salt=ANSWER_SALT, compress=True)


def _onward(request: HttpRequest, relay: str) -> str:
    """Where an answer that came by itself wants to go: a page of this site, or it is refused."""
    if not relay:
        return "/"
    here = base(request)
    path = relay.removeprefix(here) if relay.startswith(here + "/") else relay
    if urlsplit(path).scheme or urlsplit(path).netloc or path.startswith(("//", "/\\")):
        raise ProviderFailed(f"it leads to {relay[:100]}, which is not this site", "relay")
    return local(path)


@require_GET
def metadata(request: HttpRequest, key: str) -> HttpResponse:
    """What the provider needs to know of us."""
    held = _held(key, SAML)
    if held is None:
        return HttpResponseRedirect("/sign-in")
    response = HttpResponse(speaking.described(held, base(request)), content_type="application/samlmetadata+xml")
    response["Content-Disposition"] = 'inline; filename="rapport-metadata.xml"'
    return response


def _in(request: HttpRequest, held: Provider, person: Person, onward: str) -> HttpResponse:
    """In, or on to the second factor, or refused."""
    try:
        user = arriving.settle(held, person, visitor(request))
    except arriving.Refusal as refusal:
        return _refused(request, held, refusal.code, refusal.reason, refusal.words, person.email)
    response = (enter if person.strongly else proceed)(request, user, onward, METHOD)
    response.delete_cookie(COOKIE, path=PATH)
    response.delete_cookie(ANSWER, path=PATH)
    return response


def _failed(request: HttpRequest, held: Provider, problem: ProviderFailed) -> HttpResponse:
    words = _("Signing in with %(provider)s did not work. Try again, or tell an administrator this word: %(code)s.")
    return _refused(request, held, problem.code, str(problem), words)


def _refused(
    request: HttpRequest, held: Provider, code: str, reason: str, words: str, account: str = ""
) -> HttpResponse:  # fmt: skip
    log.warning("sign-in with %s refused (%s): %s", held.name, code, reason)
    about = f"{held.name}: {code}: {reason}"
    sign_ins.record("provider_refused", None, visitor(request), account=account, about=about)
    return _again(request, held, words, code)


def _again(request: HttpRequest, held: Provider, words: str, code: str = "") -> HttpResponse:
    form = {"values": {"email": ""}, "errors": {"": [words % {"provider": held.label, "code": code}]}}
    response = gate(request, "shell/sign_in.jinja", _("Sign in"), 403, form=form, next="/")
    response.delete_cookie(COOKIE, path=PATH)
    response.delete_cookie(ANSWER, path=PATH)
    return response


def _slowed(request: HttpRequest, slow: throttle.Wait) -> HttpResponse:
    form = {"values": {"email": ""}, "errors": {"": [in_a_while(slow)]}}
    response = gate(request, "shell/sign_in.jinja", _("Sign in"), 429, form=form, next="/")
    response["Retry-After"] = str(slow.seconds)
    return response


def _keep(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path=PATH, httponly=True, samesite="Lax", secure=settings.SECURE)
