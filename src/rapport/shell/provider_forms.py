"""What an administrator says of a provider: read from the form, checked, with an error at each field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.platform.actor import LEVELS, current
from rapport.platform.clock import now
from rapport.platform.identity import access, accounts, oidc, roles
from rapport.platform.identity.providers import OIDC, Provider
from rapport.platform.identity.saml import metadata
from rapport.platform.identity.vouched import ProviderFailed
from rapport.records import registry, rows
from rapport.records.errors import Problem
from rapport.shell import arriving

TEXTS = ("label", "role_attribute", "role", "team", "keeper")
SWITCHES = ("forced", "makes", "role_follows", "role_admin")
OF_KIND = {
    OIDC: (("issuer", "client"), ()),
    "saml": (("subject_attribute", "email_attribute", "name_attribute", "metadata_url"), ("signs", "unasked")),
}
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}")
LONGEST, LINES = 500, 200


@dataclass
class Said:
    """What the form says: the settings, and what is wrong by field."""

    name: str
    is_active: bool
    position: int
    about: dict[str, Any]
    secrets: dict[str, str]
    errors: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, name: str, words: str) -> None:
        """There is something wrong with a field."""
        self.errors.setdefault(name, []).append(words)


def read(request: HttpRequest, held: Provider) -> Said:
    """The form, checked; what a provider tells of itself is fetched where that is asked for."""
    given = request.POST
    texts, switches = OF_KIND[held.kind]
    about = dict(held.about)
    about |= {name: given.get(name, "").strip()[:LONGEST] for name in (*TEXTS, *texts)}
    about |= {name: given.get(name) == "on" for name in (*SWITCHES, *switches)}
    position = given.get("position", "0")
    said = Said(
        given.get("name", "").strip()[:80], given.get("is_active") == "on",
        int(position) if position.isascii() and position.isdigit() and len(position) < 5 else 0, about, held.secrets,
    )  # fmt: skip
    if not said.name:
        said.wrong("name", _("This is needed."))
    _domains(said, given)
    (_oidc if held.kind == OIDC else _saml)(said, held, request)
    _roles(said, given)
    _team(said)
    if said.about["forced"]:
        _forced(said, held)
    return said


def _domains(said: Said, given: Mapping[str, str]) -> None:
    words = [each.lower().lstrip("@") for each in re.split(r"[\s,;]+", given.get("domains", "")) if each]
    said.about["domains"] = list(dict.fromkeys(words))[:100]
    bad = [each for each in words if not DOMAIN.fullmatch(each)]
    if bad:
        said.wrong("domains", _("“%(word)s” is no domain such as example.com.") % {"word": bad[0]})


def _oidc(said: Said, held: Provider, request: HttpRequest) -> None:
    if secret := request.POST.get("secret", "").strip():
        said.secrets = {**said.secrets, "secret": secret[:LONGEST]}
    for name in ("issuer", "client"):
        if said.is_active and not said.about[name]:
            said.wrong(name, _("This is needed before the provider is switched on."))
    if said.about["issuer"] and said.about["issuer"] != held.about.get("issuer"):
        try:
            oidc.check(said.about["issuer"])
        except ProviderFailed as problem:
            said.wrong("issuer", _("This provider cannot be used: %(why)s.") % {"why": problem})


def _saml(said: Said, held: Provider, request: HttpRequest) -> None:
    """The provider's metadata: a file, pasted, or from an address."""
    file, pasted = request.FILES.get("metadata_file"), request.POST.get("metadata", "").strip()
    url, place = said.about["metadata_url"], "metadata"
    try:
        if file is not None:
            place = "metadata_file"
            told = metadata.read(file.read(metadata.LARGEST + 1))
        elif pasted:
            told = metadata.read(pasted.encode())
        elif url and (url != held.about.get("metadata_url") or not held.about.get("entity")):
            place = "metadata_url"
            told = metadata.fetched(url)
        else:
            told = None
    except ProviderFailed as problem:
        said.wrong(place, _("This metadata cannot be used: %(why)s.") % {"why": problem})
        return
    if told is not None:
        said.about |= {**told.about(), "metadata_at": now().isoformat(), "metadata_problem": ""}
    if said.is_active and not said.about.get("entity"):
        said.wrong("metadata", _("Give the provider's metadata before the provider is switched on."))


def _roles(said: Said, given: Mapping[str, str]) -> None:
    """Lines “value = role”; nobody has given what he could not give himself."""
    lines = [line.strip() for line in given.get("role_map", "").splitlines() if line.strip()][:LINES]
    said.about["role_lines"] = "\n".join(lines)
    found: list[list[str]] = []
    for line in lines:
        value, equals, called = line.rpartition("=")
        role = roles.called(called.strip()) if equals and value.strip() else None
        if role is None:
            said.wrong("role_map", _("“%(line)s”: write a value, = and the name of a role.") % {"line": line[:80]})
        else:
            found.append([value.strip(), role["key"]])
    said.about["role_map"] = found
    if found and not said.about["role_attribute"]:
        said.wrong("role_attribute", _("Name the attribute that holds these values."))
    usual = said.about["role"]
    if usual and roles.called(usual) is None:
        said.wrong("role", _("There is no such role."))
    mapped = [role for _value, role in found if said.about["role_admin"] or role != "admin"]
    for name, given_roles in (("role", [usual] if usual else []), ("role_map", mapped)):
        if arriving.beyond(given_roles, current()):
            said.wrong(name, _("Nobody gives more than he has: this role may do more than you."))
    if usual == "admin" and not said.about["role_admin"]:
        said.wrong("role", _("Nobody becomes administrator by signing in, unless that is allowed below."))


def _team(said: Said) -> None:
    try:
        if said.about["team"]:
            rows.load(registry.get("team"), said.about["team"], current())
    except Problem:
        said.wrong("team", _("There is no such team."))


def _forced(said: Said, held: Provider) -> None:
    """Nobody is locked out: it has been tried, and an administrator keeps his password."""
    if not said.about["domains"]:
        said.wrong("domains", _("Name the domains whose people must use this provider."))
    if not said.is_active:
        said.wrong("forced", _("Switch the provider on first."))
    if not held.may_force():
        said.wrong("forced", _("Try the provider first: nobody should be locked out by a setting that does not work."))
    user = accounts.by_id(said.about["keeper"]) if said.about["keeper"] else None
    levels = access.actor_of(user) if user is not None and user.password else None
    if levels is None or any(levels.level(each, "change") < LEVELS["all"] for each in ("user", "role")):
        said.wrong("keeper", _("Choose an administrator with a password: the way in when the provider fails."))
