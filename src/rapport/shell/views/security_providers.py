"""For administrators: the providers that vouch for people; adding, setting up, trying, removing one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.platform.identity import providers, roles, upholding
from rapport.platform.identity.providers import OIDC, SAML, Provider
from rapport.platform.identity.saml import answering, renewing, speaking
from rapport.platform.web.visitor import visitor
from rapport.records.errors import NotFound, Refused
from rapport.shell import provider_forms
from rapport.shell.views import forms
from rapport.shell.views.access import administers
from rapport.shell.views.my_account import back
from rapport.shell.views.provider import base
from rapport.shell.views.security import WHERE as SECURITY
from rapport.shell.views.security import shown

WHERE = f"{SECURITY}/providers"
KINDS = {OIDC: "OpenID Connect", SAML: "SAML 2.0"}
# What was looked at in an answer, in words.
CHECKS = {
    "form": _l("It can be read, and holds no tricks of XML"),
    "layout": _l("One assertion, with signatures where they belong"),
    "status": _l("The provider says that it went well"),
    "signature": _l("Signed with a certificate of the provider, by SHA-256 or better"),
    "issuer": _l("It comes from this provider"),
    "destination": _l("It was sent to this address"),
    "asked": _l("It answers a question of ours"),
    "recipient": _l("Whoever brings it is the person"),
    "audience": _l("It is meant for us"),
    "time": _l("It holds now"),
    "subject": _l("It says who has signed in"),
    "browser": _l("The browser that asked has brought the answer"),
    "token": _l("The token is signed by the provider, for us, now"),
}
HOWS = {
    "known": _l("comes in as"),
    "email": _l("comes in by his e-mail address, for the first time, as"),
    "new": _l("is new: an account will be made"),
    "unknown": _l("is unknown here and refused"),
    "untrusted": _l("is refused: the address is not of a domain that this provider is trusted for"),
    "off": _l("is refused: the account here is switched off"),
}


def _held(key: str) -> Provider:
    found = providers.one(key)
    if found is None:
        raise NotFound(_("There is no such provider."))
    return found


@administers
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """All of them."""
    found = [
        {"held": each, "kind": KINDS[each.kind], "ends": _nearest(each), "good": each.tried.get("good")}
        for each in providers.listed()
    ]  # fmt: skip
    return shown(request, "providers", rows=found, full=len(found) >= providers.MOST)


def _nearest(held: Provider) -> Any:
    """The certificate that ends first of those that are good longest: what matters is when the last one ends."""
    return max(renewing.certificates(held), key=lambda each: each.ends, default=None)


@administers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Name it and say how it speaks; the rest is set up on its page."""
    values = {"name": request.POST.get("name", "").strip()[:80], "kind": request.POST.get("kind", SAML)}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        if len(providers.listed()) >= providers.MOST:
            raise Refused(_("There are too many providers. Remove one first."))
        if values["name"] and values["kind"] in KINDS:
            about, secrets = speaking.new_pair() if values["kind"] == SAML else ({}, {})
            key = providers.save(
                None, values["kind"], values["name"], is_active=False, position=len(providers.listed()), about=about,
                secrets=secrets, by=str(current().id), visitor=visitor(request),
            )  # fmt: skip
            return back(f"{WHERE}/{key}", "added")
        errors = {"name": [_("This is needed.")]}
    kinds = [
        {"value": SAML, "label": "SAML 2.0", "help": _("Entra ID, Okta, Google Workspace, AD FS, Keycloak")},
        {
            "value": OIDC,
            "label": "OpenID Connect",
            "help": _("Where the provider offers both, this is the simpler one"),
        },
    ]
    return shown(request, "provider_new", values=values, errors=errors, kinds=kinds, status=422 if errors else 200)


@administers
@require_http_methods(["GET", "POST"])
def provider(request: HttpRequest, key: str) -> HttpResponse:
    """One provider: what it needs to know of us, what we know of it, whom it lets in, what a try came to."""
    held = _held(key)
    if request.method == "POST":
        if held.is_fixed:
            raise Refused(_("This provider is set up by the environment of the installation."))
        said = provider_forms.read(request, held)
        if said.errors:
            return _page(request, held, said)
        said.about.pop("role_lines", None)
        providers.save(
            held, held.kind, said.name, is_active=said.is_active, position=said.position, about=said.about,
            secrets=said.secrets, by=str(current().id), visitor=visitor(request),
        )  # fmt: skip
        return back(f"{WHERE}/{key}", "saved")
    return _page(request, held, None)


def _page(request: HttpRequest, held: Provider, said: provider_forms.Said | None) -> HttpResponse:
    about = said.about if said else held.about
    named = {role["key"]: role["name"] for role in roles.listed()}
    lines = [f"{value} = {named.get(role, role)}" for value, role in about.get("role_map") or ()]
    values = {
        **about, "name": said.name if said else held.name, "position": said.position if said else held.position,
        "is_active": said.is_active if said else held.is_active, "domains": ", ".join(about.get("domains") or ()),
        "role_map": about.get("role_lines", "\n".join(lines)),
        "team": forms.titled("teams", about["team"]) if about.get("team") else "",
        "keeper": forms.titled("users", about["keeper"]) if about.get("keeper") else "",
        "metadata": request.POST.get("metadata", ""),
    }  # fmt: skip
    ours, acs = speaking.places(base(request), held.key)
    return shown(
        request, "provider", held=held, kind=KINDS[held.kind], values=values, errors=said.errors if said else {},
        status=422 if said and said.errors else 200, ours=ours, acs=acs, returns=base(request) + held.leave + "/back",
        certificates=renewing.certificates(held), roles=list(named.items()), tried=_tried(held, named),
        may_force=held.may_force(), secured=base(request).startswith("https://"),
    )  # fmt: skip


def _tried(held: Provider, named: dict[str, str]) -> dict[str, Any] | None:
    """What the last try came to, step by step."""
    told = held.tried
    if not told.get("at"):
        return None
    steps = [code for code, _step in answering.STEPS] if held.kind == SAML else ["browser", "token"]
    passed = set(told.get("passed") or ())
    broke = "" if told.get("good") else next((code for code in steps if code not in passed), "")
    checks = [
        {"words": str(CHECKS[code]), "state": "good" if code in passed else "bad" if code == broke else "open"}
        for code in steps
    ]  # fmt: skip
    return {
        **told, "checks": checks, "how": str(HOWS.get(told.get("how", ""), "")),
        "roles": [named.get(role, role) for role in told.get("roles") or ()],
        "said": sorted((told.get("said") or {}).items()),
    }  # fmt: skip


@administers
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """It vouches for nobody any more."""
    held = _held(key)
    if held.is_fixed:
        raise Refused(_("This provider is set up by the environment of the installation."))
    try:
        providers.remove(held, str(current().id), visitor(request))
    except upholding.NobodyLeft as nobody:
        raise Refused(nobody) from nobody
    return HttpResponseRedirect(f"{WHERE}?done=removed")
