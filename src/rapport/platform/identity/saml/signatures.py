"""Whether the provider has signed it: asked of signxml, of which only what was signed is read on.

Where signatures may stand is settled first, by the shape of the whole document: so nothing that is signed can be put
aside and something else be read in its place (signature wrapping).
"""

from typing import Any

from rapport.platform import lazy
from rapport.platform.identity.saml import keys
from rapport.platform.identity.saml.reading import alone, children, name, only
from rapport.platform.identity.vouched import ProviderFailed

signxml = lazy("signxml")
METHODS = (
    "RSA_SHA256", "RSA_SHA384", "RSA_SHA512", "ECDSA_SHA256", "ECDSA_SHA384", "ECDSA_SHA512",
    "SHA256_RSA_MGF1", "SHA384_RSA_MGF1", "SHA512_RSA_MGF1",
)  # fmt: skip
DIGESTS = ("SHA256", "SHA384", "SHA512")
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TAKEN = (ENVELOPED, EXCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")


def lay_out(response: Any) -> None:
    """One answer, one assertion in it, each with one signature at most, right below; raises ProviderFailed."""
    if response.tag != name("samlp:Response"):
        raise ProviderFailed(f"it is a {response.tag}, not an answer", "layout")
    inside = children(response, "saml:Assertion") + children(response, "saml:EncryptedAssertion")
    every = [*response.iter(name("saml:Assertion"), name("saml:EncryptedAssertion"))]
    if len(inside) != 1 or len(every) != 1 or next(response.iterdescendants(name("samlp:Response")), None) is not None:
        raise ProviderFailed(
            f"it holds {len(every)} assertions, {len(inside)} of them in their place, not one", "layout"
        )
    _signed_in_place(response, [response, *inside])


def lay_out_assertion(assertion: Any) -> None:
    """The same of an assertion that lay encrypted in an answer."""
    if next(assertion.iterdescendants(name("saml:Assertion"), name("samlp:Response")), None) is not None:
        raise ProviderFailed("it holds an assertion within an assertion", "layout")
    _signed_in_place(assertion, [assertion])


def _signed_in_place(root: Any, owners: list[Any]) -> None:
    marks = [each.get(word) for each in root.iter() for word in ("ID", "Id", "id") if each.get(word) is not None]
    if len(marks) != len(set(marks)):
        raise ProviderFailed("two of its parts have the same ID", "layout")
    if next(root.iter(name("ds:Object")), None) is not None:
        raise ProviderFailed("something lies inside a signature", "layout")
    found = [*root.iter(name("ds:Signature"))]
    placed = [each for owner in owners for each in children(owner, "ds:Signature")]
    if len(found) != len(placed) or any(len(children(owner, "ds:Signature")) > 1 for owner in owners):
        raise ProviderFailed("a signature stands where none may", "layout")


def is_signed(element: Any) -> bool:
    """Whether a signature stands right below it."""
    return bool(children(element, "ds:Signature"))


def signed(element: Any, certificates: list[str]) -> Any:
    """What the provider has signed of this element: itself, read anew. Raises ProviderFailed."""
    signature = only(element, "ds:Signature", "signature")
    _about_itself(element, signature)
    expected = signxml.SignatureConfiguration(
        location="./",
        signature_methods=frozenset(getattr(signxml.SignatureMethod, each) for each in METHODS),
        digest_algorithms=frozenset(getattr(signxml.DigestAlgorithm, each) for each in DIGESTS),
    )
    why = "there is no certificate to know it by"
    for text in certificates:
        try:
            found = signxml.XMLVerifier().verify(
                alone(element), x509_cert=keys.certificate(text), expect_config=expected
            ).signed_xml  # fmt: skip
        except Exception as error:  # signxml and what it stands on raise many kinds: none of them is a yes
            why = f"{type(error).__name__}: {error}"
            continue
        if found is None or found.tag != element.tag or found.get("ID") != element.get("ID"):
            raise ProviderFailed("something else was signed", "signature")
        return found
    raise ProviderFailed(f"its signature is not good: {why}", "signature")


def _about_itself(element: Any, signature: Any) -> None:
    """The signature is of the element that it stands in, the whole of it, and by no weak means."""
    about = only(signature, "ds:SignedInfo", "signature")
    reference = only(about, "ds:Reference", "signature")
    if not element.get("ID") or reference.get("URI") != f"#{element.get('ID')}":
        raise ProviderFailed("it is signed for something else", "signature")
    used = [each.get("Algorithm") for each in reference.iter(name("ds:Transform"))]
    if len(used) > 2 or any(each not in TAKEN for each in used) or ENVELOPED not in used:
        raise ProviderFailed("it is signed in part, or in a way that is not taken", "signature")
    words = [only(about, "ds:SignatureMethod", "signature"), only(reference, "ds:DigestMethod", "signature")]
    if any("sha1" in str(each.get("Algorithm")) or "md5" in str(each.get("Algorithm")) for each in words):
        raise ProviderFailed("it is signed with SHA-1; SHA-256 or better is needed", "algorithm")
