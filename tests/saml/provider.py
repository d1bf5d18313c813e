"""A SAML identity provider by pysaml2 and xmlsec1, in its own process: ``python -m tests.saml.provider PORT FOLDER``.

It shares no code with the product's side. It asks nobody for a password: whom it vouches for stands in the parameter
``as`` (JSON) of the address it is visited with: ``sub``, ``format``, ``said`` {attribute: [values]}, ``sign`` (of
"response", "assertion"), ``encrypt`` ("gcm", "cbc"), ``context``, ``to`` (a question is not needed then), ``sha1``.
``POST /us`` gives it our metadata.
"""

import base64
import datetime as dt
import functools
import html
import json
import sys
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_REDIRECT, entity, sigver
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server

SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


def make_pair(folder: Path, name: str) -> None:
    """A key and its certificate as files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    began = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(began)
    signed = made.not_valid_after(began + dt.timedelta(days=400)).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(pem)
    (folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def server(folder: Path, where: str) -> Server:
    """The provider; it knows us once our metadata lies in the folder."""
    known = [str(folder / "us.xml")] if (folder / "us.xml").exists() else []
    names = {"endpoints": {"single_sign_on_service": [(f"{where}/sso", BINDING_HTTP_REDIRECT)]}}
    policy = {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None,
                          "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}}  # fmt: skip
    return Server(config=IdPConfig().load({
        "entityid": f"{where}/idp", "xmlsec_binary": "/usr/bin/xmlsec1", "metadata": {"local": known},
        "service": {"idp": {**names, "policy": policy, "want_authn_requests_signed": (folder / "strict").exists()}},
        "key_file": str(folder / "idp.key"), "cert_file": str(folder / "idp.pem"), "debug": 0,
        "encryption_keypairs": [{"key_file": str(folder / "idp.key"), "cert_file": str(folder / "idp.pem")}],
        "allow_unknown_attributes": True, "disable_ssl_certificate_validation": True,
    }))  # fmt: skip


class Provider(BaseHTTPRequestHandler):
    """Metadata and sign-in."""

    folder: Path

    @property
    def where(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (self.folder / "us.xml").write_bytes(body)
        server(self.folder, self.where)  # it must be able to read it
        self.tell(b"ok")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/metadata":
            self.tell(str(entity_descriptor(server(self.folder, self.where).config)).encode())
        elif parts.path == "/sso":
            self.tell(self.answer(asked).encode())
        else:
            self.tell(b"up")

    def answer(self, asked: dict[str, str]) -> str:
        """A page whose form brings the answer to us."""
        person = json.loads(asked.get("as") or (self.folder / "as.json").read_text())
        idp = server(self.folder, self.where)
        question, to, us = None, person.get("to"), person.get("us")
        if "SAMLRequest" in asked:
            read = idp.parse_authn_request(
                asked["SAMLRequest"], BINDING_HTTP_REDIRECT, relay_state=asked.get("RelayState"),
                sigalg=asked.get("SigAlg"), signature=asked.get("Signature"),
            )  # fmt: skip
            question, us = read.message.id, read.message.issuer.text
            to = idp.response_args(read.message)["destination"]
        name = NameID(format=person.get("format", NAMEID_FORMAT_PERSISTENT), text=person.get("sub", "sam-1"))
        signature, digest = SHA1 if person.get("sha1") else SHA256
        encrypt_by(person.get("encrypt") or "")
        told = idp.create_authn_response(
            identity=person.get("said", {}), in_response_to=question, destination=to, sp_entity_id=us, name_id=name,
            authn={"class_ref": person.get("context", PASSWORD)},
            sign_response="response" in person.get("sign", ["assertion"]),
            sign_assertion="assertion" in person.get("sign", ["assertion"]), sign_alg=signature, digest_alg=digest,
            encrypt_assertion=bool(person.get("encrypt")), encrypted_advice_attributes=False,
        )  # fmt: skip
        held = base64.b64encode(str(told).encode()).decode()
        relay = html.escape(person.get("relay", asked.get("RelayState", "")))
        return f"""<!doctype html><title>Harbour ID</title><form method="post" action="{html.escape(to)}">
<input type="hidden" name="SAMLResponse" value="{held}"><input type="hidden" name="RelayState" value="{relay}">
<button>Go on as {html.escape(person.get("sub", "sam-1"))}</button></form>"""

    def tell(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def encrypt_by(mode: str) -> None:
    """From now on assertions are encrypted by AES in this mode ("gcm", "cbc"); pysaml2 itself knows only triple DES."""
    space = {"gcm": "http://www.w3.org/2009/xmlenc11#", "cbc": "http://www.w3.org/2001/04/xmlenc#"}.get(mode, "")
    part, encrypt = sigver.pre_encryption_part, sigver.CryptoBackendXmlSec1.encrypt_assertion
    entity.pre_encryption_part = functools.partial(part, msg_enc=f"{space}aes256-{mode}")
    sigver.SecurityContext.encrypt_assertion = lambda self, statement, key, template, key_type="", node_xpath=None: (
        encrypt(self.crypto, statement, key, template, "aes-256", node_xpath)
    )


def question_in(address: str) -> str:
    """The XML of the question in an address."""
    packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
    return zlib.decompress(base64.b64decode(packed), -15).decode()


def main() -> None:
    """Serve until stopped."""
    Provider.folder = Path(sys.argv[2])
    for name in ("idp", "other"):
        make_pair(Provider.folder, name)
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()


if __name__ == "__main__":
    main()
