"""Signatures as the "Standard Webhooks" specification has them, so that ready-made libraries check them.

A webhook's secret is derived from the installation's own; nothing that could leak is stored beside it.
"""

import base64
import hashlib
import hmac

from django.conf import settings

PREFIX = "whsec_"


def secret_of(webhook: str, number: int) -> str:
    """The secret that the receiver knows; another ``number``, another secret."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"webhook {webhook} {number}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def headers(secret: str, delivery: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that let the receiver know who sent ``body``, and when."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
