"""An assertion that was encrypted for us (XML Encryption): opened with our private key.

An answer never says why it could not be opened, and tries are slowed down per address: nobody can ask our key question
after question. RSA with the padding of PKCS #1 1.5 is not taken.
"""

import base64
from typing import Any

from rapport.platform import lazy
from rapport.platform.identity.saml import keys
from rapport.platform.identity.saml.reading import NAMES, children, name, only, parsed, text_of
from rapport.platform.identity.vouched import ProviderFailed

aead = lazy("cryptography.hazmat.primitives.ciphers.aead")
ciphers = lazy("cryptography.hazmat.primitives.ciphers")
algorithms = lazy("cryptography.hazmat.primitives.ciphers.algorithms")
modes = lazy("cryptography.hazmat.primitives.ciphers.modes")
padding = lazy("cryptography.hazmat.primitives.asymmetric.padding")
hashes = lazy("cryptography.hazmat.primitives.hashes")
XENC, XENC11, DSIG = NAMES["xenc"], NAMES["xenc11"], NAMES["ds"]
DATA = {
    XENC11 + "aes128-gcm": (16, True), XENC11 + "aes192-gcm": (24, True), XENC11 + "aes256-gcm": (32, True),
    XENC + "aes128-cbc": (16, False), XENC + "aes192-cbc": (24, False), XENC + "aes256-cbc": (32, False),
}  # fmt: skip
DIGESTS = {
    DSIG + "sha1": "SHA1", XENC + "sha256": "SHA256", XENC + "sha512": "SHA512",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "SHA384",
}  # fmt: skip
MASKS = {XENC11 + f"mgf1{each}": each.upper() for each in ("sha1", "sha256", "sha384", "sha512")}
BLOCK = 16


def opened(encrypted: Any, pem: str) -> Any:
    """The assertion that lies in this EncryptedAssertion; raises ProviderFailed."""
    data = only(encrypted, "xenc:EncryptedData", "encryption")
    method = only(data, "xenc:EncryptionMethod", "encryption").get("Algorithm")
    if method not in DATA:
        raise ProviderFailed(f"it is encrypted by {method}; AES is taken", "encryption")
    size, sealed = DATA[method]
    wrapped = [*data.iter(name("xenc:EncryptedKey")), *children(encrypted, "xenc:EncryptedKey")]
    if len(wrapped) != 1:
        raise ProviderFailed(f"it holds {len(wrapped)} keys, not one", "encryption")
    how = _padding(only(wrapped[0], "xenc:EncryptionMethod", "encryption"))
    ours = keys.private(pem)
    try:
        key = ours.decrypt(_cipher(wrapped[0]), how)
        if len(key) != size:
            raise ValueError("size of the key")
        plain = _plain(key, _cipher(data), sealed)
    except Exception as error:  # whatever goes wrong in there, one answer
        raise ProviderFailed("it cannot be opened with our key", "encryption") from error
    try:
        found = parsed(plain)
    except ProviderFailed as error:
        raise ProviderFailed("it cannot be opened with our key", "encryption") from error
    if found.tag != name("saml:Assertion"):
        raise ProviderFailed("it cannot be opened with our key", "encryption")
    return found


def _plain(key: bytes, cipher: bytes, sealed: bool) -> bytes:
    if sealed:
        opened: bytes = aead.AESGCM(key).decrypt(cipher[:12], cipher[12:], None)
        return opened
    door = ciphers.Cipher(algorithms.AES(key), modes.CBC(cipher[:BLOCK])).decryptor()
    padded: bytes = door.update(cipher[BLOCK:]) + door.finalize()
    if not 1 <= padded[-1] <= BLOCK:
        raise ValueError("padding")
    return padded[: -padded[-1]]


def _padding(method: Any) -> Any:
    """How the key was wrapped: OAEP alone."""
    called = method.get("Algorithm")
    if called not in (XENC + "rsa-oaep-mgf1p", XENC11 + "rsa-oaep"):
        raise ProviderFailed(f"its key is wrapped by {called}; RSA-OAEP is taken", "encryption")
    digest = next((each.get("Algorithm") for each in children(method, "ds:DigestMethod")), DSIG + "sha1")
    mask = next((each.get("Algorithm") for each in children(method, "xenc11:MGF")), XENC11 + "mgf1sha1")
    if digest not in DIGESTS or mask not in MASKS:
        raise ProviderFailed("its key is wrapped with an unknown digest", "encryption")
    hash_of = {each: getattr(hashes, each)() for each in (DIGESTS[digest], MASKS[mask])}
    return padding.OAEP(padding.MGF1(hash_of[MASKS[mask]]), hash_of[DIGESTS[digest]], None)


def _cipher(holder: Any) -> bytes:
    held = only(holder, "xenc:CipherData", "encryption")
    return base64.b64decode("".join(text_of(only(held, "xenc:CipherValue", "encryption")).split()), validate=True)
