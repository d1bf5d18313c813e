"""Passkeys against an authenticator in software: what is taken, and what is not."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client

from rapport.platform import db
from rapport.platform.identity import factors
from rapport.platform.identity.models import User
from rapport.platform.identity.sign_in_models import Passkey, SignInEvent
from tests.people import PASSWORD, address

HERE = "http://testserver"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Device:
    """A key pair and a counter, as a phone or a security key holds them. Its flags say who pressed what."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    count: int = 0
    verified: bool = True
    origin: str = HERE

    def _data(self, site: str, more: bytes = b"") -> bytes:
        flags = 1 | (4 if self.verified else 0) | (64 if more else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + more

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        told = {name: b64(value) for name, value in response.items()}
        answer = {"id": b64(self.credential), "rawId": b64(self.credential), "type": "public-key", "response": told}
        return json.dumps(answer | {"clientExtensionResults": {}})

    def create(self, options: dict[str, Any]) -> str:
        """The answer to a registration."""
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        held = bytes(16) + len(self.credential).to_bytes(2) + self.credential + public
        told = {"fmt": "none", "attStmt": {}, "authData": self._data(options["rp"]["id"], held)}
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": cbor2.dumps(told)})

    def get(self, options: dict[str, Any]) -> str:
        """The answer to a sign-in."""
        self.count += 1
        data, client = self._data(options["rpId"]), self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signed})


def asked(client: Client, path: str) -> dict[str, Any]:
    return dict(client.post(path).json())


def register(client: Client, device: Device, name: str = "Phone") -> HttpResponse:
    told = asked(client, "/account/passkeys/options")
    given = {"name": name, "state": told["state"], "credential": device.create(told["options"])}
    return client.post("/account/passkeys/new", given)


def enter(client: Client, device: Device) -> HttpResponse:
    told = asked(client, "/sign-in/passkey/options")
    return client.post("/sign-in/passkey", {"state": told["state"], "credential": device.get(told["options"])})


@pytest.fixture
def sam(seller: User) -> Client:
    client = Client()
    client.post("/sign-in", {"email": address("seller"), "password": PASSWORD})
    return client


def test_a_key_is_registered_under_a_name_and_opens_the_door_alone(sam: Client, seller: User) -> None:
    device, other = Device(), Device()
    assert register(sam, device)["Location"].endswith("passkey")
    assert register(sam, other, "Key ring")["Location"].endswith("passkey")
    browser = Client()
    assert enter(browser, device)["Location"] == "/"
    assert enter(Client(), other).status_code == 302
    page = browser.get("/account/security").content.decode()
    assert "Key ring" in page
    assert "with passkey “Phone”" in page
    assert Passkey.objects.get(name="Phone").used_at
    assert set(SignInEvent.objects.values_list("kind", flat=True)) == {"signed_in", "passkey_added"}


def test_it_is_both_factors_at_once(sam: Client, seller: User) -> None:
    device = Device()
    register(sam, device)
    factors.demand("sales", True)
    assert enter(Client(), device)["Location"] == "/"
    asked_too = Client().post("/sign-in", {"email": address("seller"), "password": PASSWORD})
    assert asked_too["Location"] == "/sign-in/code", "the password alone sets nothing up in his place"
    waiting = Client()
    waiting.post("/sign-in", {"email": address("seller"), "password": PASSWORD})
    assert waiting.get("/sign-in/set-up")["Location"] == "/sign-in/code"
    assert b"Use your passkey" in waiting.get("/sign-in/code").content


def test_an_answer_counts_once_and_only_for_what_was_asked(sam: Client) -> None:
    device = Device()
    register(sam, device)
    browser = Client()
    told = asked(browser, "/sign-in/passkey/options")
    given = {"state": told["state"], "credential": device.get(told["options"])}
    assert browser.post("/sign-in/passkey", given).status_code == 302
    assert Client().post("/sign-in/passkey", given).status_code == 422, "played back"
    other = asked(Client(), "/sign-in/passkey/options")
    mixed = {"state": other["state"], "credential": device.get(told["options"])}
    assert Client().post("/sign-in/passkey", mixed).status_code == 422
    adding = asked(sam, "/account/passkeys/options")
    wrong = {"state": adding["state"], "credential": device.get(told["options"])}
    assert Client().post("/sign-in/passkey", wrong).status_code == 422


@pytest.mark.parametrize(
    "change", [{"origin": "https://evil.example"}, {"verified": False}, {"count": -1}, {"credential": b"x" * 16}]
)
def test_what_proves_nothing_opens_nothing(change: dict[str, Any], sam: Client) -> None:
    device = Device(count=5)
    register(sam, device)
    for name, value in change.items():
        setattr(device, name, value)
    assert enter(Client(), device).status_code == 422
    copied = Device()
    copied.credential = Device(count=5).credential
    assert enter(Client(), copied).status_code == 422


def test_a_key_of_somebody_who_may_no_longer_sign_in_opens_nothing(sam: Client, seller: User) -> None:
    device = Device()
    register(sam, device)
    db.execute("UPDATE user_account SET is_active = %s WHERE id = %s", (False, db.key(seller.id)))
    assert enter(Client(), device).status_code == 422


def test_a_removed_key_opens_nothing_and_nobody_removes_anothers(sam: Client, manager: User) -> None:
    device, mona = Device(), Client()
    register(sam, device)
    number = Passkey.objects.get().id
    mona.post("/sign-in", {"email": address("manager"), "password": PASSWORD})
    mona.post(f"/account/passkeys/{number}/remove")
    assert enter(Client(), device).status_code == 302
    sam.post(f"/account/passkeys/{number}/remove")
    assert enter(Client(), device).status_code == 422


def test_the_same_key_is_not_registered_twice_nor_for_two(sam: Client, manager: User) -> None:
    device, mona = Device(), Client()
    register(sam, device)
    told = asked(sam, "/account/passkeys/options")["options"]
    assert [each["id"] for each in told["excludeCredentials"]] == [b64(device.credential)]
    mona.post("/sign-in", {"email": address("manager"), "password": PASSWORD})
    for client in (sam, mona):
        assert register(client, device).status_code == 422
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("given", ["", "{}", "[]", "null", '{"id": 1}', '{"id": "x", "response": 5}', "\x00"])
def test_no_answer_however_odd_breaks_the_gate(given: str, sam: Client) -> None:
    state = asked(Client(), "/sign-in/passkey/options")["state"]
    assert Client().post("/sign-in/passkey", {"state": state, "credential": given}).status_code == 422
    adding = asked(sam, "/account/passkeys/options")["state"]
    answer = sam.post("/account/passkeys/new", {"name": "x", "state": adding, "credential": given})
    assert answer.status_code == 422
    assert re.search(r"did not work", answer.content.decode())
