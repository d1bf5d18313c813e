"""Certificates: ours, made for each provider, and the provider's, by which its word is known."""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from typing import Any

from rapport.platform import lazy
from rapport.platform.clock import now
from rapport.platform.identity.vouched import ProviderFailed

x509 = lazy("cryptography.x509")
rsa = lazy("cryptography.hazmat.primitives.asymmetric.rsa")
ec = lazy("cryptography.hazmat.primitives.asymmetric.ec")
hashes = lazy("cryptography.hazmat.primitives.hashes")
serialization = lazy("cryptography.hazmat.primitives.serialization")
SIZE, SMALLEST, YEARS = 3072, 2048, 10
SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Known:
    """A certificate as people see it. ``text``: its DER in base64, as it stands in metadata."""

    text: str
    subject: str
    ends: dt.datetime
    fingerprint: str

    @property
    def is_over(self) -> bool:
        return self.ends <= now()

    @property
    def ends_soon(self) -> bool:
        return now() < self.ends <= now() + SOON


def certificate(text: str) -> Any:
    """A certificate from base64 of its DER, with or without the lines of PEM; raises ProviderFailed."""
    plain = "".join(line for line in text.strip().splitlines() if "-----" not in line)
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(plain.split()), validate=True))
        key = found.public_key()
    except (ValueError, binascii.Error) as error:
        raise ProviderFailed("its certificate cannot be read", "certificate") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SMALLEST:
        raise ProviderFailed(f"its key has {key.key_size} bits; at least {SMALLEST} are needed", "certificate")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ProviderFailed("its key is neither RSA nor an elliptic curve", "certificate")
    return found


def known(text: str) -> Known:
    """What there is to say of a certificate; raises ProviderFailed."""
    found = certificate(text)
    plain = base64.b64encode(found.public_bytes(serialization.Encoding.DER)).decode()
    print_ = found.fingerprint(hashes.SHA256()).hex()
    return Known(plain, found.subject.rfc4514_string()[:200], found.not_valid_after_utc, print_)


def pair(called: str) -> tuple[str, str]:
    """(private key as PEM, certificate as base64 of its DER): ours, towards one provider."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=SIZE)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, called[:64])])
    began = now() - dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(began)
        .not_valid_after(began + dt.timedelta(days=365 * YEARS)).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def private(pem: str) -> Any:
    """Our private key; raises ProviderFailed when it was sealed by another installation's secret."""
    if not pem:
        raise ProviderFailed("our private key cannot be opened: the installation's secret was changed", "key")
    return serialization.load_pem_private_key(pem.encode(), None)
