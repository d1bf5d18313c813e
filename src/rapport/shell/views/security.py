"""For administrators: what happened at the doors, who has a second factor, and which roles must have one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.platform.actor import LEVELS, current
from rapport.platform.identity import accounts, factors, people, sessions, sign_ins
from rapport.platform.identity.models import User
from rapport.platform.identity.saml import renewing
from rapport.platform.keys import parse_key
from rapport.platform.web.visitor import visitor
from rapport.records.errors import BadQuery, Forbidden, NotFound
from rapport.shell import happenings
from rapport.shell.views.frame import context, is_fragment, page, render, with_query
from rapport.shell.views.my_account import back, proven

WHERE = "/security"
SHOWN, PEOPLE = 50, 100


def _administrator() -> None:
    if current().level("user", "change") < LEVELS["all"]:
        raise Forbidden(_("Only administrators look after sign-in."))


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadQuery(_("There is no such place in this list."))
    return int(text)


@page
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """What happened, newest first; ``kind`` narrows it."""
    _administrator()
    kind, after = request.GET.get("kind", ""), _number(request.GET.get("after"))
    found = sign_ins.everybody(SHOWN + 1, after, kind)
    more = with_query(request, after=str(found[SHOWN - 1]["id"])) if len(found) > SHOWN else None
    rows = [happenings.told(each) for each in found[:SHOWN]]
    kinds = [(key, str(words)) for key, (words, _icon, _tone) in happenings.KINDS.items()]
    return shown(
        request, "events", rows=rows, next_url=more, kind=kind, kinds=kinds, after=after,
        block="rows" if is_fragment(request) and after else None,
    )  # fmt: skip


@page
@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """Who has a second factor; ``q`` finds by name or e-mail."""
    _administrator()
    sought = request.GET.get("q", "").strip()[:100]
    found = people.guarded(sought, PEOPLE + 1)
    return shown(request, "people", people=found[:PEOPLE], q=sought, cut=len(found) > PEOPLE)


@page
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Which roles must have a second factor."""
    _administrator()
    own = factors.standing(str(current().id))
    return shown(request, "roles", roles=factors.demands(), ready=own.on or own.passkeys > 0)


def shown(
    request: HttpRequest, tab: str, *, block: str | None = None, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    """A page of this area, with what its administrators should know before it fails."""
    tabs = [
        {"label": label, "url": url, "current": tab.startswith(key.removesuffix("s"))}
        for key, label, url in (
            ("events", _("Sign-ins"), WHERE),
            ("people", _("People"), f"{WHERE}/people"),
            ("roles", _("Roles"), f"{WHERE}/roles"),
            ("providers", _("Providers"), f"{WHERE}/providers"),
        )
    ]
    values = context(request, _("Sign-in and security"), tabs=tabs, done=request.GET.get("done"), **more)
    values["ending"] = [{"held": held, "known": known} for held, known in renewing.ending()] if block is None else []
    return render(request, f"shell/security_{tab}.jinja", values, block=block, status=status)


def _user(key: str) -> User:
    _administrator()
    user = accounts.by_id(key) if parse_key(key) else None
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


@page
@proven
@require_POST
def end_sessions(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody's device was lost or he has left: he is out everywhere (this very session stays)."""
    user = _user(key)
    if sessions.end_all(user.id, but=request.entry.session):  # type: ignore[attr-defined]
        sign_ins.record("sessions_ended", user.id, visitor(request), actor=current().id)
    return back(f"{WHERE}/people", "ended")


@page
@proven
@require_POST
def reset(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody lost his second factor: it is gone, and his sessions with it; passkeys stay his own affair."""
    user = _user(key)
    if factors.switch_off(user.id):
        sessions.end_all(user.id, but=request.entry.session)  # type: ignore[attr-defined]
        sign_ins.record("second_factor_reset", user.id, visitor(request), actor=current().id)
    return back(f"{WHERE}/people", "reset")


@page
@proven
@require_POST
def demand(request: HttpRequest, role: str) -> HttpResponse:
    """Demand a second factor of a role, or no more; nobody shuts himself out."""
    _administrator()
    wanted, own = request.POST.get("wanted") == "on", factors.standing(str(current().id))
    known = {key: name for key, name, _now in factors.demands()}
    if role not in known:
        raise NotFound(_("There is no such role."))
    if wanted and not (own.on or own.passkeys):
        return back(f"{WHERE}/roles", "first")
    factors.demand(role, wanted)
    kind = "role_demands" if wanted else "role_demands_no_more"
    sign_ins.record(kind, None, visitor(request), actor=current().id, about=known[role])
    return back(f"{WHERE}/roles", "demanded")
