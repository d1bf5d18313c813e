"""A small OpenID Connect provider in a process of its own: ``python -m tests.provider PORT``.

It asks nobody for a password: whom it vouches for stands in the parameter ``as`` (JSON claims) of the address it is
visited with; ``as.bad`` makes it lie in one way. It checks what a provider must: redirect address, client, PKCE.
"""

import base64
import hashlib
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "rapport-test", "client secret"
KEY, FOREIGN = (jwk.RSAKey.generate_key(2048, {"kid": "one"}) for _n in range(2))
given: dict[str, dict[str, Any]] = {}


class Provider(BaseHTTPRequestHandler):
    """Discovery, keys, authorisation, token."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            places = {
                name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
            }
            self.tell({"issuer": self.issuer, **places})
        elif parts.path == "/jwks_uri":
            self.tell({"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/authorization_endpoint":
            code = str(len(given))
            given[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.tell({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = given.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        fine = (
            asked is not None
            and (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
            and form["redirect_uri"] == asked["redirect_uri"]
            and proof.decode() == asked["code_challenge"]
        )
        if not fine or asked is None:
            return self.tell({"error": "invalid_grant"}, 400)
        person = json.loads(asked.get("as", "{}"))
        bad, now = person.pop("bad", ""), int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], "iat": now, "exp": now + 300, **person,
            **{"issuer": {"iss": "https://evil.example"}, "audience": {"aud": "another"}, "nonce": {"nonce": "x"},
               "expired": {"exp": now - 300, "iat": now - 600}}.get(bad, {}),
        }  # fmt: skip
        if bad == "none":
            head, body = (
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in ({"alg": "none"}, claims)
            )
            token = f"{head}.{body}."
        elif bad == "hmac":
            public = jwk.OctKey.import_key(KEY.as_pem(private=False))
            token = jwt.encode({"alg": "HS256", "kid": "one"}, claims, public, algorithms=["HS256"])
        else:
            token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, FOREIGN if bad == "key" else KEY)
        self.tell({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def tell(self, answer: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()
