"""Signing in at a provider that vouches for its people (OpenID Connect: authorisation code with PKCE)."""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing

from rapport.platform import lazy

jwt, jwk, jose = lazy("joserfc.jwt"), lazy("joserfc.jwk"), lazy("joserfc.errors")
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SALT = "rapport.provider"
PATIENCE = 600
KEPT, TIMEOUT, LARGEST = 3600, 10, 1 << 20
LEEWAY = 60


class ProviderFailed(Exception):
    """The provider cannot be reached, or what it says proves nothing; the reason is for the log."""


@dataclass(frozen=True, slots=True)
class Provider:
    """As the settings name it. ``role``: what somebody unknown gets at his first sign-in; empty: he is refused."""

    issuer: str
    client: str
    secret: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for. ``email`` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    name: str
    strongly: bool


def provider() -> Provider | None:
    """The provider, where one is set up."""
    return Provider(**settings.OIDC) if settings.OIDC["issuer"] and settings.OIDC["client"] else None


def begin(held: Provider, back: str, onward: str) -> tuple[str, str]:
    """(where to send the browser, what it keeps meanwhile)."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _n in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "scope": "openid email profile", "client_id": held.client, "redirect_uri": back,
        "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    where = str(_about(held)["authorization_endpoint"])
    joint = "&" if urlsplit(where).query else "?"
    return where + joint + urlencode(asked), signing.dumps([state, nonce, verifier, onward], salt=SALT)


def finish(held: Provider, back: str, kept: str, state: str, code: str) -> tuple[Person, str]:
    """(who it is, where he goes) when the browser has come back; raises ProviderFailed."""
    try:
        known, nonce, verifier, onward = signing.loads(kept, salt=SALT, max_age=PATIENCE)
    except signing.BadSignature as error:
        raise ProviderFailed("no sign-in is under way in this browser") from error
    if not code or not secrets.compare_digest(known, state):
        raise ProviderFailed("the answer belongs to another sign-in")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier,
        "client_id": held.client, "client_secret": held.secret,
    }  # fmt: skip
    told = _fetch(str(_about(held)["token_endpoint"]), {name: value for name, value in form.items() if value})
    return _read(held, str(told.get("id_token", "")), nonce), onward


def _read(held: Provider, token: str, nonce: str) -> Person:
    """What the token says, once it is certain that the provider says it to us, now, and for this sign-in."""
    try:
        claims = _decoded(held, token)
        essential = {"iss": held.issuer, "aud": held.client, "nonce": nonce}
        wanted = {name: {"essential": True, "value": value} for name, value in essential.items()}
        more = {name: {"essential": True} for name in ("sub", "exp", "iat")}
        jwt.JWTClaimsRegistry(leeway=LEEWAY, **wanted, **more).validate(claims)
    except (jose.JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderFailed(f"its token is not good: {error}") from error
    if claims.get("azp", held.client) != held.client:
        raise ProviderFailed("its token is for another program")
    email = str(claims.get("email") or "").strip() if claims.get("email_verified") is True else ""
    strongly = bool({"mfa", "otp", "hwk", "swk", "fido"} & set(claims.get("amr") or ()))
    return Person(held.issuer, str(claims["sub"]), email, str(claims.get("name") or "").strip(), strongly)


def _decoded(held: Provider, token: str) -> dict[str, Any]:
    """The claims of a token signed by one of the provider's keys; keys it has changed meanwhile are fetched anew."""
    address = str(_about(held)["jwks_uri"])
    for known in (_kept(address), _kept(address, anew=True)):
        try:
            keys = jwk.KeySet.import_key_set(known)
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            return claims
        except (jose.JoseError, ValueError) as error:
            problem = error
    raise problem


def _about(held: Provider) -> dict[str, Any]:
    """What the provider says of itself."""
    found = _kept(held.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != held.issuer:
        raise ProviderFailed(f"it calls itself {found.get('issuer')}, not {held.issuer}")
    return found


_documents: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


def _kept(address: str, *, anew: bool = False) -> dict[str, Any]:
    with _lock:
        at, found = _documents.get(address, (0.0, {}))
    if found and not anew and at > time.monotonic() - KEPT:
        return found
    found = _fetch(address)
    with _lock:
        _documents[address] = (time.monotonic(), found)
    return found


def _fetch(address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON document of the provider; only over https, or from this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise ProviderFailed(f"{address} is not https")
    data = urlencode(form).encode() if form is not None else None
    asked = urllib.request.Request(address, data, {"Accept": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
            found = json.loads(answer.read(LARGEST))
    except (OSError, ValueError) as error:
        raise ProviderFailed(f"{parts.hostname} does not answer as it should: {error}") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"{address} is no JSON object")
    return found
