"""Signing in at a provider that vouches for its people (OpenID Connect: authorisation code with PKCE)."""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing

from rapport.platform import lazy, outgoing
from rapport.platform.identity.providers import Provider
from rapport.platform.identity.vouched import Person, ProviderFailed

jwt, jwk, jose = lazy("joserfc.jwt"), lazy("joserfc.jwk"), lazy("joserfc.errors")
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SALT = "rapport.provider"
PATIENCE = 600
KEPT, TIMEOUT, LARGEST = 3600, 10, 1 << 20
LEEWAY = 60
PLUMBING = ("iss", "aud", "azp", "nonce", "exp", "iat", "nbf", "at_hash", "c_hash", "sid", "jti")


@dataclass(frozen=True, slots=True)
class Client:
    """What we are at a provider: its address as it calls itself, our name and secret there.

    ``guarded``: somebody has typed the address in, so it may not lie in our own network.
    """

    issuer: str
    client: str
    secret: str
    guarded: bool = True


def client_of(held: Provider) -> Client:
    """Us at this provider."""
    secret = settings.OIDC["secret"] if held.is_fixed else held.secrets.get("secret", "")
    return Client(str(held.about.get("issuer", "")), str(held.about.get("client", "")), secret, not held.is_fixed)


def check(issuer: str) -> None:
    """Ask a provider what it says of itself; raises ProviderFailed when it is none."""
    _about(Client(issuer, "", ""))


def begin(held: Client, back: str, onward: str) -> tuple[str, str]:
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


def finish(held: Client, back: str, kept: str, state: str, code: str) -> tuple[Person, str]:
    """(who it is, where he goes) when the browser has come back; raises ProviderFailed."""
    try:
        known, nonce, verifier, onward = signing.loads(kept, salt=SALT, max_age=PATIENCE)
    except signing.BadSignature as error:
        raise ProviderFailed("no sign-in is under way in this browser", "browser") from error
    if not code or not secrets.compare_digest(known, state):
        raise ProviderFailed("the answer belongs to another sign-in", "browser")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier,
        "client_id": held.client, "client_secret": held.secret,
    }  # fmt: skip
    form = {name: value for name, value in form.items() if value}
    told = _fetch(str(_about(held)["token_endpoint"]), held.guarded, form)
    return _read(held, str(told.get("id_token", "")), nonce), onward


def _read(held: Client, token: str, nonce: str) -> Person:
    """What the token says, once it is certain that the provider says it to us, now, and for this sign-in."""
    try:
        claims = _decoded(held, token)
        essential = {"iss": held.issuer, "aud": held.client, "nonce": nonce}
        wanted = {name: {"essential": True, "value": value} for name, value in essential.items()}
        more = {name: {"essential": True} for name in ("sub", "exp", "iat")}
        jwt.JWTClaimsRegistry(leeway=LEEWAY, **wanted, **more).validate(claims)
    except (jose.JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderFailed(f"its token is not good: {error}", "token") from error
    if claims.get("azp", held.client) != held.client:
        raise ProviderFailed("its token is for another program", "audience")
    email = str(claims.get("email") or "").strip() if claims.get("email_verified") is True else ""
    strongly = bool({"mfa", "otp", "hwk", "swk", "fido"} & set(claims.get("amr") or ()))
    name = str(claims.get("name") or "").strip()
    return Person(held.issuer, str(claims["sub"]), email, name, strongly, _said(claims))


def _said(claims: dict[str, Any]) -> dict[str, list[str]]:
    """All claims as texts, those of the protocol left out."""
    found = {
        name: value if isinstance(value, list) else [value] for name, value in claims.items() if name not in PLUMBING
    }
    return {name: [str(each) for each in values] for name, values in found.items()}


def _decoded(held: Client, token: str) -> dict[str, Any]:
    """The claims of a token signed by one of the provider's keys; keys it has changed meanwhile are fetched anew."""
    address = str(_about(held)["jwks_uri"])
    for known in (_kept(address, held.guarded), _kept(address, held.guarded, anew=True)):
        try:
            keys = jwk.KeySet.import_key_set(known)
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            return claims
        except (jose.JoseError, ValueError) as error:
            problem = error
    raise problem


def _about(held: Client) -> dict[str, Any]:
    """What the provider says of itself."""
    found = _kept(held.issuer.rstrip("/") + "/.well-known/openid-configuration", held.guarded)
    if found.get("issuer") != held.issuer:
        raise ProviderFailed(f"it calls itself {found.get('issuer')}, not {held.issuer}")
    return found


_documents: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


def _kept(address: str, guarded: bool, *, anew: bool = False) -> dict[str, Any]:
    with _lock:
        at, found = _documents.get(address, (0.0, {}))
    if found and not anew and at > time.monotonic() - KEPT:
        return found
    found = _fetch(address, guarded)
    with _lock:
        _documents[address] = (time.monotonic(), found)
    return found


def _fetch(address: str, guarded: bool, form: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON document of the provider; only over https, or from this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise ProviderFailed(f"{address} is not https", "unreachable")
    data = urlencode(form).encode() if form is not None else None
    try:
        found = json.loads(_asked(address, data) if not guarded else _asked_outside(address, data))
    except (OSError, ValueError, outgoing.Unreachable) as error:
        raise ProviderFailed(f"{parts.hostname} does not answer as it should: {error}", "unreachable") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"{address} is no JSON object", "unreachable")
    return found


def _asked(address: str, data: bytes | None) -> bytes:
    """What is there, wherever that is: who runs the installation has named it."""
    asked = urllib.request.Request(address, data, {"Accept": "application/json"})
    with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
        found: bytes = answer.read(LARGEST)
        return found


def _asked_outside(address: str, data: bytes | None) -> str:
    """What is there, outside our own network."""
    if data is None:
        answer = outgoing.get(address, LARGEST)
    else:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = outgoing.post(address, data, kind, LARGEST)
    if answer.status != 200:
        raise ValueError(f"status {answer.status}")
    return answer.text
