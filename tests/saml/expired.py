"""A certificate that has ended, for a key that is good."""

import base64
import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


def certificate(pem: bytes, ended: int = 2) -> str:
    """In base64; it ended so many days ago (negative: it will)."""
    key = serialization.load_pem_private_key(pem, None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "old")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=90))
        .not_valid_after(now - dt.timedelta(days=ended)).sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )  # fmt: skip
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()
