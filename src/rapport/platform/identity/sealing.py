"""Secrets that must be read again: sealed with the installation's secret, so that the database alone opens none."""

import base64
from typing import Any

from django.utils.crypto import salted_hmac

from rapport.platform import lazy

fernet = lazy("cryptography.fernet")


def sealed(purpose: str, secret: str) -> str:
    """``secret`` as it is stored; what is sealed for one purpose opens for no other."""
    return str(_seal(purpose).encrypt(secret.encode()).decode())


def opened(purpose: str, stored: str) -> str | None:
    """The secret; None when it was sealed by another installation's secret."""
    try:
        return str(_seal(purpose).decrypt(stored.encode()).decode())
    except fernet.InvalidToken:
        return None


def _seal(purpose: str) -> Any:
    return fernet.Fernet(base64.urlsafe_b64encode(salted_hmac(purpose, "seal", algorithm="sha256").digest()))
