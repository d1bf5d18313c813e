"""The answer of a provider: read step by step, and believed only when every step is well.

What is read after the signature is what was signed, and nothing else of the document.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rapport.platform.clock import now
from rapport.platform.identity.saml import deciphering, signatures
from rapport.platform.identity.saml.metadata import TRANSIENT, moment
from rapport.platform.identity.saml.reading import LARGEST, NAMES, children, name, only, parsed, text_of
from rapport.platform.identity.vouched import ProviderFailed

SKEW = dt.timedelta(seconds=60)
OLDEST = dt.timedelta(minutes=10)
LONGEST = dt.timedelta(hours=24)  # how long an assertion is remembered at most
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


@dataclass(frozen=True, slots=True)
class Setup:
    """What an answer is held against: who the provider is, who we are, our key. ``unasked``: it may come by itself."""

    entity: str
    certificates: list[str]
    ours: str
    acs: str
    key: str
    unasked: bool = False


@dataclass(slots=True)
class Answer:
    """An answer on its way through the steps; ``passed``: the steps that were well."""

    setup: Setup
    text: str
    passed: list[str] = field(default_factory=list)
    response: Any = None
    assertion: Any = None
    confirmed: Any = None
    asked: str = ""  # the question that it answers; empty when it came by itself
    until: dt.datetime = field(default_factory=now)
    subject: str = ""
    said: dict[str, list[str]] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What the assertion calls itself."""
        return str(self.assertion.get("ID"))

    @property
    def form(self) -> str:
        """The kind of name that it calls the person by."""
        named = self.assertion.find(f"{name('saml:Subject')}/{name('saml:NameID')}")
        return "" if named is None else str(named.get("Format") or "")


def _form(told: Answer) -> None:
    """It can be read at all."""
    if len(told.text) > LARGEST * 3 // 2:
        raise ProviderFailed(f"it is larger than {LARGEST >> 10} kB", "form")
    try:
        plain = base64.b64decode("".join(told.text.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ProviderFailed("it is not written in base64", "form") from error
    told.response = parsed(plain)


def _layout(told: Answer) -> None:
    """Its parts stand where they belong."""
    signatures.lay_out(told.response)
    told.asked = told.response.get("InResponseTo") or ""


def _status(told: Answer) -> None:
    """The provider says that it went well."""
    code = only(only(told.response, "samlp:Status", "status"), "samlp:StatusCode", "status")
    if code.get("Value") != SUCCESS:
        inner = next((str(each.get("Value")) for each in children(code, "samlp:StatusCode")), "")
        raise ProviderFailed(f"the provider says no: {(inner or str(code.get('Value'))).rpartition(':')[2]}", "status")


def _signature(told: Answer) -> None:
    """The provider has signed the answer, or the assertion in it, and every signature is good."""
    known, whole = told.setup.certificates, signatures.is_signed(told.response)
    if whole:
        told.response = signatures.signed(told.response, known)
    sealed = children(told.response, "saml:EncryptedAssertion")
    if sealed:
        told.assertion = deciphering.opened(sealed[0], told.setup.key)
        signatures.lay_out_assertion(told.assertion)
    else:
        told.assertion = only(told.response, "saml:Assertion", "layout")
    if signatures.is_signed(told.assertion):
        told.assertion = signatures.signed(told.assertion, known)
    elif not whole:
        raise ProviderFailed("neither the answer nor its assertion is signed", "signature")


def _issuer(told: Answer) -> None:
    """It is this provider that speaks, in SAML 2.0."""
    for each in (told.response, told.assertion):
        if each.get("Version") != "2.0":
            raise ProviderFailed("it is not in SAML 2.0", "form")
    issuers = [text_of(each) for each in children(told.response, "saml:Issuer")]
    issuers.append(text_of(only(told.assertion, "saml:Issuer", "issuer")))
    if any(each != told.setup.entity for each in issuers):
        raise ProviderFailed(f"it comes from {issuers[-1][:100]}, not from {told.setup.entity[:100]}", "issuer")


def _destination(told: Answer) -> None:
    """It was sent to us."""
    to = told.response.get("Destination")
    if to is not None and to != told.setup.acs:
        raise ProviderFailed(f"it was sent to {to[:100]}", "destination")


def _asked(told: Answer) -> None:
    """It answers a question of ours; which browser asked it is looked at when the browser comes back."""
    named = {each.get("InResponseTo") or "" for each in told.assertion.iter(name("saml:SubjectConfirmationData"))}
    if named - {told.asked}:
        raise ProviderFailed("its parts answer different questions", "asked")
    if not told.asked and not told.setup.unasked:
        raise ProviderFailed("nobody here has asked; sign-in may not begin at the provider", "asked")


def _recipient(told: Answer) -> None:
    """Whoever brings it is confirmed as the person, here and now."""
    subject = only(told.assertion, "saml:Subject", "subject")
    bearers = [each for each in children(subject, "saml:SubjectConfirmation") if each.get("Method") == BEARER]
    if len(bearers) != 1:
        raise ProviderFailed(f"it holds {len(bearers)} confirmations for the bearer, not one", "recipient")
    told.confirmed = only(bearers[0], "saml:SubjectConfirmationData", "recipient")
    if told.confirmed.get("Recipient") != told.setup.acs:
        raise ProviderFailed(f"it is meant for {str(told.confirmed.get('Recipient'))[:100]}", "recipient")


def _audience(told: Answer) -> None:
    """It is for us."""
    limits = only(told.assertion, "saml:Conditions", "audience")
    groups = children(limits, "saml:AudienceRestriction")
    meant = [[text_of(each) for each in children(group, "saml:Audience")] for group in groups]
    if not groups or any(told.setup.ours not in each for each in meant):
        raise ProviderFailed(f"it is for {str(meant)[:120]}, not for us", "audience")


def _time(told: Answer) -> None:
    """It holds now, within a minute."""
    limits = only(told.assertion, "saml:Conditions", "time")
    statement = children(told.assertion, "saml:AuthnStatement")
    if not statement:
        raise ProviderFailed("it does not say that anybody has signed in", "subject")
    for part in (told.confirmed, limits):
        _holds(moment(part.get("NotBefore")), moment(part.get("NotOnOrAfter")))
    _holds(None, moment(statement[0].get("SessionNotOnOrAfter")))
    end = moment(told.confirmed.get("NotOnOrAfter"))
    if end is None:
        raise ProviderFailed("it does not say how long it holds", "time")
    issued = moment(told.assertion.get("IssueInstant"))
    if issued is None or not now() - OLDEST - SKEW <= issued <= now() + SKEW:
        raise ProviderFailed(f"it was made at {issued}; now it is {now()}", "time")
    told.until = min(end, now() + LONGEST) + SKEW


def _holds(begins: dt.datetime | None, ends: dt.datetime | None) -> None:
    if begins is not None and begins > now() + SKEW:
        raise ProviderFailed(f"it holds only from {begins} on; now it is {now()}", "time")
    if ends is not None and ends <= now() - SKEW:
        raise ProviderFailed(f"it held until {ends}; now it is {now()}", "time")


def _subject(told: Answer) -> None:
    """It says who it is, and what there is to say of him."""
    named = only(told.assertion, "saml:Subject", "subject").find(name("saml:NameID"))
    told.subject = "" if named is None or told.form == TRANSIENT else text_of(named)
    for statement in children(told.assertion, "saml:AttributeStatement"):
        for each in children(statement, "saml:Attribute"):
            values = [text_of(value) for value in children(each, "saml:AttributeValue")]
            told.said.setdefault(str(each.get("Name")), []).extend(filter(None, values))
    told.contexts = [text_of(each) for each in told.assertion.iter(f"{{{NAMES['saml']}}}AuthnContextClassRef")]


STEPS: tuple[tuple[str, Callable[[Answer], None]], ...] = (
    ("form", _form), ("layout", _layout), ("status", _status), ("signature", _signature), ("issuer", _issuer),
    ("destination", _destination), ("asked", _asked), ("recipient", _recipient), ("audience", _audience),
    ("time", _time), ("subject", _subject),
)  # fmt: skip


def go_through(told: Answer) -> None:
    """Take every step; raises ProviderFailed at the first that is not well."""
    for code, step in STEPS:
        step(told)
        told.passed.append(code)
