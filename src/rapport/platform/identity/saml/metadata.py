"""Metadata: what a provider says of itself, and what we say of ourselves to it."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rapport.platform import lazy, outgoing
from rapport.platform.clock import now
from rapport.platform.identity.saml import keys, reading
from rapport.platform.identity.saml.reading import BINDING, PROTOCOL, children, name, parsed, text_of
from rapport.platform.identity.vouched import ProviderFailed

etree = lazy("lxml.etree")
LARGEST = 2 << 20
REDIRECT = BINDING + "HTTP-Redirect"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_DURATION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider's metadata says: its name, where people go, its certificates, whether it wants signatures."""

    entity: str
    sso: str
    certificates: tuple[str, ...]
    wants_signed: bool

    def about(self) -> dict[str, Any]:
        """As the settings of a provider hold it."""
        return {
            "entity": self.entity, "sso": self.sso, "certificates": list(self.certificates),
            "wants_signed": self.wants_signed,
        }  # fmt: skip


def read(text: bytes) -> Told:
    """A provider's metadata; raises ProviderFailed with what is wrong with it."""
    root = parsed(text.removeprefix(b"\xef\xbb\xbf").strip(), LARGEST, strict=False)
    if root.tag == name("md:EntitiesDescriptor"):
        providers = [each for each in root.iter(name("md:EntityDescriptor")) if children(each, "md:IDPSSODescriptor")]
        if len(providers) != 1:
            raise ProviderFailed(f"it describes {len(providers)} providers; give the metadata of one", "metadata")
        root = providers[0]
    if root.tag != name("md:EntityDescriptor") or not children(root, "md:IDPSSODescriptor"):
        raise ProviderFailed("it is no metadata of an identity provider", "metadata")
    if (until := moment(root.get("validUntil"))) is not None and until <= now():
        raise ProviderFailed("it says that it is no longer valid", "metadata")
    described = children(root, "md:IDPSSODescriptor")[0]
    entity, sso = (root.get("entityID") or "").strip(), _address(described)
    if not entity or len(entity) > 1024:
        raise ProviderFailed("it names no entity", "metadata")
    wants = described.get("WantAuthnRequestsSigned") in ("true", "1")
    return Told(entity, sso, _certificates(described), wants)


def _address(described: Any) -> str:
    """Where people are sent."""
    found = [each for each in children(described, "md:SingleSignOnService") if each.get("Binding") == REDIRECT]
    if not found:
        raise ProviderFailed("it offers no sign-in by HTTP-Redirect", "metadata")
    address = (found[0].get("Location") or "").strip()
    parts = urlsplit(address)
    near = parts.hostname in ("127.0.0.1", "localhost")
    if not (parts.scheme == "https" or (parts.scheme == "http" and near)) or not parts.hostname:
        raise ProviderFailed(f"people would be sent to {address[:100]}, which is not https", "metadata")
    return address


def _certificates(described: Any) -> tuple[str, ...]:
    """Those that it signs with, each once."""
    found: list[str] = []
    for each in children(described, "md:KeyDescriptor"):
        if each.get("use") in (None, "", "signing"):
            for held in each.iter(name("ds:X509Certificate")):
                found.append(keys.known(text_of(held)).text)
    if not found:
        raise ProviderFailed("it holds no certificate to know its signatures by", "metadata")
    return tuple(dict.fromkeys(found))[:10]


def fetched(url: str) -> Told:
    """The metadata at an address, which may not lie in our own network; raises ProviderFailed."""
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        raise ProviderFailed("the address of the metadata is not https", "metadata")
    try:
        answer = outgoing.get(url, LARGEST + 1)
    except outgoing.Unreachable as error:
        raise ProviderFailed(f"{urlsplit(url).hostname} does not answer: {error}", "unreachable") from error
    if answer.status != 200:
        raise ProviderFailed(f"{urlsplit(url).hostname} answers with status {answer.status}", "unreachable")
    return read(answer.text.encode())


def moment(text: str | None) -> dt.datetime | None:
    """A moment of SAML; None when it is absent. Raises ProviderFailed for what is none."""
    if text is None:
        return None
    if not _DURATION.fullmatch(text):
        raise ProviderFailed(f"“{text[:40]}” is no moment", "time")
    found = dt.datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def ours(entity: str, acs: str, certificate: str, signs: bool) -> bytes:
    """What we say of ourselves: who we are, where answers go, the key for signatures and secrets."""
    make = etree.Element
    root = make(name("md:EntityDescriptor"), {"entityID": entity}, nsmap={"md": reading.NAMES["md"]})
    us = etree.SubElement(
        root, name("md:SPSSODescriptor"),
        {"AuthnRequestsSigned": str(signs).lower(), "WantAssertionsSigned": "true",
         "protocolSupportEnumeration": PROTOCOL},
    )  # fmt: skip
    for use in ("signing", "encryption"):
        key = etree.SubElement(us, name("md:KeyDescriptor"), {"use": use})
        info = etree.SubElement(key, name("ds:KeyInfo"), nsmap={"ds": reading.NAMES["ds"]})
        data = etree.SubElement(info, name("ds:X509Data"))
        etree.SubElement(data, name("ds:X509Certificate")).text = certificate
        if use == "encryption":
            for method in ("http://www.w3.org/2009/xmlenc11#aes256-gcm", reading.NAMES["xenc"] + "rsa-oaep-mgf1p"):
                etree.SubElement(key, name("md:EncryptionMethod"), {"Algorithm": method})
    for form in (PERSISTENT, EMAIL):
        etree.SubElement(us, name("md:NameIDFormat")).text = form
    etree.SubElement(
        us, name("md:AssertionConsumerService"),
        {"Binding": BINDING + "HTTP-POST", "Location": acs, "index": "0", "isDefault": "true"},
    )  # fmt: skip
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
