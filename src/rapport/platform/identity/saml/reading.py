"""XML that a stranger sent: read without its tricks, or refused."""

from typing import Any

from rapport.platform import lazy
from rapport.platform.identity.vouched import ProviderFailed

etree = lazy("lxml.etree")
LARGEST = 256 * 1024
NAMES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "xenc11": "http://www.w3.org/2009/xmlenc11#",
}
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
PROTOCOL = NAMES["samlp"]


def name(short: str) -> str:
    """``saml:Assertion`` as the parser writes it."""
    prefix, _colon, local = short.partition(":")
    return f"{{{NAMES[prefix]}}}{local}"


def parsed(text: bytes, largest: int = LARGEST, *, strict: bool = True) -> Any:
    """The root of a document in UTF-8, without declarations of its own; raises ProviderFailed.

    Comments have parted names in two for programs that read only the first half: ``strict`` refuses them and
    instructions, else (what an administrator gives us) they are left out.
    """
    if len(text) > largest:
        raise ProviderFailed(f"it is larger than {largest >> 10} kB", "form")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProviderFailed("it is not written in UTF-8", "form") from error
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        raise ProviderFailed("it declares entities or a document type of its own", "form")
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    parser = etree.XMLParser(**safe, remove_comments=not strict, remove_pis=not strict)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ProviderFailed(f"it is no XML: {error}", "form") from error
    about = root.getroottree().docinfo
    if about.doctype or (about.encoding or "UTF-8").upper() not in ("UTF-8", "US-ASCII", "ASCII"):
        raise ProviderFailed("it declares a document type or an encoding other than UTF-8", "form")
    strange = (etree.Comment, etree.ProcessingInstruction, etree.Entity)
    if next(root.iter(*strange), None) is not None or root.getprevious() is not None or root.getnext() is not None:
        raise ProviderFailed("it holds comments or processing instructions", "form")
    return root


def children(parent: Any, short: str) -> list[Any]:
    """The elements of this name right below."""
    return list(parent.findall(name(short)))


def only(parent: Any, short: str, code: str) -> Any:
    """The one element of this name right below; raises ProviderFailed for none or several."""
    found = children(parent, short)
    if len(found) != 1:
        raise ProviderFailed(f"it holds {len(found)} of {short}, not one", code)
    return found[0]


def text_of(element: Any) -> str:
    """All the text in it."""
    return "".join(element.itertext()).strip()


def alone(element: Any) -> bytes:
    """The element as a document of its own."""
    return bytes(etree.tostring(element, with_tail=False))
