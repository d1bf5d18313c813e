"""The providers that vouch for people: which there are, what is set up for each, whom they let in.

Whoever changes one decides who is who. So they are no object of the engine, with its API, files and rights to give
away: they have one door, behind a password shown lately, and every change stands in the trace of sign-ins.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity import sealing, sign_ins, upholding
from rapport.platform.identity.models import User
from rapport.platform.identity.provider_models import SignInProvider
from rapport.platform.identity.sign_in_models import ExternalIdentity
from rapport.platform.identity.sign_ins import Visitor

OIDC, SAML = "oidc", "saml"
ENVIRONMENT = "environment"  # the one that the settings of the installation name
SALT = "rapport.providers"
MOST = 20


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``about``: its settings by name; ``secrets`` is read where it is needed, and never shown.

    Of both kinds: ``label`` (of the button), ``domains`` (whose people it vouches for), ``forced`` (they come in by no
    password), ``keeper`` (a user who still does), ``makes`` (accounts for people who come for the first time), ``role``
    and ``team`` they get, ``role_attribute`` and ``role_map`` [[value, role]], ``role_follows`` (also later),
    ``role_admin`` (also the administrator's). Those of a kind stand with its protocol.
    """

    key: str
    kind: str
    name: str
    is_active: bool
    position: int = 0
    about: dict[str, Any] = field(default_factory=dict)
    sealed: str = ""
    set_by: str | None = None
    tried: dict[str, Any] = field(default_factory=dict)

    @property
    def is_fixed(self) -> bool:
        """Set up by the environment: it is not changed here."""
        return self.key == ENVIRONMENT

    @property
    def label(self) -> str:
        """What the button calls it."""
        return str(self.about.get("label") or self.name)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains whose people it vouches for."""
        return tuple(self.about.get("domains") or ())

    @property
    def leave(self) -> str:
        """Where the button leads."""
        return "/sign-in/provider" + ("" if self.is_fixed else f"/{self.key}")

    @property
    def issuer(self) -> str:
        """The name under which it knows people."""
        return str(self.about.get("issuer", "")) if self.kind == OIDC else f"saml:{self.key}"

    @property
    def secrets(self) -> dict[str, str]:
        """What is secret; empty when it was sealed by another installation's secret."""
        found = sealing.opened(SALT, self.sealed) if self.sealed else None
        return dict(json.loads(found)) if found else {}

    def stands_for(self, email: str) -> bool:
        """Whether its word on an address is taken: SAML names its domains, OpenID Connect verifies addresses itself."""
        domain = domain_of(email)
        if not domain:
            return False
        return domain in self.domains if self.domains else self.kind == OIDC

    def may_force(self) -> bool:
        """Whether a sign-in with it has been tried with success since its last change."""
        return bool(self.tried.get("good"))


def domain_of(email: str) -> str:
    """The domain of an address, in small letters; empty when there is none."""
    name, at, domain = email.strip().lower().rpartition("@")
    return domain if at and name else ""


def listed() -> list[Provider]:
    """All of them: the environment's first, then in their order."""
    return [*_environment(), *map(_read, SignInProvider.objects.order_by("position", "id")[: MOST + 1])]


def offered() -> list[Provider]:
    """Those that people can sign in with."""
    return [each for each in listed() if each.is_active]


def one(key: str) -> Provider | None:
    """One of them."""
    if key == ENVIRONMENT:
        return next(iter(_environment()), None)
    found = SignInProvider.objects.filter(id=key).first() if len(key) == 32 and key.isalnum() else None
    return _read(found) if found is not None else None


def forced_for(email: str) -> Provider | None:
    """The provider that people of this address's domain must use, if one is forced."""
    domain = domain_of(email)
    return next((each for each in offered() if each.about.get("forced") and domain in each.domains), None)


def is_keeper(held: Provider, user: User) -> bool:
    """Whether this user may come in by password all the same, so that nobody is locked out when a provider fails."""
    return held.about.get("keeper") == user.id


def save(
    held: Provider | None, kind: str, name: str, *, is_active: bool, position: int, about: dict[str, Any],
    secrets: dict[str, str], by: str, visitor: Visitor,
) -> str:  # fmt: skip
    """Keep a provider as it is set up now; returns its key. What changes is written into the trace, secrets by name."""
    values: dict[str, Any] = {"name": name, "is_active": is_active, "position": position, "settings": about}
    if held is None or held.secrets != secrets:
        values["sealed"] = sealing.sealed(SALT, json.dumps(secrets))
    with db.transaction():
        if held is None:
            made = SignInProvider.objects.create(kind=kind, set_by_id=by, **values)
            sign_ins.record("provider_added", None, visitor, actor=by, about=name)
            return str(made.id)
        changed = _changed(held, name, is_active, about, secrets)
        if changed:
            values["tried"] = held.tried if set(changed) <= HARMLESS else {}
        SignInProvider.objects.filter(id=held.key).update(**values, set_by_id=by, updated_at=now())
        if changed:
            told = f"{name}: {', '.join(changed)}".replace("_", " ")
            sign_ins.record("provider_changed", None, visitor, actor=by, about=told)
    return held.key


# What may change without another try.
HARMLESS = {"name", "label", "on", "off", "forced", "keeper", "makes", "role", "team", "role_attribute", "role_map",
            "role_follows", "role_admin", "domains"}  # fmt: skip


def _changed(
    held: Provider, name: str, is_active: bool, about: dict[str, Any], secrets: dict[str, str]
) -> list[str]:  # fmt: skip
    """What is not as it was, by name."""
    found = [key for key in {**held.about, **about} if (held.about.get(key) or "") != (about.get(key) or "")]
    found += ["name"] * (held.name != name) + ["secret"] * (held.secrets != secrets)
    return sorted(found) + ["on" if is_active else "off"] * (held.is_active != is_active)


def amend(key: str, about: dict[str, Any]) -> None:
    """What the provider itself has told anew (its metadata), past the set-up of people."""
    with db.transaction():
        row = SignInProvider.objects.select_for_update().filter(id=key).first()
        if row is not None:
            row.settings = {**row.settings, **about}
            SignInProvider.objects.filter(id=key).update(settings=row.settings)


def note_try(key: str, told: dict[str, Any]) -> None:
    """How far the sign-in is that is being tried."""
    SignInProvider.objects.filter(id=key).update(tried=told)


def remove(held: Provider, by: str, visitor: Visitor) -> None:
    """It vouches for nobody any more, and whom it knew is forgotten; raises NobodyLeft."""
    with db.transaction():
        before = upholding.somebody()
        SignInProvider.objects.filter(id=held.key).delete()
        if all(each.issuer != held.issuer for each in listed()):
            ExternalIdentity.objects.filter(issuer=held.issuer).delete()
        upholding.demand(before)
        sign_ins.record("provider_removed", None, visitor, actor=by, about=held.name)


def _read(row: SignInProvider) -> Provider:
    return Provider(
        row.id, row.kind, row.name, row.is_active, row.position, row.settings, row.sealed,
        row.set_by_id, row.tried,
    )  # fmt: skip


def _environment() -> list[Provider]:
    """The provider of the environment settings, where they name one."""
    given = settings.OIDC
    if not (given["issuer"] and given["client"]):
        return []
    about = {"issuer": given["issuer"], "client": given["client"], "makes": bool(given["role"]), "role": given["role"]}
    return [Provider(ENVIRONMENT, OIDC, given["name"], True, -1, about)]
