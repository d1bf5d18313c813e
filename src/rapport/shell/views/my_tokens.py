"""One's own API tokens: made, shown once, revoked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.platform.actor import current
from rapport.platform.clock import now, wire
from rapport.platform.identity import access, sign_ins, tokens
from rapport.platform.identity.models import ApiToken
from rapport.platform.web.visitor import visitor
from rapport.shell.views.frame import page
from rapport.shell.views.my_account import back, me, proven, shown

WHERE = "/account/tokens"
SCOPES = {
    "read": (_l("Read"), _l("Sees what you see, changes nothing.")),
    "write": (_l("Read and write"), _l("Sees and changes what you may.")),
    "admin": (_l("Administer"), _l("Besides gives people roles, and roles rights.")),
}
SPANS = (("30", _l("30 days")), ("90", _l("90 days")), ("365", _l("One year")), ("", _l("Never")))


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The tokens that are good, and those that ran out."""
    return _listed(request)


def _listed(request: HttpRequest, secret: str = "", name: str = "") -> HttpResponse:
    held = [_told(each) for each in tokens.of(str(current().id))]
    return shown(
        request, "shell/account_tokens.jinja", _("API tokens"), "tokens", tokens=held, secret=secret, name=name,
        done=request.GET.get("done"), address=request.build_absolute_uri("/api/v1/parties?limit=5"),
        assistants=request.build_absolute_uri("/mcp"),
    )  # fmt: skip


def _offered() -> dict[str, tuple[Any, Any]]:
    """What a token may be for: what its user may do himself."""
    administers = current().may("role", "change") and current().may("user", "change")
    return {key: told for key, told in SCOPES.items() if key != "admin" or administers}


def _told(token: ApiToken) -> dict[str, Any]:
    ends = token.expires_at
    scope, _help = SCOPES.get(token.scope, SCOPES["write"])
    return {
        "id": token.id, "name": token.name, "scope": str(scope), "seen": wire(token.seen_at),
        "ends": wire(ends), "over": ends is not None and ends <= now(),
    }  # fmt: skip


@page
@proven
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a token; the answer shows it, once."""
    values = {name: request.POST.get(name, "").strip() for name in ("name", "scope", "days")}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        if not values["name"]:
            errors["name"] = [_("This is needed.")]
        if values["scope"] not in _offered() or values["days"] not in dict(SPANS):
            errors["scope"] = [_("Choose one.")]
        if not errors:
            user, days = me(), int(values["days"]) if values["days"] else None
            secret = access.make_token(user, values["name"][:100], values["scope"], tokens.expires_in(days))
            sign_ins.record("token_made", user.id, visitor(request), about=values["name"])
            return _listed(request, secret, values["name"])
    else:
        values = {"name": "", "scope": "write", "days": "90"}
    scopes = [{"value": key, "label": str(label), "help": str(text)} for key, (label, text) in _offered().items()]
    return shown(
        request, "shell/account_token.jinja", _("New API token"), "tokens", status=422 if errors else 200,
        values=values, errors=errors, scopes=scopes, spans=[(key, str(label)) for key, label in SPANS],
    )  # fmt: skip


@page
@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """A token is worth nothing from now on."""
    user = str(current().id)
    gone = tokens.revoke(user, number)
    if gone is not None:
        sign_ins.record("token_revoked", user, visitor(request), about=gone.name)
    return back(WHERE, "revoked")
