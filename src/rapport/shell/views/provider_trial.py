"""Trying a provider: an administrator signs in there, and sees what came back instead of coming in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from rapport.platform.actor import LEVELS
from rapport.platform.clock import now
from rapport.platform.identity import providers, sign_ins, vouching
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.vouched import Person, ProviderFailed
from rapport.platform.web.visitor import visitor
from rapport.shell import arriving

MOST, LONGEST = 60, 300


def who(request: HttpRequest) -> str:
    """The administrator who tries it; empty when this is none."""
    entry = request.entry  # type: ignore[attr-defined]
    if entry is None or entry.actor.viewer or entry.actor.level("user", "change") < LEVELS["all"]:
        return ""
    return str(entry.user)


def note(held: Provider, person: Person, passed: list[str]) -> None:
    """What came back is kept until the next try, for administrators alone."""
    found = vouching.found(person, held)
    new = found.how == "new"
    told: dict[str, Any] = {
        "good": True, "at": now().isoformat(), "passed": passed, "subject": person.subject[:LONGEST],
        "email": person.email, "name": person.name, "strongly": person.strongly, "how": found.how,
        "user": {"id": found.user.id, "title": found.user.name} if found.user else None,
        "roles": sorted(arriving.roles_of(held, person)) if new else sorted(arriving.mapped(held, person.said)),
        "said": {
            name[:LONGEST]: [value[:LONGEST] for value in values[:20]]
            for name, values in list(person.said.items())[:MOST]
        },
    }  # fmt: skip
    providers.note_try(held.key, told)


def failed(held: Provider, problem: ProviderFailed, passed: list[str] | None = None) -> HttpResponse:
    """It did not work: why, and how far it came."""
    told: dict[str, Any] = {"good": False, "at": now().isoformat(), "code": problem.code, "reason": str(problem)[:500]}
    told["passed"] = passed or []
    if not held.is_fixed:
        providers.note_try(held.key, told)
    return _to(held)


def came(request: HttpRequest, held: Provider, user: str, person: Person) -> HttpResponse:
    """It worked, and it is the administrator who tries it that has come back."""
    if who(request) == user and not held.is_fixed:
        if held.kind == providers.OIDC:
            note(held, person, ["browser", "token"])
        sign_ins.record("provider_tried", None, visitor(request), actor=user, about=held.name)
    return _to(held)


def _to(held: Provider) -> HttpResponse:
    return HttpResponseRedirect(f"/security/providers/{held.key}?done=tried#tried", status=303)
