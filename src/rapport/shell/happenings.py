"""Sessions and events of sign-in in words: which device it was, and what happened."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from rapport.platform.clock import now, wire
from rapport.platform.identity import devices
from rapport.platform.identity.models import Session

# What happened: words, icon, tone.
KINDS: dict[str, tuple[Any, str, str]] = {
    "signed_in": (_l("Signed in"), "log-in", ""),
    "failed": (_l("Sign-in failed"), "circle-x", "bad"),
    "wrong_code": (_l("Wrong code of the second factor"), "circle-x", "bad"),
    "recovery_code_used": (_l("Recovery code used"), "life-buoy", "warn"),
    "signed_out": (_l("Signed out"), "log-out", ""),
    "session_ended": (_l("Session ended"), "log-out", ""),
    "sessions_ended": (_l("Other sessions ended"), "log-out", ""),
    "password_changed": (_l("Password changed"), "key-round", ""),
    "password_wrong": (_l("Wrong password on confirming"), "circle-x", "bad"),
    "second_factor_on": (_l("Second factor switched on"), "shield-check", "good"),
    "second_factor_off": (_l("Second factor switched off"), "shield-off", "warn"),
    "second_factor_reset": (_l("Second factor reset"), "shield-off", "warn"),
    "recovery_codes_made": (_l("New recovery codes made"), "life-buoy", ""),
    "passkey_added": (_l("Passkey added"), "fingerprint", ""),
    "passkey_removed": (_l("Passkey removed"), "fingerprint", ""),
    "token_made": (_l("API token made"), "key-round", ""),
    "token_revoked": (_l("API token revoked"), "key-round", ""),
    "role_demands": (_l("Second factor demanded of a role"), "shield-check", ""),
    "role_demands_no_more": (_l("Second factor no longer demanded of a role"), "shield-off", "warn"),
    "provider_refused": (_l("Sign-in by provider refused"), "circle-x", "bad"),
    "password_refused": (_l("Password refused: a provider must be used"), "circle-x", "warn"),
    "provider_added": (_l("Sign-in provider added"), "log-in", ""),
    "provider_changed": (_l("Sign-in provider changed"), "log-in", ""),
    "provider_removed": (_l("Sign-in provider removed"), "log-in", "warn"),
    "provider_tried": (_l("Sign-in provider tried"), "log-in", ""),
    "account_made": (_l("Account made at first sign-in"), "user-round", ""),
    "invited": (_l("Link to set a password made"), "user-plus", ""),
    "invitation_used": (_l("Password set by link"), "user-check", ""),
    "roles_given": (_l("Roles given"), "shield", ""),
    "switched_off": (_l("Switched off"), "user-x", "warn"),
    "switched_on": (_l("Switched on again"), "user-check", ""),
    "view_as_began": (_l("Seen through this person's eyes"), "eye", "warn"),
    "view_as_ended": (_l("No longer seen through this person's eyes"), "eye", ""),
}
METHODS = {
    "passkey": _l("with a passkey"),
    "provider": _l("with single sign-on"), "provider+app": _l("with single sign-on and code"),
    "provider+recovery": _l("with single sign-on and recovery code"),
    "password": _l("with password"), "password+app": _l("with password and code"),
    "password+recovery": _l("with password and recovery code"),
}  # fmt: skip


def device(agent: str) -> str:
    """A browser in words: “Firefox on Windows”."""
    browser, system = devices.in_words(agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def session(held: Session, here: bool) -> dict[str, Any]:
    """A session as the page shows it; ``here``: the one that looks."""
    _browser, system = devices.in_words(held.agent)
    return {
        "id": held.id, "device": device(held.agent), "address": held.address, "here": here,
        "phone": system in ("iPhone", "Android"), "at": wire(held.created_at),
        "seen": wire(now() if here else held.seen_at or held.created_at),
    }  # fmt: skip


def told(event: dict[str, Any]) -> dict[str, Any]:
    """An event as the page shows it."""
    words, icon, tone = KINDS[event["kind"]]
    about = str(METHODS.get(event["about"], event["about"]))
    if about.startswith("passkey "):
        about = _("with passkey “%(name)s”") % {"name": about.removeprefix("passkey ")}
    return {
        **event, "at": wire(event["at"]), "words": str(words), "icon": icon, "tone": tone, "about": about,
        "device": device(event["agent"]) if event["agent"] else "",
    }  # fmt: skip
