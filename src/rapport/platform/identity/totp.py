"""Codes that change every half minute (RFC 6238, RFC 4226): six digits and SHA-1, as every authenticator app does."""

import base64
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

STEP, DIGITS, DRIFT = 30, 6, 1


def new_secret() -> str:
    """160 random bits in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one time step."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8), "sha1")
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, *, after: int = 0, moment: float | None = None) -> int | None:
    """The time step whose code this is, now or half a minute off; only one later than ``after``, else None."""
    here = int((time.time() if moment is None else moment) // STEP)
    steps = (step for step in range(here - DRIFT, here + DRIFT + 1) if step > after)
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step), code)), None)


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    label = quote(f"{issuer}:{account}", safe="@:")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
