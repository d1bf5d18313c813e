"""Between a provider as it is set up and the protocol: our addresses, the question, the person in an answer."""

import hashlib
import re
import secrets
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from rapport.platform import db
from rapport.platform.identity.provider_models import SeenAssertion
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.saml import asking, keys, metadata
from rapport.platform.identity.saml.answering import Answer, Setup
from rapport.platform.identity.vouched import Person, ProviderFailed

TRIAL = "rapport.provider.trial"
# The usual attributes, by the last word of their name; or by its number.
EMAILS = ("email", "mail", "emailaddress", "0.9.2342.19200300.100.1.3")
NAMES = ("displayname", "name", "cn", "2.16.840.1.113730.3.1.241", "2.5.4.3")
GIVEN = ("givenname", "firstname", "2.5.4.42")
FAMILY = ("surname", "sn", "lastname", "2.5.4.4")
METHODS = ("http://schemas.microsoft.com/claims/authnmethodsreferences", "amr")
# What a provider says when it has asked for more than a password.
STRONG = {
    "https://refeds.org/profile/mfa", "http://schemas.microsoft.com/claims/multipleauthn", "mfa",
    *(f"urn:oasis:names:tc:SAML:2.0:ac:classes:{each}" for each in (
        "MobileTwoFactorContract", "MobileTwoFactorUnregistered", "TimeSyncToken", "SmartcardPKI",
    )),
}  # fmt: skip


def places(base: str, key: str) -> tuple[str, str]:
    """(what we are called, where answers go) towards a provider."""
    at = f"{base}/sign-in/provider/{key}"
    return f"{at}/metadata", f"{at}/acs"


def new_pair() -> tuple[dict[str, Any], dict[str, str]]:
    """A key of ours towards a new provider: (what is shown of it, what is secret)."""
    private, certificate = keys.pair("Rapport")
    return {"certificate": certificate}, {"key": private}


def described(held: Provider, base: str) -> bytes:
    """Our metadata for this provider."""
    ours, acs = places(base, held.key)
    signs = bool(held.about.get("wants_signed") or held.about.get("signs"))
    return metadata.ours(ours, acs, str(held.about.get("certificate", "")), signs)


def ask(held: Provider, base: str, trial: bool = False) -> tuple[str, str]:
    """(where the browser goes, the number of the question); that of a trial is known again."""
    number = asking.new_id()
    if trial:
        number = f"_t{secrets.token_hex(12)}"
        number += _mark(held, number)
    ours, acs = places(base, held.key)
    return asking.address(held.about, number, ours, acs, held.secrets.get("key", "")), number


def is_trial(held: Provider, number: str) -> bool:
    """Whether an answer is to a question of a trial of ours."""
    return number.startswith("_t") and constant_time_compare(number[26:], _mark(held, number[:26]))


def _mark(held: Provider, number: str) -> str:
    return salted_hmac(TRIAL, held.key + number, algorithm="sha256").hexdigest()[:20]


def heard(held: Provider, base: str, text: str) -> Answer:
    """An answer that has just come, to be gone through."""
    ours, acs = places(base, held.key)
    about = held.about
    certificates = [str(each) for each in about.get("certificates") or ()]
    setup = Setup(
        str(about.get("entity", "")), certificates, ours, acs, held.secrets.get("key", ""), bool(about.get("unasked"))
    )
    return Answer(setup, text)


def once(held: Provider, told: Answer) -> None:
    """The assertion opens the door this time and never again; raises ProviderFailed when it has before."""
    mark = hashlib.sha256(f"{held.key} {told.setup.entity} {told.mark}".encode()).hexdigest()
    try:
        with db.savepoint():
            SeenAssertion.objects.create(digest=mark, until=told.until)
    except db.IntegrityError as error:
        raise ProviderFailed("it has been used before", "once") from error


def person(held: Provider, told: Answer) -> Person:
    """Whom an answer that passed vouches for; raises ProviderFailed where it does not say who."""
    wanted = str(held.about.get("subject_attribute") or "")
    subject = _first(told.said, wanted) if wanted else told.subject
    if not subject:
        why = f"it does not tell “{wanted}”" if wanted else "it names the person by no lasting name"
        raise ProviderFailed(why, "subject")
    email = _usual(told.said, EMAILS)
    if held.about.get("email_attribute"):
        email = _named(held, "email_attribute", told.said)
    elif not email and (told.form == metadata.EMAIL or "@" in told.subject):
        email = told.subject
    called = _named(held, "name_attribute", told.said) or _usual(told.said, NAMES)
    called = called or f"{_usual(told.said, GIVEN)} {_usual(told.said, FAMILY)}".strip()
    hows = {*told.contexts, *(value for each in METHODS for value in told.said.get(each, ()))}
    return Person(held.issuer, subject[:1000], email[:254], called[:200], bool(STRONG & hows), told.said)


def _named(held: Provider, setting: str, said: dict[str, list[str]]) -> str:
    """The first value of the attribute that the set-up names."""
    return _first(said, str(held.about.get(setting) or ""))


def _first(said: dict[str, list[str]], name: str) -> str:
    return said[name][0] if said.get(name) else ""


def _usual(said: dict[str, list[str]], words: tuple[str, ...]) -> str:
    """The first value of the first of these attributes that is told, however its name begins."""
    told = {re.split(r"[/:]", name)[-1].lower(): values for name, values in said.items() if values}
    return next((told[each][0] for each in words if each in told), "")
