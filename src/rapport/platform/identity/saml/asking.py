"""The question to the provider: who is this? It goes with the browser (HTTP-Redirect)."""

import base64
import secrets
import zlib
from typing import Any
from urllib.parse import quote, urlsplit

from rapport.platform import lazy
from rapport.platform.clock import now
from rapport.platform.identity.saml import keys, reading
from rapport.platform.identity.saml.reading import BINDING, name
from rapport.platform.identity.vouched import ProviderFailed

etree = lazy("lxml.etree")
padding = lazy("cryptography.hazmat.primitives.asymmetric.padding")
hashes = lazy("cryptography.hazmat.primitives.hashes")
SIGNED_BY = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def new_id() -> str:
    """The number of a question, which nobody can guess; an answer names it."""
    return f"_{secrets.token_hex(20)}"


def address(about: dict[str, Any], number: str, ours: str, acs: str, pem: str) -> str:
    """Where the browser goes with the question; signed where the provider or the set-up wants that."""
    where = str(about.get("sso", ""))
    if not where:
        raise ProviderFailed("its metadata has not been given yet", "metadata")
    asked = etree.Element(
        name("samlp:AuthnRequest"),
        {
            "ID": number, "Version": "2.0", "IssueInstant": now().strftime("%Y-%m-%dT%H:%M:%SZ"), "Destination": where,
            "AssertionConsumerServiceURL": acs, "ProtocolBinding": BINDING + "HTTP-POST",
        },
        nsmap={"samlp": reading.NAMES["samlp"], "saml": reading.NAMES["saml"]},
    )  # fmt: skip
    etree.SubElement(asked, name("saml:Issuer")).text = ours
    etree.SubElement(asked, name("samlp:NameIDPolicy"), {"AllowCreate": "true"})
    packed = zlib.compressobj(wbits=-15)
    deflated = packed.compress(etree.tostring(asked)) + packed.flush()
    query = f"SAMLRequest={_quoted(deflated)}"
    if about.get("wants_signed") or about.get("signs"):
        query += f"&SigAlg={quote(SIGNED_BY, safe='')}"
        signature = keys.private(pem).sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
        query += f"&Signature={_quoted(signature)}"
    return where + ("&" if urlsplit(where).query else "?") + query


def _quoted(data: bytes) -> str:
    return quote(base64.b64encode(data), safe="")
